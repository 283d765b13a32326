// A project in a temporary folder, the real program on it, and a browser.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.FASCICLE ?? join(root, "target/debug/fascicle");
// What npm brings lies with everything else that is built.
const require = createRequire(join(root, "target/browser/"));
export const axeSource = require("axe-core").source;
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
/** How long anything may take; these machines are slow at times. */
export const PATIENCE = 30_000;

/** Starts Debian's Chromium; the profile is new and goes away with it. */
export function browser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** Asks again and again, until `question` has an answer that is not false. */
export async function until(what, question) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((again) => setTimeout(again, 50));
  }
}

/** A project, and everything that was started for it. */
export class World {
  #folder = mkdtempSync(join(tmpdir(), "fascicle-browser-"));
  #children = [];
  #servers = [];

  constructor() {
    for (const name of ["fascicle.toml", "samples.toml", "templates", "campaigns"]) {
      cpSync(join(root, name), join(this.#folder, name), { recursive: true });
    }
  }

  path(file) {
    return join(this.#folder, file);
  }

  read(file) {
    return readFileSync(this.path(file), "utf8");
  }

  write(file, text) {
    writeFileSync(this.path(file), text);
  }

  edit(file, change) {
    const before = this.read(file);
    const after = change(before);
    if (before === after) throw new Error(`the edit of ${file} changes nothing`);
    this.write(file, after);
  }

  /** Runs a command to its end and returns what it printed. */
  good(...words) {
    const run = spawnSync(program, words, { cwd: this.#folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
    if (run.status !== 0) throw new Error(`fascicle ${words.join(" ")}: ${run.stdout}${run.stderr}`);
    return run.stdout;
  }

  /** Starts a command that goes on; returns when it has said all of `wanted`, as one address each. */
  async start(words, wanted) {
    const child = spawn(program, words, { cwd: this.#folder, env: { ...process.env, NO_COLOR: "1" }, stdio: ["ignore", "ignore", "pipe"] });
    this.#children.push(child);
    const found = {};
    const heard = [];
    const lines = createInterface({ input: child.stderr });
    await new Promise((done, failed) => {
      child.on("exit", (code) => failed(new Error(`fascicle ${words.join(" ")} ended with ${code}: ${heard.join("\n")}`)));
      lines.on("line", (line) => {
        heard.push(line);
        for (const name of wanted) {
          if (line.startsWith(`${name}:`)) found[name] = line.slice(name.length + 1).trim();
        }
        if (wanted.every((name) => found[name])) done();
      });
    });
    return found;
  }

  /** Serves on a free port of this machine; returns its origin. */
  async serve(handler) {
    const server = http.createServer(handler);
    this.#servers.push(server);
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** A proxy in front of `run`, as every installation has one. Its target is named later. */
  async proxy() {
    const target = {};
    const origin = await this.serve((request, answer) => {
      const url = new URL(request.url, target.origin);
      const from = { "x-forwarded-for": request.socket.remoteAddress };
      const onward = http.request(url, { method: request.method, headers: { ...request.headers, ...from } }, (back) => {
        answer.writeHead(back.statusCode, back.headers);
        back.pipe(answer);
      });
      onward.on("error", () => answer.destroy());
      request.pipe(onward);
    });
    return { origin, lead: (to) => { target.origin = to; } };
  }

  close() {
    for (const child of this.#children) child.removeAllListeners("exit").kill("SIGTERM");
    for (const server of this.#servers) { server.close(); server.closeAllConnections(); }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The mails that a catcher has, oldest first. */
export class Mailbox {
  constructor(origin) {
    this.origin = origin;
  }

  async #text(path) {
    const answer = await fetch(this.origin + path);
    return answer.ok ? answer.text() : null;
  }

  /** How many were caught. */
  async count() {
    const list = await this.#text("/inbox");
    return (list.match(/href="\/inbox\//g) ?? []).length;
  }

  source(number) {
    return this.#text(`/inbox/${number}/source`);
  }

  text(number) {
    return this.#text(`/inbox/${number}/text`);
  }

  /** The numbers of the mails to `address` whose subject holds `words`, in order. */
  async to(address, words = "") {
    const numbers = [];
    for (let number = 1; number <= await this.count(); number += 1) {
      const head = (await this.source(number)).split("\r\n\r\n")[0].replaceAll(/\r\n[ \t]/g, " ");
      const subject = /^Subject: (.*)$/m.exec(head)?.[1] ?? "";
      if (head.includes(`To: <${address}>`) && subject.includes(words)) numbers.push(number);
    }
    return numbers;
  }
}
