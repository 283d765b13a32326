"use strict";
const tell = () => {
  const { documentElement: root, body } = document;
  const height = Math.max(root.offsetHeight, body.offsetHeight);
  parent.postMessage({ fascicle: "height", height }, "*");
};
const observer = new ResizeObserver(tell);
observer.observe(document.documentElement);
observer.observe(document.body);
addEventListener("click", (event) => {
  const link = event.target.closest("a[href], area[href]");
  if (!link) return;
  event.preventDefault();
  parent.postMessage({ fascicle: "link", href: link.href }, "*");
}, true);
addEventListener("submit", (event) => event.preventDefault(), true);
tell();
