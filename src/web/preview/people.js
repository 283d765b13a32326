// Every sample × every part: asks for the letters in portions, and measures in
// a frame as wide as a phone whether they fit. Only rows that are on the screen
// are measured, two frames at a time.

const PORTION = 5;
const PHONE = 360;
const FRAMES = 2;
const PATIENCE = 8000;
const FITS = 1;
let table = null;
let queue = [];
let measured = 0;
const running = new Map();

function mark(cell, what) {
  cell.classList.add("bad");
  const link = cell.firstElementChild;
  link.textContent = "!";
  const said = `${link.getAttribute("aria-label")}: ${what}`;
  link.setAttribute("aria-label", said);
  link.title = said;
}

function say() {
  const line = document.querySelector(".measured");
  if (!line) return;
  const bad = document.querySelectorAll(".people td.bad").length;
  const waits = queue.length + running.size;
  const found = bad === 0 ? "nothing breaks" : `${bad} break`;
  const sum = document.querySelector("[data-sum]");
  if (sum && waits === 0 && measured > 0) sum.textContent = `${measured} mails measured: ${found}`;
  line.textContent = waits > 0 ? `${measured} measured, ${waits} to go: ${found}` : `${measured} measured: ${found}`;
}

async function ask(owner) {
  const rows = [...owner.querySelectorAll("tr[data-row]")];
  for (let at = 0; at < rows.length; at += PORTION) {
    if (!owner.isConnected || owner !== table) return;
    const portion = rows.slice(at, at + PORTION);
    const url = new URL(owner.dataset.cells, location.href);
    url.search = location.search;
    url.searchParams.set("from", portion[0].dataset.row);
    const answer = await fetch(url);
    if (!answer.ok) return;
    const { rows: states } = await answer.json();
    portion.forEach((row, index) => fill(row, states[index] ?? []));
  }
  say();
}

function fill(row, states) {
  [...row.querySelectorAll("td")].forEach((cell, index) => {
    if (states[index]) mark(cell, states[index]);
    else cell.classList.add("made");
  });
  watch.observe(row);
}

const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    watch.unobserve(target);
    queue.push(...target.querySelectorAll("td.sent.made"));
  }
  next();
});

function next() {
  while (running.size < FRAMES && queue.length > 0) {
    const cell = queue.shift();
    if (!cell.isConnected) continue;
    const frame = document.createElement("iframe");
    frame.className = "measure";
    frame.width = PHONE;
    frame.title = "A mail that is measured";
    frame.tabIndex = -1;
    frame.setAttribute("aria-hidden", "true");
    frame.setAttribute("sandbox", "allow-scripts");
    const link = new URL(cell.firstElementChild.href);
    frame.src = `/frame${link.pathname}${link.search}`;
    running.set(frame, cell);
    // Who says nothing is not waited for.
    setTimeout(() => {
      if (!running.delete(frame)) return;
      frame.remove();
      mark(cell, "it does not say how wide it is");
      next();
    }, PATIENCE);
    document.querySelector(".people").append(frame);
  }
  say();
}

addEventListener("message", ({ source, data }) => {
  if (data?.fascicle !== "height") return;
  const frame = [...running.keys()].find((one) => one.contentWindow === source);
  if (!frame) return;
  // Now and then a frame speaks before it has its width.
  if (data.width !== PHONE) return requestAnimationFrame(() => source.postMessage({ fascicle: "tell" }, "*"));
  const cell = running.get(frame);
  running.delete(frame);
  frame.remove();
  measured += 1;
  if (data.overflow > FITS) mark(cell, `${data.overflow} px wider than a phone`);
  next();
});

export function paint() {
  const found = document.querySelector(".people");
  const edition = document.documentElement.dataset.edition + location.href;
  if (found && table === found && found.dataset.asked === edition) return;
  watch.disconnect();
  for (const frame of running.keys()) frame.remove();
  running.clear();
  queue = [];
  measured = 0;
  table = found;
  if (!found) return;
  found.dataset.asked = edition;
  ask(found);
}
