// Lets what was recorded pass once more: a clock that runs, and marks that
// land when it reaches them. The table itself is whole without this.

// How long all the days take, at the speed that is chosen at first.
const DURATION = 20_000;
// Parts of that before the first mark and after the last one.
const BEFORE = 0.04;
const AFTER = 0.03;
const STEPS = 1000;
// How long a page that follows a play leaves the demo alone.
const PAUSE = 700;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
let isBusy = false;
let isStale = false;

function begin(play) {
  if (play.dataset.state === "over") return new Show(play);
  const source = new EventSource("/play/events");
  const hear = ({ type }) => {
    if (type === "over") source.close();
    refresh();
  };
  source.addEventListener("more", hear);
  source.addEventListener("over", hear);
}

// While the play goes on, the page is fetched anew whenever there is more.
async function refresh() {
  isStale = true;
  if (isBusy) return;
  isBusy = true;
  while (isStale) {
    isStale = false;
    try {
      const answer = await fetch("/play");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = document.importNode(page.querySelector(".play"), true);
      document.querySelector(".play").replaceWith(fresh);
      if (fresh.dataset.state === "over") new Show(fresh);
    } catch {
      // The demo ended; what was fetched last stays.
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  isBusy = false;
}

class Show {
  constructor(play) {
    const find = (selector) => play.querySelector(selector);
    this.button = find(".run");
    this.slider = find(".moment input");
    this.speed = find(".speed select");
    this.clock = find(".controls .clock");
    const [from, until] = [Number(play.dataset.from), Number(play.dataset.until)];
    const span = Math.max(until - from, 60_000);
    this.from = from - BEFORE * span;
    this.until = until + AFTER * span;
    this.marks = [...play.querySelectorAll("[data-at]")].map((mark) => ({ mark, at: Number(mark.dataset.at) }));
    this.counts = [...play.querySelectorAll("[data-count]")].map((count) => ({ count, whole: count.textContent }));
    this.people = [...play.querySelectorAll("tbody[data-zone] tr:not(.zone)")].map(lastOf);
    this.zones = zonesOf(play);
    this.now = this.until;
    find(".controls").hidden = false;
    find(".replay").hidden = false;
    this.button.addEventListener("click", () => (this.runs ? this.pause() : this.start()));
    this.slider.addEventListener("input", () => {
      this.pause();
      this.go(this.from + ((this.until - this.from) * this.slider.value) / STEPS);
    });
    this.go(this.until);
    if (!calm.matches) this.start();
  }

  start() {
    if (this.now >= this.until) this.go(this.from);
    this.runs = true;
    this.button.textContent = "Pause";
    let last = performance.now();
    const frame = (time) => {
      if (!this.runs || !this.button.isConnected) return;
      const rate = ((this.until - this.from) / DURATION) * Number(this.speed.value);
      // A page that was in the background goes on where it was.
      const passed = Math.min(time - last, 100) * rate;
      last = time;
      this.go(this.now + passed, "lands");
      if (this.now >= this.until) this.pause();
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  pause() {
    this.runs = false;
    this.button.textContent = this.now >= this.until ? "Play again" : "Play";
  }

  // Shows the moment `now`; what becomes visible by it gets the class `how`.
  go(now, how) {
    this.now = Math.min(now, this.until);
    const seen = {};
    for (const { mark, at } of this.marks) {
      const isAhead = at > this.now;
      if (mark.classList.contains("ahead") !== isAhead) {
        mark.classList.toggle("ahead", isAhead);
        mark.classList.toggle("lands", !isAhead && how !== undefined);
      }
      if (!isAhead) seen[mark.dataset.kind] = (seen[mark.dataset.kind] ?? 0) + 1;
    }
    const isOver = this.now >= this.until;
    seen.waiting = this.people.filter((last) => last > this.now).length;
    for (const { count, whole } of this.counts) {
      const kind = count.dataset.count;
      count.textContent = isOver ? whole : kind === "lost" ? "–" : seen[kind] ?? 0;
    }
    this.slider.value = ((this.now - this.from) / (this.until - this.from)) * STEPS;
    this.tell(isOver);
  }

  // What time it is, here and there; the day that it is in each zone.
  tell(isOver) {
    const utc = this.zones.get("UTC")?.format ?? formatOf("UTC");
    this.clock.textContent = `${utc(this.now).text} UTC`;
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
    for (const zone of this.zones.values()) {
      const { short, date } = zone.format(this.now);
      for (const clock of zone.clocks) clock.textContent = short;
      const day = isOver ? null : date;
      if (day === zone.day) continue;
      zone.day = day;
      for (const cell of zone.cells) cell.classList.toggle("today", cell.dataset.day === day);
    }
  }
}

// When the last thing happens to whoever has this row; they wait until then.
function lastOf(row) {
  return Math.max(0, ...[...row.querySelectorAll("[data-at]")].map((mark) => Number(mark.dataset.at)));
}

function zonesOf(play) {
  const zones = new Map();
  const zone = (name) => {
    if (!zones.has(name)) zones.set(name, { format: formatOf(name), clocks: [], cells: [], day: null });
    return zones.get(name);
  };
  for (const clock of play.querySelectorAll(".who .clock")) zone(clock.dataset.zone).clocks.push(clock);
  for (const body of play.querySelectorAll("tbody[data-zone]")) {
    zone(body.dataset.zone).cells.push(...body.querySelectorAll("td[data-day]"));
  }
  return zones;
}

// What a clock and a calendar on the wall show there.
function formatOf(name) {
  let format;
  try {
    const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
    const options = { ...parts, year: "numeric", hourCycle: "h23", timeZone: name };
    format = new Intl.DateTimeFormat("en-GB", options);
  } catch {
    // A browser that does not know the zone shows no clock for it.
    return () => ({ text: "", short: "", date: null });
  }
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return (now) => {
    const part = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    const month = MONTHS.indexOf(part.month.slice(0, 3)) + 1;
    const two = (number) => String(number).padStart(2, "0");
    return {
      short: `${part.weekday} ${part.hour}:${part.minute}`,
      text: `${part.weekday} ${part.day} ${part.month}, ${part.hour}:${part.minute}`,
      date: `${part.year}-${two(month)}-${two(part.day)}`,
    };
  };
}

begin(document.querySelector(".play"));
