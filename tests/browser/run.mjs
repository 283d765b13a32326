// The journeys in a real browser. `node run.mjs [WORD]` runs those whose name holds WORD;
// PICTURES=FOLDER keeps a picture of every page at two widths, light and dark.

import { browser } from "./world.mjs";
import * as door from "./door.mjs";
import * as play from "./play.mjs";
import * as preview from "./preview.mjs";
import * as screenshot from "./screenshot.mjs";
import * as studio from "./studio.mjs";

const journeys = {
  ...door.journeys, ...play.journeys, ...preview.journeys, ...studio.journeys, ...screenshot.journeys,
};
const wanted = process.argv[2] ?? "";
const chromium = await browser();
let failed = 0;
for (const [name, journey] of Object.entries(journeys)) {
  if (!name.includes(wanted)) continue;
  const began = Date.now();
  try {
    await journey(chromium);
    console.log(`ok    ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await chromium.close();
process.exit(failed === 0 ? 0 : 1);
