// The handle in time: dragged, played, or moved by keys, it lands the mails of
// a series one after another. Where it stands is in the address.

const HOUR = 3600;
const PLAY_SECONDS = 14;
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
let playing = null;

const player = () => document.querySelector("form.player");
const handle = (form) => form.querySelector("input[type=range]");

/** Makes the page say what is so at the hour where the handle stands. */
function show(form) {
  const range = handle(form);
  const start = Number(form.dataset.start);
  const now = start + Number(range.value) * HOUR;
  const clock = clockOf(form.dataset.zone).format(new Date(now * 1000)).replace(" at ", ", ");
  form.querySelector("output").textContent = clock;
  range.setAttribute("aria-valuetext", clock);
  let isEmpty = true;
  for (const entry of document.querySelectorAll(".inbox-phone li[data-at]")) {
    entry.hidden = Number(entry.dataset.at) > now;
    isEmpty &&= entry.hidden;
  }
  document.querySelector(".inbox-phone .waits")?.toggleAttribute("hidden", !isEmpty);
  for (const dot of form.querySelectorAll("circle[data-at]")) {
    dot.classList.toggle("landed", Number(dot.dataset.at) <= now);
  }
  for (const part of document.querySelectorAll(".axis > [data-at]")) {
    const at = Number(part.dataset.at);
    part.classList.toggle("landed", at <= now);
    part.classList.toggle("coming", at > now);
    const flight = part.querySelector(".flight");
    if (flight) flight.textContent = at > now ? `lands in ${span(at - now)}` : "";
  }
}

const clocks = new Map();
function clockOf(timeZone) {
  if (!clocks.has(timeZone)) {
    const wanted = { timeZone, weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    clocks.set(timeZone, new Intl.DateTimeFormat("en-GB", wanted));
  }
  return clocks.get(timeZone);
}

function span(seconds) {
  const hours = Math.ceil(seconds / HOUR);
  const days = Math.floor(hours / 24);
  const said = [[days, "day"], [hours % 24, "hour"]].filter(([count]) => count > 0);
  return said.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}

function remember(form) {
  const range = handle(form);
  const url = new URL(location.href);
  if (range.value === range.max) url.searchParams.delete("now");
  else url.searchParams.set("now", range.value);
  history.replaceState(history.state, "", url);
  // The links of the page are to carry it on.
  dispatchEvent(new Event("stay"));
}

function move(form, hours) {
  const range = handle(form);
  range.value = String(hours);
  show(form);
}

// The mail that landed last comes into view; where nothing moves by itself, at once.
function follow() {
  const landed = [...document.querySelectorAll(".axis > .part.landed")].at(-1);
  const row = document.querySelector(".axis");
  if (!row || row.scrollWidth <= row.clientWidth) return;
  const behavior = isCalm.matches ? "auto" : "smooth";
  row.scrollTo({ left: landed ? landed.offsetLeft - row.clientWidth / 2 : 0, behavior });
}

function stop(form) {
  cancelAnimationFrame(playing);
  playing = null;
  const button = form?.querySelector("[data-play]");
  if (!button) return;
  button.textContent = "▶";
  button.setAttribute("aria-label", "Play");
  remember(form);
}

function play(form) {
  const range = handle(form);
  const end = Number(range.max);
  let from = Number(range.value);
  if (from >= end) from = 0;
  const button = form.querySelector("[data-play]");
  button.textContent = "❚❚";
  button.setAttribute("aria-label", "Pause");
  let began = null;
  let count = -1;
  const step = (time) => {
    if (!form.isConnected) return stop(null);
    began ??= time;
    const hours = from + ((time - began) / 1000) * (end / PLAY_SECONDS);
    move(form, Math.min(Math.floor(hours), end));
    const landed = document.querySelectorAll(".axis > .part.landed").length;
    if (landed !== count) follow();
    count = landed;
    if (hours >= end) return stop(form);
    playing = requestAnimationFrame(step);
  };
  playing = requestAnimationFrame(step);
}

// The hour at which the mail before or after the handle has just landed.
function turn(form, direction) {
  const range = handle(form);
  const start = Number(form.dataset.start);
  const parts = [...document.querySelectorAll(".axis > .part[data-at]")];
  const hours = parts.map((part) => Math.ceil((Number(part.dataset.at) - start) / HOUR));
  const here = Number(range.value);
  const wanted = direction > 0 ? hours.find((hour) => hour > here) : hours.findLast((hour) => hour < here);
  move(form, wanted ?? (direction > 0 ? Number(range.max) : 0));
  remember(form);
  follow();
}

addEventListener("input", ({ target }) => {
  const form = target.closest?.("form.player");
  if (!form) return;
  if (playing) stop(form);
  show(form);
});

addEventListener("change", ({ target }) => {
  const form = target.closest?.("form.player");
  if (!form) return;
  remember(form);
  follow();
});

addEventListener("click", ({ target }) => {
  const form = target.closest?.("form.player");
  if (!form) return;
  const direction = target.closest("[data-turn]")?.dataset.turn;
  if (direction) turn(form, Number(direction));
  if (target.closest("[data-play]")) playing ? stop(form) : play(form);
});

export function paint() {
  const form = player();
  if (!form) return;
  for (const button of form.querySelectorAll("button[hidden]")) button.hidden = false;
  show(form);
}
