// The demo: a series, its play, and the mails; with a sender that is killed, and without script.

import assert from "node:assert/strict";
import { PATIENCE, World } from "./world.mjs";
import { keep, look, watched } from "./watch.mjs";

async function open(chromium, { words = [], ...options } = {}) {
  const world = new World();
  const demo = await world.start(["demo", ...words], ["series", "play", "mails"]);
  const watch = await watched(chromium, options);
  watch.page.setDefaultTimeout(PATIENCE);
  return { world, demo, ...watch };
}

const count = (page, kind) => page.locator(`[data-count=${kind}]`).textContent();
/** The marks that have landed. */
const landed = (page) => page.locator(".days .mark[data-at]:not(.ahead)").count();

async function plays(chromium) {
  const { world, demo, page, done } = await open(chromium);
  try {
    await page.goto(demo.series);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.goto(demo.play);
    // It runs by itself: not everything is there at once.
    await page.getByRole("button", { name: "Pause" }).waitFor();
    const all = await page.locator(".days .mark[data-at]").count();
    assert.ok(await landed(page) < all);
    await page.getByLabel("Speed").selectOption("3");
    await page.getByRole("button", { name: "Play again" }).waitFor();
    assert.equal(await landed(page), all);
    assert.equal(await count(page, "mail"), "31");
    assert.equal(await count(page, "lost"), "0");
    assert.equal(await page.getByText("+1 h").count(), 3, "Berlin, London, and the legend");
    assert.equal(await page.getByText("−30 min").count(), 1, "Lord Howe");
    await look(page, "play");
    await keep(page, "play", { width: 1240, height: 860 });

    // The keyboard goes through the days, there and back.
    const slider = page.getByLabel("Moment of the play");
    await slider.focus();
    await page.keyboard.press("Home");
    assert.equal(await landed(page), 0);
    assert.equal(await count(page, "lost"), "–");
    await page.keyboard.press("End");
    assert.equal(await landed(page), all);
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("PageDown");
    const some = await landed(page);
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    await look(page, "play-on-the-way");
    await page.keyboard.press("End");

    // A mark is the way to its mail.
    await page.getByRole("link", { name: "Deep tissue massage and why people use it, to Ada" }).click();
    await page.getByRole("heading", { name: "Deep tissue massage" }).waitFor();
    await page.frameLocator("iframe").getByText("Hi Ada").waitFor();
    await done();
  } finally {
    world.close();
  }
}

async function crash(chromium) {
  const { world, demo, page, done } = await open(chromium, { words: ["--crash"], reducedMotion: "reduce" });
  try {
    await page.goto(demo.play);
    // Whoever wants no motion sees the end, and may start it.
    await page.getByRole("button", { name: "Play" }).waitFor();
    assert.ok(Number(await count(page, "kill")) > 5);
    assert.equal(await count(page, "lost"), "0");
    assert.equal(await count(page, "waiting"), "0");
    const copies = await page.locator("a.mark[data-kind=copy]").count();
    assert.equal(await count(page, "copy"), String(copies));
    await page.getByText("The copies, one by one").click();
    assert.equal(await page.locator(".ledger li").count(), copies);
    await look(page, "play-crash");
    await keep(page, "crash", { width: 1240, height: 860 });
    await done();
  } finally {
    world.close();
  }
}

/** A page that is opened while the play goes on follows it, and then shows it. */
async function meanwhile(chromium) {
  const world = new World();
  const { page, done } = await watched(chromium);
  page.setDefaultTimeout(PATIENCE);
  try {
    const { play } = await world.start(["demo", "--crash"], ["play"]);
    await page.goto(play);
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.getByLabel("Speed").selectOption("3");
    await page.getByRole("button", { name: "Play again" }).waitFor();
    assert.equal(await count(page, "mail"), "265");
    assert.equal(await count(page, "lost"), "0");
    await done();
  } finally {
    world.close();
  }
}

async function noScript(chromium) {
  const { world, demo, page, done } = await open(chromium, { javaScriptEnabled: false });
  try {
    await page.goto(demo.play);
    assert.equal(await page.getByRole("button").count(), 0);
    const row = page.getByRole("row").filter({ hasText: "Kenji" });
    await row.getByText("skips 3").waitFor();
    assert.equal(await row.getByRole("link").count(), 4);
    await row.getByRole("link", { name: "Please confirm" }).click();
    await page.getByRole("heading", { name: "Please confirm" }).waitFor();
    await done();
  } finally {
    world.close();
  }
}

export const journeys = {
  "play: marks land, the keyboard, a mail": plays,
  "play: the sender is killed": crash,
  "play: a page that is open meanwhile": meanwhile,
  "play: without JavaScript": noScript,
};
