"use strict";
let { look, files } = document.currentScript.dataset;
const post = (message) => parent.postMessage(message, "*");

// How tall the mail is, and how much wider than its window.
const tell = () => {
  const { documentElement: root, body } = document;
  const height = Math.max(root.offsetHeight, body.offsetHeight);
  const overflow = Math.max(root.scrollWidth, body.scrollWidth) - root.clientWidth;
  post({ fascicle: "height", height, overflow, width: root.clientWidth });
};
const observer = new ResizeObserver(tell);

addEventListener("submit", (event) => event.preventDefault(), true);

// Where a piece of the mail came from: marks say file and lines.
const MARKED = "[data-at], [class*=fascicle-at-]";
let marked = [];
const markOf = (element) => {
  const mark = element.dataset.at ?? element.className.match(/fascicle-at-(\d+-\d+-\d+)/)?.[1];
  const [file, first, last] = (mark ?? "").split("-").map(Number);
  return { file: files.split("|")[file]?.replaceAll("%7C", "|"), first, last };
};
const say = (kind, element, href) => {
  const { top, height } = element.getBoundingClientRect();
  const text = element.innerText.trim();
  post({ fascicle: kind, ...markOf(element), top: top + scrollY, height, href, text });
};
let picked = null;
let last = 0;
const pick = (element, href) => {
  picked?.style.removeProperty("outline");
  picked = element;
  last = marked.indexOf(element);
  element.style.setProperty("outline", "2px solid #2f8f7f", "important");
  say("picked", element, href);
};
// A link goes nowhere here; where it would go is said.
addEventListener("click", (event) => {
  const href = event.target.closest("a[href], area[href]")?.href;
  if (href) event.preventDefault();
  const element = event.target.closest(MARKED);
  if (element) pick(element, href);
  else if (href) post({ fascicle: "link", href });
}, true);
addEventListener("dblclick", ({ target }) => {
  const element = target.closest(MARKED);
  if (element) say("edit", element);
});
// One stop of the tab key; arrows go from piece to piece, Enter edits.
addEventListener("focusin", ({ target }) => {
  const element = target.closest(MARKED);
  if (element) pick(element);
});
addEventListener("keydown", (event) => {
  const at = marked.indexOf(event.target.closest(MARKED));
  if (at < 0) return;
  if (event.key === "Enter") say("edit", marked[at]);
  const next = marked[at + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0)];
  if (event.key.startsWith("Arrow") && next && next !== event.target) {
    marked[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  }
});

// Programs that darken mail by themselves. Partly: light grounds and dark
// letters change, what is dark already stays. Wholly: every color turns.
const parts = (color) => {
  const found = color.match(/[\d.]+/g)?.map(Number);
  return found && (found[3] ?? 1) > 0 ? found : null;
};
const turn = (color, wanted) => {
  const found = parts(color);
  if (!found) return null;
  const [r, g, b] = found.map((part) => part / 255);
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  const light = (high + low) / 2;
  if (!wanted(light)) return null;
  const spread = high - low;
  let hue = 0;
  if (spread > 0) {
    if (high === r) hue = ((g - b) / spread + 6) % 6;
    else if (high === g) hue = (b - r) / spread + 2;
    else hue = (r - g) / spread + 4;
  }
  const deep = spread === 0 ? 0 : spread / (1 - Math.abs(2 * light - 1));
  return `hsl(${hue * 60} ${deep * 100}% ${(0.08 + (1 - light) * 0.88) * 100}%)`;
};
const darken = (isWhole) => {
  const changes = [];
  const isLight = (light) => isWhole || light > 0.5;
  const isDark = (light) => isWhole || light < 0.5;
  for (const element of document.querySelectorAll("body, body *")) {
    const style = getComputedStyle(element);
    const change = (name, color) => color && changes.push([element, name, color]);
    change("background-color", turn(style.backgroundColor, isLight));
    change("color", turn(style.color, isDark));
    for (const side of ["top", "right", "bottom", "left"]) {
      if (parseFloat(style[`border-${side}-width`]) > 0) {
        change(`border-${side}-color`, turn(style[`border-${side}-color`], isLight));
      }
    }
  }
  for (const [element, name, color] of changes) element.style.setProperty(name, color, "important");
  document.documentElement.style.setProperty("background-color", "#141414", "important");
};

const focusLast = () => {
  const element = marked[last] ?? marked[0];
  if (!element) return;
  for (const other of marked) other.removeAttribute("tabindex");
  element.tabIndex = 0;
  element.focus({ preventScroll: true });
};

const begin = () => {
  observer.disconnect();
  observer.observe(document.documentElement);
  observer.observe(document.body);
  marked = [...document.querySelectorAll(MARKED)];
  if (marked.length > 0) marked[0].tabIndex = 0;
  picked = null;
  if (look === "partly" || look === "wholly") darken(look === "wholly");
  tell();
};

// A mail that changed takes the place of this one: faster than a new frame, and
// nothing jumps. Scripts of a parsed document do not run; the policy stays.
addEventListener("message", ({ source, data }) => {
  if (source !== parent) return;
  if (data?.fascicle === "tell") tell();
  // Back from the editor: to the piece from which it was opened.
  if (data?.fascicle === "focus") focusLast();
  if (data?.fascicle !== "fresh") return;
  const next = new DOMParser().parseFromString(data.html, "text/html");
  const ours = [...next.querySelectorAll("script[data-look]")].at(-1);
  if (!ours) return;
  ({ look, files } = ours.dataset);
  const hadFocus = document.hasFocus() && marked.includes(document.activeElement);
  document.replaceChild(document.adoptNode(next.documentElement), document.documentElement);
  begin();
  if (hadFocus) focusLast();
});
post({ fascicle: "ready" });
begin();
