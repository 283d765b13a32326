addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  const heights = frames.map((frame) => frame.contentDocument.documentElement.scrollHeight);
  document.body.textContent = `heights:${heights.join()};`;
});
