// The open door: a form on another site, the confirmation, the parts, the way out.

import assert from "node:assert/strict";
import { Mailbox, PATIENCE, until, World } from "./world.mjs";
import { keep, look, watched } from "./watch.mjs";

/** The founding project behind a proxy; two parts come at once, the third after days. */
async function open() {
  const world = new World();
  const { smtp, mailbox } = await catcher(world);
  const proxy = await world.proxy();
  world.edit("fascicle.toml", (text) => text
    .replace("http://127.0.0.1:8400", proxy.origin)
    .replace("port = 1025", `port = ${smtp}`)
    .replace("proxies = []", 'proxies = ["127.0.0.1"]'));
  world.edit("campaigns/knot-in-lower-back/campaign.toml", (text) => text
    .replace(/\[send\][\s\S]*?(?=\[\[step)/, '[send]\nevery = "0m"\n\n'));
  world.good("apply");
  const run = await world.start(["run", "--listen", "127.0.0.1:0"], ["pages"]);
  proxy.lead(run.pages);
  return { world, mailbox: new Mailbox(mailbox), origin: proxy.origin };
}

async function catcher(world) {
  const said = await world.start(["catch", "--smtp", "127.0.0.1:0", "--web", "127.0.0.1:0"], ["mail in", "mailbox"]);
  return { smtp: said["mail in"].split(":").pop(), mailbox: said.mailbox };
}

/** Another site, with the form that `fascicle form` prints. */
function otherSite(world) {
  const form = world.good("form", "back-care");
  const page = `<!DOCTYPE html><html lang="en"><title>An article</title><h1>Knots</h1>${form}</html>`;
  return world.serve((request, answer) => {
    answer.writeHead(request.url === "/" ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    answer.end(request.url === "/" ? page : "");
  });
}

/** Presses the button of the sign-up page until nobody takes us for a program any more. */
async function press(page) {
  await until("the form is taken", async () => {
    await page.getByRole("button", { name: "Sign me up" }).click();
    return page.url().endsWith("/sent");
  });
}

async function journey(chromium, { script }) {
  const { world, mailbox, origin } = await open();
  try {
    const site = await otherSite(world);
    assert.notEqual(new URL(site).origin, origin);
    const { page, done } = await watched(chromium, { javaScriptEnabled: script, timezoneId: "Asia/Kolkata" });
    page.setDefaultTimeout(PATIENCE);
    const looks = (name) => script ? look(page, name) : Promise.resolve();

    await page.goto(site);
    await page.getByLabel("Your email address").fill("ada@example.org");
    await page.getByLabel("First name").fill("Ada & Söhne <b>");
    await page.getByRole("button", { name: "Sign me up" }).click();

    // Our own page, filled in, with the words they agree to.
    assert.equal(page.url(), `${origin}/join/back-care`);
    assert.equal(await page.getByLabel("Your email address").inputValue(), "ada@example.org");
    assert.equal(await page.getByLabel("First name").inputValue(), "Ada & Söhne <b>");
    await page.getByText("Send me the four-part back care course").waitFor();
    // Chromium says Calcutta.
    const zone = () => page.getByLabel("Your time zone").inputValue();
    if (script) await until("the browser's zone is chosen", async () => await zone() === "Asia/Kolkata");
    else assert.equal(await zone(), "");
    await looks("sign-up-from-another-site");
    await press(page);
    await page.getByRole("heading", { name: "Now look in your inbox" }).waitFor();
    await looks("check-inbox");

    const [question] = await until("the confirmation is there", async () => {
      const numbers = await mailbox.to("ada@example.org", "Please confirm");
      return numbers.length > 0 && numbers;
    });
    const text = await mailbox.text(question);
    assert.ok(!text.includes("Söhne"), "a form carries no words to strangers");
    const link = text.match(/http:\/\/\S+\/c\/\S+/)[0];

    // The mail itself, in the mailbox, and its button.
    await page.goto(`${mailbox.origin}/inbox/${question}`);
    const button = page.frameLocator("iframe").getByRole("link", { name: "Yes, sign me up" });
    assert.equal(await button.getAttribute("href"), link);
    const [opened] = await Promise.all([page.context().waitForEvent("page"), button.click()]);
    await opened.getByRole("button", { name: "Yes, sign me up" }).waitFor();
    await opened.close();
    await page.goto(link);
    await looks("confirm");
    assert.deepEqual(await mailbox.to("ada@example.org"), [question], "a look changes nothing");
    await page.getByRole("button", { name: "Yes, sign me up" }).click();
    await page.getByRole("heading", { name: "You are in" }).waitFor();
    await looks("welcome");

    const parts = await until("two parts are there", async () => {
      const numbers = await mailbox.to("ada@example.org");
      return numbers.length === 3 && numbers.slice(1);
    });
    assert.ok((await mailbox.text(parts[0])).includes("Ada & Söhne <b>"), "the field is theirs now");
    await leave(page, { mailbox, part: parts[1], script, looks });

    // Somebody else comes after: when their parts are there, everything had its chance.
    await page.goto(`${origin}/join/back-care`);
    await page.getByLabel("Your email address").fill("grace@example.org");
    await press(page);
    const [second] = await until("the second confirmation is there", async () => {
      const numbers = await mailbox.to("grace@example.org");
      return numbers.length > 0 && numbers;
    });
    await page.goto((await mailbox.text(second)).match(/http:\/\/\S+\/c\/\S+/)[0]);
    await page.getByRole("button", { name: "Yes, sign me up" }).click();
    await until("her parts are there", async () => (await mailbox.to("grace@example.org")).length === 3);
    assert.equal((await mailbox.to("ada@example.org")).length, 3, "nothing more came");
    const status = JSON.parse(world.good("status", "--format", "json"));
    assert.equal(status.campaigns[0].stopped, 1);
    assert.equal(status.campaigns[0].inside, 1);
    await done();
  } finally {
    world.close();
  }
}

/** With script: the one click of mail programs. Without: the link in the mail, and its page. */
async function leave(page, { mailbox, part, script, looks }) {
  const head = (await mailbox.source(part)).split("\r\n\r\n")[0];
  const url = /^List-Unsubscribe: <(\S+)>$/m.exec(head.replaceAll("\r", ""))[1];
  await page.goto(url);
  await page.getByRole("heading", { name: "Leave “Back care course”?" }).waitFor();
  await looks("unsubscribe");
  if (script) {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) });
    assert.equal(answer.status, 200);
    await page.reload();
  } else {
    await page.getByRole("button", { name: "Unsubscribe" }).click();
  }
  await page.getByRole("heading", { name: "You have left" }).waitFor();
  await looks("left");
}

/** The pages that the journey does not meet. */
async function others(chromium) {
  const { world, mailbox, origin } = await open();
  try {
    const { page, done } = await watched(chromium);
    await page.goto(`${origin}/join/back-care`);
    await look(page, "sign-up");
    await keep(page, "sign-up", { width: 390, height: 844 });
    // Keyboard alone: address, name, zone, button; never the trap.
    await page.keyboard.press("Tab");
    const order = [];
    for (let count = 0; count < 4; count += 1) {
      order.push(await page.evaluate(() => document.activeElement.name || document.activeElement.type));
      await page.keyboard.press("Tab");
    }
    assert.deepEqual(order, ["email", "field.first_name", "zone", "submit"]);
    // An address that the browser takes and no mail server does.
    await page.getByLabel("Your email address").fill("ada@localhost");
    await page.getByRole("button", { name: "Sign me up" }).click();
    await page.getByText("not a whole email address").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name), "email");
    await look(page, "sign-up-problem");
    await page.goto(`${origin}/c/nonsense`);
    await look(page, "notice");
    await page.goto(mailbox.origin);
    await look(page, "mailbox-empty");
    await done();
  } finally {
    world.close();
  }
}

export const journeys = {
  "door: from another site to the way out": (chromium) => journey(chromium, { script: true }),
  "door: the same without JavaScript": (chromium) => journey(chromium, { script: false }),
  "door: trouble, keyboard": others,
};
