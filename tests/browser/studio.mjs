// The studio at work: time on the series, words changed in place, every look, every sample, a test.

import assert from "node:assert/strict";
import { until } from "./world.mjs";
import { keep, look } from "./watch.mjs";
import { open, mail, SERIES, MESSAGE, WORDS } from "./preview.mjs";

/** The journey of the issue: one mail, from a changed subject to a test in the inbox. */
async function author(chromium) {
  const { world, page, go, done } = await open(chromium);
  try {
    await go(MESSAGE);
    await page.waitForFunction(() => document.querySelector("iframe.mail").offsetHeight > 1500);
    world.write(WORDS, world.read(WORDS).replace(/^Subject: .*$/m, "Subject: Massage, for those who wait"));
    await page.getByRole("heading", { level: 1, name: "Massage, for those who wait" }).waitFor();

    // Every width, every look; each is in the address.
    await page.getByRole("link", { name: "360", exact: true }).click();
    await until("it is 360 px wide", () => page.evaluate(() => document.querySelector("iframe.mail:not(.coming)").offsetWidth === 360));
    await page.getByRole("link", { name: "Dark", exact: true }).click();
    await page.getByText("As the author drew it in the dark").waitFor();
    await page.getByRole("link", { name: "Gmail Android" }).click();
    await page.getByText("Gmail on Android,").waitFor();
    const ground = () => mail(page).evaluate((body) => getComputedStyle(body).backgroundColor);
    await until("the ground is dark", async () => /^rgb\((\d|[1-5]\d),/.test(await ground()));
    await look(page, "studio-forced");
    await page.getByRole("link", { name: "Gmail iOS" }).click();
    await page.getByText("Gmail on iOS,").waitFor();
    await page.getByRole("link", { name: "No images" }).click();
    await page.waitForURL(/images=off/);
    await page.getByLabel("Who").selectOption("Nobody known");
    await mail(page).getByText("Hi there").waitFor();
    assert.match(page.url(), /sample=Nobody%20known|sample=Nobody\+known/);
    await page.getByRole("link", { name: "Text", exact: true }).click();
    await page.getByText("Hi there").waitFor();
    await page.getByRole("link", { name: "Checks" }).click();
    await page.getByRole("region", { name: "Checks" }).waitFor();
    await look(page, "studio-checks");

    // A finding leads to its line.
    const good = world.read(WORDS);
    world.write(WORDS, good.replace("](link:article)", "](link:artcle)"));
    await page.getByText("did you mean `article`?").first().waitFor();
    await page.locator(".panel .place a").first().click();
    await page.locator("#L43.chosen").getByText("did you mean `article`?").waitFor();
    await look(page, "studio-file");
    world.write(WORDS, good);
    await page.locator("#L43.chosen").getByText("did you mean").waitFor({ state: "detached" });

    // Words are changed in place, and nothing else in the file is.
    await go(MESSAGE);
    await mail(page).getByText("Part 1 was about").click();
    await page.getByText("From campaigns/knot-in-lower-back/2-massage.md, line 8").waitFor();
    await mail(page).getByText("Part 1 was about").dblclick();
    await page.getByLabel("The words, as they stand in the file").fill("Part one is over, {{first_name}}.");
    await look(page, "studio-editor");
    await page.getByRole("button", { name: "Save" }).click();
    await mail(page).getByText("Part one is over, Ada.").waitFor();
    const lines = good.split("\n");
    lines[7] = "Part one is over, {{first_name}}.";
    assert.equal(world.read(WORDS), lines.join("\n"));
    await page.getByRole("button", { name: "Edit Preheader" }).click();
    await page.getByLabel("The words, as they stand in the file").fill("What the thumbs are for,\nand what they are not for.");
    await page.getByLabel("The words, as they stand in the file").press("Control+Enter");
    await until("it is written", () => world.read(WORDS).includes("\nPreheader: What the thumbs are for, and what they are not for.\n"));

    // A test lands in the inbox here.
    await page.getByLabel("Send me a test").fill("me@example.org");
    await page.getByRole("button", { name: "Into the inbox here" }).click();
    await page.getByRole("heading", { level: 1, name: "Inbox" }).waitFor();
    await look(page, "studio-inbox");
    await page.getByText("Massage, for those who wait").first().click();
    await mail(page).getByText("Part one is over, Ada.").waitFor();
    await look(page, "studio-caught");
    for (const side of ["Text", "Headers", "Parts", "Source"]) {
      await page.getByRole("link", { name: side, exact: true }).click();
      await page.waitForURL(new RegExp(`view=${side.toLowerCase()}`));
    }
    await page.getByText("me@example.org").first().waitFor();
    await done();
  } finally {
    world.close();
  }
}

async function time(chromium) {
  const { page, world, go, done } = await open(chromium, { reducedMotion: "reduce" });
  try {
    await go(SERIES);
    const landed = () => page.locator(".axis > .part.landed").count();
    const now = page.getByLabel("Now");
    assert.equal(await landed(), 4);
    await now.focus();
    await page.keyboard.press("Home");
    await until("only the first has come", async () => (await landed()) === 1);
    await page.getByText("lands in 1 day 13 hours").waitFor();
    assert.equal(await page.locator(".inbox-phone li:not([hidden])").count(), 1);
    for (let hour = 0; hour < 37; hour += 1) await page.keyboard.press("ArrowRight");
    await until("the second has come", async () => (await landed()) === 2);
    await page.getByText("Saturday 28 March, 09:00").waitFor();
    await page.waitForURL(/now=37/);
    await look(page, "studio-series-now");
    await keep(page, "series", { width: 1240, height: 900 });

    // The address says it all, without JavaScript's help.
    await page.reload();
    await until("it is where it was", async () => (await landed()) === 2);
    // Across the change of clocks, an hour of the ruler is an hour of life.
    await page.getByRole("button", { name: "Next mail" }).click();
    await page.getByText("Tuesday 31 March, 09:00").waitFor();
    await page.getByRole("button", { name: "Mail before" }).click();
    await until("one has left again", async () => (await landed()) === 2);
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.getByRole("button", { name: "Play" }).waitFor();
    assert.equal(await landed(), 4);
    await done();
  } finally {
    world.close();
  }
}

async function people(chromium) {
  const { page, world, go, done } = await open(chromium);
  try {
    world.write("samples.toml", `${world.read("samples.toml")}
[[sample]]
name = "Very long"
email = "long@example.org"
fields = { first_name = "${"Wolfeschlegelsteinhausenbergerdorff".repeat(2)}" }
`);
    await go("/people/knot-in-lower-back?enrolled=2026-03-26T20:00");
    await page.locator(".measured").getByText("measured").waitFor();
    await until("all is measured", () => page.evaluate(() => /^\d+ measured: /.test(document.querySelector(".measured").textContent)));
    assert.match(await page.locator(".measured").textContent(), /^\d+ measured: nothing breaks$/);
    await page.getByLabel("Kenji, ql-claw: skipped").waitFor();
    await page.getByLabel("Priya, strengthening: leaves before it").waitFor();
    await look(page, "studio-people");
    // A layout that is wider than a phone is red, for everybody.
    world.edit("templates/course.mjml", (text) => text.replace(/(<mj-column[^>]*>)/, '$1<mj-raw><tr><td><div style="width:700px">wide</div></td></tr></mj-raw>'));
    await until("it is red", () => page.evaluate(() => document.querySelectorAll(".people td.bad").length > 10));
    await page.locator(".people td.bad a").first().click();
    await mail(page).getByText("Hi Ada").waitFor();
    await done();
  } finally {
    world.close();
  }
}

/** No mouse: everything is reached and done by keys. */
async function keys(chromium) {
  const { page, world, go, done } = await open(chromium);
  try {
    await go("/");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const press = async (key, name) => {
      for (let count = 0; count < 60; count += 1) {
        await page.keyboard.press("Tab");
        const said = await page.evaluate(() => {
          const active = document.activeElement;
          return active.tagName === "IFRAME" ? "the mail" : active.getAttribute("aria-label") ?? active.innerText ?? "";
        });
        if (said.includes(name)) return page.keyboard.press(key);
      }
      throw new Error(`the tab key never comes to ${name}`);
    };
    await press("Enter", "Knot in Lower Back");
    await page.getByLabel("Now").waitFor();
    await press("Enter", "Deep tissue massage");
    await page.getByRole("heading", { level: 1, name: "Deep tissue massage" }).waitFor();
    await mail(page).getByText("Hi Ada").waitFor();
    await press("ArrowRight", "Width of the mail program");
    await page.waitForURL(/width=385/);
    await page.locator("iframe.mail:not(.coming)").focus();
    await page.keyboard.press("Tab");
    await page.locator("p.leads a").waitFor();
    const said = () => page.locator("p.leads").textContent();
    for (let count = 0; count < 60; count += 1) {
      const before = await said();
      if (before.includes("2-massage.md, line 6")) break;
      await page.keyboard.press("ArrowDown");
      await until("the next piece is told", async () => (await said()) !== before);
    }
    await page.keyboard.press("Enter");
    await page.locator("#words:focus").waitFor();
    await page.keyboard.type(" Good morning.");
    await page.keyboard.press("Control+Enter");
    await mail(page).getByText("Hi Ada, Good morning.").waitFor();
    assert.ok(world.read(WORDS).includes("\nHi {{first_name}}, Good morning.\n"));
    await done();
  } finally {
    world.close();
  }
}

export const journeys = {
  "studio: an author at work": author,
  "studio: time": time,
  "studio: every sample": people,
  "studio: keys alone": keys,
};
