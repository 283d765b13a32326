// Puts the support letters of caniemail's data into facts.txt: `node renew.mjs caniemail.json`.
import { readFileSync, writeFileSync } from "node:fs";

const data = JSON.parse(readFileSync(process.argv[2], "utf8"));
const file = new URL("facts.txt", import.meta.url);
const lines = readFileSync(file, "utf8").split("\n");
const programs = lines.filter((line) => line.startsWith("program |")).map((line) => line.split(" | ")[1].split(" "));

// The last version of a program is the one that people have.
const letter = (feature, [family, platform]) =>
  Object.values(feature.stats[family]?.[platform] ?? { none: "u" }).at(-1)[0];

const renewed = lines.map((line) => {
  if (line.startsWith("# Source:")) {
    return line.replace(/\d{4}-\d\d-\d\d/, data.last_update_date.slice(0, 10));
  }
  const fields = line.split(" |");
  if (line.startsWith("#") || line.startsWith("program") || fields.length < 5) return line;
  const feature = data.data.find((known) => known.slug === fields[0]);
  if (!feature) throw new Error(`no feature ${fields[0]}`);
  fields[2] = ` ${programs.map((program) => letter(feature, program)).join("")}`;
  return fields.join(" |");
});
writeFileSync(file, renewed.join("\n"));
