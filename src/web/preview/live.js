// Repaints the page when the project changes, in place: what has focus, is
// typed, is open or is scrolled to stays. A mail that changed takes its place in
// the frame that is there; another mail comes in a frame of its own, which is
// swapped in when it is ready.

import { paint as paintSeries } from "/series.js";
import { paint as paintMessage } from "/message.js";
import { paint as paintPeople } from "/people.js";

// What a page does besides, once it stands and after each repaint.
const paint = () => [paintSeries, paintMessage, paintPeople].forEach((one) => one());

const channel = new BroadcastChannel("fascicle preview");
const coming = new WeakMap();
const heights = new WeakMap();
// Frames whose mail was changed in place: the address of what they show.
const refreshed = new WeakMap();
let shown = document.documentElement.dataset.edition;
let pending = null;
let isBusy = false;
// Only the page that listens knows what was said last.
let tellLast = () => {};

// One stream for all pages: a browser opens six connections to a host, and a
// seventh page would wait for ever. Whoever holds the lock listens; when that
// page goes, the next one does.
navigator.locks.request("fascicle preview", () => new Promise(listen));

function listen() {
  const source = new EventSource("/events");
  let last;
  const pass = (message) => {
    channel.postMessage(message);
    hear(message);
  };
  source.addEventListener("edition", (event) => pass((last = { edition: event.data })));
  source.addEventListener("mail", () => pass({ mail: true }));
  source.addEventListener("error", () => {
    pass((last = { lost: true }));
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(listen, 1000);
      source.close();
    }
  });
  tellLast = () => last && channel.postMessage(last);
}

channel.addEventListener("message", ({ data }) => {
  if (data.hello) tellLast();
});

channel.addEventListener("message", ({ data }) => hear(data));
// A page that opened between two events asks what the last one was.
channel.postMessage({ hello: true });

function hear(message) {
  if (message.lost) say("The preview was stopped. This page waits for it.");
  if (message.mail && location.pathname.startsWith("/inbox")) repaint("keep");
  if (!message.edition) return;
  say("live");
  if (message.edition !== shown) repaint("keep");
}

function say(text) {
  const live = document.querySelector(".live");
  live.textContent = text;
  live.dataset.state = text === "live" ? "on" : "off";
}

// `typed` says what becomes of what was typed: a change of files keeps it, a
// way to another address follows that.
async function repaint(typed) {
  if (pending !== "follow") pending = typed;
  if (isBusy) return;
  isBusy = true;
  try {
    while (pending) {
      const typed = pending;
      pending = null;
      const url = location.href;
      const address = new URL(url);
      if (document.querySelector("#zones option")) address.searchParams.set("known", "zones");
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (url !== location.href) {
        pending = "follow";
        continue;
      }
      document.title = page.title;
      shown = page.documentElement.dataset.edition;
      mend(document.body, page.body, typed);
      paint();
    }
  } catch {
    // The stream says by itself when the preview is back.
    pending = null;
  } finally {
    isBusy = false;
  }
}

// Makes `old` like `next` with as few changes as possible.
function mend(old, next, typed) {
  if (old.dataset?.keep !== undefined) return;
  if (old.tagName === "IFRAME") return mendFrame(old, next);
  mendAttributes(old, next);
  if (typed === "follow") follow(old, next);
  mendChildren(old, next, typed);
}

function mendAttributes(old, next) {
  // What the reader opened, and what this module measured, is not in the page.
  const ours = (name) =>
    name === "style" || (name === "open" && old.tagName === "DETAILS") || (name === "src" && old.tagName === "IFRAME");
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !ours(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value && !(ours(name) && old.tagName === "IFRAME")) old.setAttribute(name, value);
  }
}

function follow(old, next) {
  if (old.tagName === "INPUT" && next.hasAttribute("value")) old.value = next.getAttribute("value");
  if (old.tagName === "OPTION") old.selected = next.hasAttribute("selected");
}

function mendChildren(old, next, typed) {
  const isLike = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.dataset?.key === b.dataset?.key;
  let at = skip(old.firstChild);
  for (const wish of [...next.childNodes]) {
    const key = wish.dataset?.key;
    let match = at;
    while (match && !isLike(match, wish)) match = key || !match.dataset?.key ? skip(match.nextSibling) : null;
    if (!match) {
      old.insertBefore(document.importNode(wish, true), at);
      continue;
    }
    while (at !== match) {
      const gone = at;
      at = skip(at.nextSibling);
      gone.remove();
    }
    if (match.nodeType === Node.ELEMENT_NODE) mend(match, wish, typed);
    else if (match.data !== wish.data) match.data = wish.data;
    at = skip(match.nextSibling);
  }
  while (at) {
    const gone = at;
    at = skip(at.nextSibling);
    gone.remove();
  }
}

// Frames that are on their way are nobody's counterpart.
function skip(node) {
  while (node && coming.has(node)) node = node.nextSibling;
  return node;
}

function mendFrame(old, next) {
  for (const frame of [...old.parentNode.children]) if (coming.has(frame)) frame.remove();
  const wanted = next.getAttribute("src");
  if (addressOf(old) === wanted) return mendAttributes(old, next);
  if (withoutVersion(addressOf(old)) === withoutVersion(wanted)) {
    mendAttributes(old, next);
    return refresh(old, wanted, next);
  }
  swap(old, next);
}

const addressOf = (frame) => refreshed.get(frame) ?? frame.getAttribute("src");
const withoutVersion = (address) => address.replace(/[?&]v=[0-9a-f]+$/, "");

// The same mail, changed: its frame takes the new one in.
async function refresh(frame, wanted, next) {
  refreshed.set(frame, wanted);
  let answer;
  let html;
  try {
    answer = await fetch(wanted);
    html = await answer.text();
  } catch {
    // The stream says when the preview is back; then it is asked for again.
    refreshed.delete(frame);
    return;
  }
  if (addressOf(frame) !== wanted || !frame.isConnected) return;
  if (answer.ok) frame.contentWindow?.postMessage({ fascicle: "fresh", html }, "*");
  else if (next) swap(frame, next);
}

function swap(old, next) {
  const fresh = document.importNode(next, true);
  fresh.classList.add("coming");
  fresh.style.height = old.style.height;
  // A lazy frame waits for the next look at the window, a sixtieth of a second.
  const { top, bottom } = old.getBoundingClientRect();
  if (bottom > -innerHeight && top < 2 * innerHeight) fresh.loading = "eager";
  coming.set(fresh, old);
  fresh.addEventListener("load", () => arrive(fresh), { once: true });
  old.after(fresh);
}

function arrive(fresh) {
  const old = coming.get(fresh);
  if (!old || !fresh.isConnected) return;
  coming.delete(fresh);
  fresh.classList.remove("coming");
  const height = heights.get(fresh);
  if (height) fresh.style.height = height;
  old.remove();
}

addEventListener("message", ({ source, data }) => {
  const frames = document.querySelectorAll("iframe.mail");
  const frame = [...frames].find((one) => one.contentWindow === source);
  if (!frame || !data) return;
  if (data.fascicle === "ready") {
    // It changed while it was on its way.
    if (refreshed.has(frame)) refresh(frame, refreshed.get(frame));
    return;
  }
  if (data.fascicle === "link") return tellLink(String(data.href));
  if (data.fascicle !== "height" || !frame.classList.contains("whole")) return arrive(frame);
  const height = Math.min(Math.max(Number(data.height) || 0, 40), 30000);
  heights.set(frame, `${Math.ceil(height)}px`);
  if (!coming.has(frame)) frame.style.height = heights.get(frame);
  arrive(frame);
});

// A link in a mail goes nowhere here; this says where it would.
function tellLink(href) {
  const line = document.querySelector(".leads");
  if (line) line.textContent = `This link leads to ${href}`;
}

// Ways within the studio change the page in place, so that frames need not
// flicker; everything works without.
async function go(url) {
  const isElsewhere = new URL(url).pathname !== location.pathname;
  history.pushState(null, "", url);
  if (isElsewhere) scrollTo(0, 0);
  await repaint("follow");
  if (isElsewhere) document.querySelector("#content").focus({ preventScroll: true });
}

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-soft]");
  const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.button !== 0) return;
  event.preventDefault();
  go(link.href);
});

addEventListener("submit", (event) => {
  if (event.target.dataset.soft === undefined) return;
  event.preventDefault();
  submit(event.target);
});

addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.dataset.soft !== undefined && event.target.tagName === "SELECT") submit(form);
});

// Other modules go where a form would.
addEventListener("go", ({ detail }) => go(detail));
addEventListener("stay", () => repaint("keep"));

function submit(form) {
  const url = new URL(form.action);
  const asked = new URLSearchParams(new FormData(form));
  // Somebody else lives somewhere else.
  if (asked.has("of") && asked.get("of") !== asked.get("sample")) asked.delete("zone");
  asked.delete("of");
  url.search = asked;
  go(url.href);
}

addEventListener("popstate", () => repaint("follow"));

paint();
