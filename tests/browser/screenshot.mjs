// `fascicle screenshot`: the pictures it draws, by their first bytes and by what is in them.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { World } from "./world.mjs";

const BROWSER = ["--browser", process.env.CHROMIUM ?? "/usr/bin/chromium"];

/** Width and height as the first chunk of a PNG says them. */
function size(path) {
  const bytes = readFileSync(path);
  assert.equal(bytes.toString("latin1", 1, 4), "PNG", path);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** The color of the points of a picture, drawn by the browser that the other journeys use. */
async function colors(chromium, path, points) {
  const page = await chromium.newPage();
  try {
    return await page.evaluate(async ({ data, points }) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      return points.map(([x, y]) => [...canvas.getImageData(x, y, 1, 1).data.slice(0, 3)]);
    }, { data: `data:image/png;base64,${readFileSync(path, "base64")}`, points });
  } finally {
    await page.close();
  }
}

async function course(chromium) {
  const world = new World();
  const temporary = mkdtempSync(join(tmpdir(), "fascicle-browser-"));
  const elsewhere = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  try {
    const printed = world.good("screenshot", "knot-in-lower-back", "--sample", "Kenji", "--width", "360,600", ...BROWSER);
    const files = printed.trim().split("\n");
    const expected = ["causes", "massage", "strengthening"].flatMap((step) => [360, 600].flatMap((width) => ["light", "dark"]
      .map((look) => `screenshots/${step}-${width}-${look}.png`)));
    assert.deepEqual(files, expected, "what Kenji gets, in its order");
    for (const file of files) {
      const { width, height } = size(world.path(file));
      assert.equal(width, Number(/-(\d+)-/.exec(file)[1]), file);
      assert.ok(height > 1200 && height < 5000, `${file} is ${height} px tall`);
    }
    const height = (width) => size(world.path(`screenshots/causes-${width}-light.png`)).height;
    assert.ok(height(360) > height(600), "a narrow mail is longer");
    const bright = (color) => color.reduce((sum, part) => sum + part) / 3;
    for (const [look, is] of [["light", (part) => part > 200], ["dark", (part) => part < 60]]) {
      const path = world.path(`screenshots/causes-360-${look}.png`);
      // From the top to the very last line: nothing is cut, nothing is blank.
      const edges = await colors(chromium, path, [[2, 2], [357, size(path).height - 2]]);
      assert.ok(edges.every((color) => is(bright(color))), `${look}: ${edges.join(" | ")}`);
    }
    const left = readdirSync(temporary).filter((name) => name.startsWith("fascicle-"));
    assert.deepEqual(left, [], "nothing stays behind");
  } finally {
    if (elsewhere === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = elsewhere;
    rmSync(temporary, { recursive: true, force: true });
    world.close();
  }
}

/** Nothing of a mail runs or is asked for; its own images are in it. */
async function hostile(chromium) {
  const world = new World();
  const asked = [];
  const origin = await world.serve((request, answer) => { asked.push(request.url); answer.end(); });
  try {
    // A red point: red as far as it is stretched.
    const red = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
    const folder = world.path("campaigns/knot-in-lower-back/images");
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/red.png`, Buffer.from(red, "base64"));
    const head = "---\nSubject: Red\nPreheader: One point of red, as wide as it is stretched, and no word more.\n---\n\n";
    world.write("campaigns/knot-in-lower-back/1-causes.md", `${head}![Red](images/red.png){width=300}\n`);
    // `check` refuses scripts, frames and foreign style sheets; what is left asks for images.
    const evil = `<mj-raw><img src="${origin}/image" alt="Nothing to see"/>`
      + `<div style="background:url(${origin}/ground)">Nothing either</div></mj-raw>`;
    world.edit("templates/course.mjml", (text) => text.replace(/(<mj-body[^>]*>)/, `$1${evil}`));
    const [file] = world.good("screenshot", "knot-in-lower-back/causes", "--width", "600", "--look", "light", "--out", "a/b", ...BROWSER)
      .trim().split("\n");
    assert.equal(file, "a/b/causes-600-light.png");
    assert.ok(existsSync(world.path(file)));
    const { height } = size(world.path(file));
    const points = Array.from({ length: Math.floor(height / 4) }, (_, row) => [300, row * 4]);
    const found = await colors(chromium, world.path(file), points);
    assert.ok(found.filter(([r, g, b]) => r > 240 && g < 20 && b < 20).length > 50, "its own image is there");
    assert.deepEqual(asked, [], "the network is not");
  } finally {
    world.close();
  }
}

export const journeys = {
  "screenshot: a course, two widths, two looks": course,
  "screenshot: hostile mail, own images": hostile,
};
