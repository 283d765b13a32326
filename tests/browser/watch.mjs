// What must hold on every page: nothing on the console, no report of a policy, no complaint of axe;
// and its picture, where pictures are wanted.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { axeSource, root } from "./world.mjs";

const folder = process.env.PICTURES;
const WIDTHS = [390, 1440];
const HEIGHT_MAX = 5000;

/** A page in a context of its own whose complaints are collected. */
export async function watched(chromium, options = {}) {
  const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // The status of an answer is not a mistake of the page: a form that comes back has 422.
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (["error", "warning"].includes(message.type()) && !isStatus) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
  const done = async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`the console says:\n${complaints.join("\n")}`);
  };
  return { page, context, done };
}

/** Looks at the page as it is now, light and dark, narrow and wide. */
export async function look(page, name, { script = true } = {}) {
  const size = page.viewportSize();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 844 });
      if (folder) await photograph(page, width, join(folder, `${name}-${width}-${colorScheme}.png`));
      if (!script) continue;
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) throw new Error(`${name} is ${overflow} px too wide at ${width} px`);
      await complain(page, `${name} at ${width} px, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(size);
}

/** The whole page, in a window as tall as it is: frames are drawn only where they can be seen. */
async function photograph(page, width, path) {
  mkdirSync(folder, { recursive: true });
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(Math.max(tall, 844), HEIGHT_MAX) });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path });
}

/** With UPDATE_PICTURES=1, a picture of the readme: what the window of this size shows now. */
export async function keep(page, name, size) {
  if (!process.env.UPDATE_PICTURES) return;
  const before = page.viewportSize();
  await page.setViewportSize(size);
  // Where the project lies is nobody's business.
  await page.evaluate(() => document.querySelector(".where")?.replaceChildren("my-letters"));
  await page.screenshot({ path: join(root, "tests/data/pictures", `${name}.png`) });
  await page.setViewportSize(before);
}

async function complain(page, where) {
  // By the debugger's door: the page's policy lets no script in, ours neither.
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(" ")}`);
  });
  if (violations.length > 0) throw new Error(`axe about ${where}:\n${violations.join("\n")}`);
}
