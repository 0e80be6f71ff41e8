// See browser-check, which starts this.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const library = (name) => require(path.resolve("target/browser-check/node_modules", name));
const { chromium } = library("playwright-core");
const axe = library("axe-core");

const [address, folder, token] = process.argv.slice(2);
const WIDTHS = [1280, 390, 320];
const THEMES = ["light", "dark"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
// Pages that no link leads to.
const UNLINKED = ["/", "/sign-in", "/account/confirm", "/no-such-page"];
// Of many pages of one kind, this many are opened.
const OF_A_KIND = 3;
// Long enough to look at the page of a run at work in every width and theme.
const RUN_SECONDS = 30;
const TRIAL_SECONDS = 5;
// A busy machine may take long over a picture of a long page.
const PATIENCE_MS = 120_000;

const OFFICE = "director@coop.example.org";

let cookies = [];
const problems = [];

/** The kind of page that a path is: `/week/SLP-01` and `/week/OT-02` are of one kind, and so are two comparisons. */
function kind(address) {
  const { pathname, searchParams } = new URL(address);
  const folders = pathname.split("/").map((folder) => (/[A-Z0-9]/.test(folder) ? "*" : folder));
  return folders.join("/") + [...searchParams.keys()].map((name) => `?${name}`).join("");
}

/** Asks the API, and fails on anything but success. */
async function call(path, body, method = body ? "POST" : "GET") {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const sent = body && JSON.stringify(body);
  const answer = await fetch(`${address}/api/v1${path}`, { headers, method, body: sent });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Waits until the planner is done with a run or a trial. */
async function ended(path) {
  for (;;) {
    const { state } = await call(path);
    if (state !== "queued" && state !== "running") return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Lets the planner make a second plan, and looks at the run while it is at work. */
async function makeAnotherPlan(browser) {
  const term = (await call("/terms")).items[0];
  const run = await call("/plan-runs", { term_id: term.id, seconds_max: RUN_SECONDS, seed: 2 });
  await everywhere(browser, [`${address}/plans/${run.code}`]);
  await ended(`/plan-runs/${run.id}`);
}

/** Tries two lengths of a contract on the plan in use, so that there is a table and a chart to look at. */
async function tryOneMore() {
  const plan = (await call("/plans")).items.find((one) => one.state === "published");
  for (const minutes of [660, 1320]) {
    const hire = { kind: "hire", discipline: "SLP", minutes_per_week: minutes, employer: "coop", cents_per_hour: 6500 };
    const asked = { name: `Speech specialist, ${minutes} minutes a week`, changes: [hire], seconds_max: TRIAL_SECONDS };
    const tried = await call(`/plans/${plan.id}/scenarios`, asked);
    await ended(`/scenarios/${tried.id}`);
  }
}

/** Texts that run, break out or load something wherever they are not escaped; requirement 1. */
function hostileTexts() {
  const run = ["window.__pwn=1", "window['__pwn']=1", "top.__pwn=1", "(window.__pwn=1)"];
  const wraps = [
    (code) => `<script>${code}</script>`,
    (code) => `</script><script>${code}</script>`,
    (code) => `<svg onload=${code}>`,
    (code) => `<img src=x onerror=${code}>`,
    (code) => `" autofocus onfocus=${code} x="`,
    (code) => `' onmouseover=${code} x='`,
    (code) => `</title></style></textarea><img src=x onerror=${code}>`,
    (code) => `<a href="javascript:${code}">x</a>`,
    (code) => `{{${code}}} {% raw %} \${${code}}`,
    (code) => `<style>@import '//evil.example';</style><iframe srcdoc="<script>${code}</script>">`,
  ];
  return wraps.flatMap((wrap) => run.map(wrap));
}

/** Enters hostile texts in every field that takes words, then opens every page that can show them. */
async function hostile(browser) {
  const term = (await call("/terms")).items[0];
  const plan = (await call("/plans")).items.find((one) => one.state === "published");
  const texts = hostileTexts();
  for (const [index, text] of texts.entries()) {
    const member = await call("/members", {
      code: `X${index}`, name: text, contact_name: text, contact_email: "x@example.org", member_from: "2020-07-01",
    });
    const site = await call("/sites", {
      member_id: member.id, code: `X${index}-1`, name: text, address: text, open_from: "2020-07-01",
    });
    const today = new Date().toISOString().slice(0, 10);
    await call("/calendar-entries", { member_id: member.id, kind: "closure", name: text, starts_on: today, ends_on: today });
    await call("/specialists", {
      code: `X${index}`, name: text, email: `x${index}@example.org`, disciplines: [{ code: "SLP", held_from: "2020-01-01" }],
    });
    const request = await call("/service-requests", {
      site_id: site.id, term_id: term.id, discipline: "SLP", priority: "consult", minutes_per_week: 30,
      visits_per_week_max: 1, visit_minutes: { min: 30, max: 30 }, windows: { mon: [["08:00", "15:00"]] },
    });
    await call(`/service-requests/${request.id}/submit`, undefined, "POST");
    await call(`/service-requests/${request.id}/decline`, { reason: text });
    await call("/accounts", { name: text, email: `x${index}@example.org`, roles: [{ role: "coordinator", member_id: member.id }] });
    if (plan && index % 10 === 0) {
      const away = { kind: "absence", specialist: "SLP-01", days: ["mon"] };
      await call(`/plans/${plan.id}/scenarios`, { name: text, changes: [away], seconds_max: 1 });
    }
  }
  const page = await opened(browser, WIDTHS[0], THEMES[0]);
  const note = (text) => problems.push(`hostile texts ${page.url()}: ${text}`);
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("404")) note(`console: ${message.text()}`);
  });
  page.on("dialog", (dialog) => note("a dialog") || dialog.dismiss());
  let shown = 0;
  const urls = (await pagesOf(browser)).concat(texts.map((_, index) => `${address}/week/X${index}`));
  for (const url of new Set(urls)) {
    await page.goto(url);
    if ((await page.evaluate(() => window.__pwn)) !== undefined) note("a text was run");
    shown += (await page.evaluate(() => document.body.innerText)).split("__pwn").length - 1;
  }
  if (shown < texts.length) note(`only ${shown} hostile texts were shown at all`);
  console.log(`${texts.length} hostile texts in every field, shown ${shown} times`);
  await page.context().close();
}

/** The code of a secret now (RFC 6238). */
function code(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = crypto.createHmac("sha1", key).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Signs in as the office: looks at every page on the way, and keeps the cookies for the others. */
async function signIn(browser) {
  const page = await opened(browser, WIDTHS[1], THEMES[0]);
  await page.goto(`${address}/sign-in`);
  await page.fill("#email", OFFICE);
  await page.fill("#password", process.env.DEMO_PASSWORD);
  await page.click("main button");
  await look(page, page.url(), "begin-second-factor");
  await page.click("main button");
  await look(page, page.url(), "set-up-second-factor");
  const secret = (await page.textContent(".secret")).replaceAll(/\s/g, "");
  await page.fill("#code", code(secret));
  await page.click("main button");
  await page.click("main a.button");
  cookies = await page.context().cookies();
  await page.context().close();
}

/** Whether a link leads to a file and not to a page. */
function isFile(link) {
  return /\.(csv|xlsx|eml|ics)$/.test(new URL(link).pathname);
}

/** Every page that can be reached by links, a few of each kind. */
async function pagesOf(browser) {
  const page = await opened(browser, WIDTHS[0], THEMES[0]);
  const found = new Map();
  const waiting = UNLINKED.map((start) => new URL(start, address).href);
  while (waiting.length > 0) {
    const next = waiting.shift();
    const same = found.get(kind(next)) ?? new Set();
    if (same.has(next) || same.size >= OF_A_KIND) continue;
    found.set(kind(next), same.add(next));
    await page.goto(next);
    const links = await page.$$eval("a[href]", (all) => all.map((link) => link.href.split("#")[0]));
    waiting.push(...links.filter((link) => link.startsWith(address) && !isFile(link)));
  }
  await page.context().close();
  return [...found.values()].flatMap((same) => [...same]).sort();
}

async function opened(browser, width, theme) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
  });
  if (cookies.length > 0) await context.addCookies(cookies);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** Looks at one page in one size and theme. */
async function look(page, url, label) {
  const note = (text) => problems.push(`${label} ${url}: ${text}`);
  const heard = (message) => {
    const expected = url.endsWith("/no-such-page") && message.text().includes("404");
    if (message.type() === "error" && !expected) note(`console: ${message.text()}`);
  };
  page.on("console", heard);
  await page.goto(url);
  // As an expression of the debugger, so that the page's own policy stays in force.
  await page.evaluate(axe.source);
  const result = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
  for (const violation of result.violations) {
    const places = violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? ""})`);
    note(`axe ${violation.id}: ${violation.help}: ${places.join("; ")}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) note(`the page scrolls sideways by ${wide} pixels`);
  const name = new URL(url).pathname.slice(1).replaceAll("/", "-") || "home";
  const query = new URL(url).search.replaceAll(/[^a-zA-Z0-9]+/g, "-");
  await page.screenshot({ path: path.join(folder, `${`${name}${query}`.slice(0, 120)}-${label}.png`), fullPage: true });
  page.off("console", heard);
}

/** Looks at pages in every size and theme. */
async function everywhere(browser, urls) {
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      const page = await opened(browser, width, theme);
      for (const url of urls) await look(page, url, `${width}-${theme}`);
      await page.context().close();
    }
  }
}

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    if (token) {
      await makeAnotherPlan(browser);
      await tryOneMore();
    }
    if (process.env.DEMO_PASSWORD) {
      await signIn(browser);
    }
    const pages = await pagesOf(browser);
    await everywhere(browser, pages);
    if (token) {
      await hostile(browser);
    }
    console.log(`${pages.length} pages, ${WIDTHS.length} widths, ${THEMES.length} themes; pictures in ${folder}`);
  } finally {
    await browser.close();
  }
  for (const problem of problems) console.log(problem);
  console.log(`${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 2;
});
