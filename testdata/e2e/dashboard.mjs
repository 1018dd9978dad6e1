// What a person sees and does on the dashboard, in Chromium. Called by dashboard_test.py:
//   node dashboard.mjs SCENARIO ADDRESS [ARGUMENT]     exit 0 when all of it is so; else what is not, on standard error.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import {createRequire} from "node:module";

const require = createRequire(import.meta.url);
// A program beside others in runfiles finds its package by its real path.
const {chromium} = require(fs.realpathSync(path.resolve(process.env.PLAYWRIGHT)));

const PAGES = ["", "alerts", "budgets", "latency", "endpoints", "health"];
const PATIENCE = 60000;
const [, , scenario, address, argument] = process.argv;

const browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]});

// A page that notes what it complains of. What the browser logs of 404, 401 and of a server that is gone is no complaint:
// those are answers that pages deal with.
async function open({dark = false, phone = false, at = ""} = {}) {
  const context = await browser.newContext({viewport: phone ? {width: 390, height: 844} : {width: 1280, height: 900}, colorScheme: dark ? "dark" : "light", timezoneId: "Asia/Kolkata"});
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  page.addresses = new Set();
  page.on("pageerror", (error) => page.complaints.push(error.stack));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource")) page.complaints.push(message.text());
  });
  page.on("request", (request) => page.addresses.add(new URL(request.url()).origin));
  await page.goto(`${address}/#/${at}`);
  return page;
}

const live = (page) => page.waitForSelector("#connection[data-mode=live]");
// Waits until the first that `selector` finds reads so.
const reads = (page, selector, what) => page.locator(selector).first().filter({hasText: what}).waitFor({state: "attached"});
const text = (page, selector = "body") => page.locator(selector).first().innerText();

// Goes to another page of the dashboard and waits until nothing there is loading.
async function go(page, to) {
  await page.goto(`${address}/#/${to}`);
  await page.waitForFunction(() => document.querySelector(".page") && !document.querySelector("main").innerText.includes("Loading"));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

function noNonsense(shown, where) {
  assert.doesNotMatch(shown, /NaN|Infinity|undefined|\bnull\b|\[object/, where);
}

async function closing(page) {
  assert.deepEqual(page.complaints, []);
  assert.deepEqual([...page.addresses], [address]);
}

const SCENARIOS = {
  // The incident of the demo, at speed: it appears, fires, costs budget and resolves; nobody touches the page.
  async incident() {
    const page = await open();
    await live(page);
    const budget = () => page.locator("tbody[data-key=tier1_interactive] tr.slo .strong").last().innerText();
    const availability = () => page.locator("tbody[data-key=tier1_interactive] tr.slo").first().locator("td[data-label='Budget left']").innerText();
    await page.waitForFunction(() => document.querySelector("tr.slo .meter"));
    const before = parseFloat(await availability());
    await page.locator("article[data-alert=firing]", {hasText: "page"}).first().waitFor();
    assert.match(await text(page, ".verdict"), /1 page.* firing/);
    assert.match(await text(page, "article[data-alert=firing]"), /burns its availability error budget/);
    assert.match(await text(page, "article[data-alert=firing]"), /Cause: .*\/userid\/.*503/);
    assert.match(await page.title(), /^\(\d\)/);
    assert.match(await page.locator("#announce").textContent(), /firing/);
    await page.locator("article[data-alert=firing] details summary").first().click();
    assert.match(await text(page, "article[data-alert=firing] details"), /Error budget: .* spent/);
    await page.locator("article[data-alert=resolved]", {hasText: "page"}).first().waitFor();
    assert.match(await text(page, "article[data-alert=resolved]"), /no longer burns/);
    assert.ok(parseFloat(await availability()) < before - 20, `budget ${before} % → ${await availability()}`);
    assert.ok(await budget());
    await go(page, "alerts");
    await page.locator("[data-key=episodes] tbody tr", {hasText: "page"}).first().waitFor();
    await closing(page);
  },

  // Whatever callers named their endpoints is text, wherever it stands.
  async hostile() {
    const page = await open();
    await live(page);
    for (const at of [...PAGES, "tier/web", `tier/${encodeURIComponent("<img src=x onerror=window.hacked=1>")}`]) {
      await go(page, at);
      assert.equal(await page.evaluate(() => window.hacked ?? null), null, at);
      assert.equal(await page.locator("main img, main script, main iframe").count(), 0, at);
    }
    await go(page, "endpoints");
    const shown = await text(page, "main");
    assert.ok(shown.includes("<img src=x onerror=\"window.hacked=1\">"), shown);
    assert.ok(shown.includes("\\u202e"), "what turns the direction of text is written out");
    await page.fill("input[type=search]", "<script>");
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 1);
    // Even markup that got in would run nothing.
    await page.evaluate(() => { document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.hacked=2'>"); });
    await page.waitForFunction(() => document.querySelector("body > img").complete);
    assert.equal(await page.evaluate(() => window.hacked ?? null), null);
    page.complaints = page.complaints.filter((complaint) => !complaint.includes("Content Security Policy"));
    await closing(page);
  },

  // Every page, whatever there is to show: no nonsense, a heading, no wider than a phone. `argument`: what some page says.
  async calm() {
    for (const phone of [false, true]) {
      const page = await open({phone});
      await live(page);
      let all = "";
      for (const at of [...PAGES, "tier/web"]) {
        await go(page, at);
        const shown = await text(page, "body");
        noNonsense(shown, at);
        all += shown;
        assert.equal(await page.locator("h1").count(), 1, `one h1 on ${at}`);
        const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= room, `${at} is ${wide} px wide on a screen of ${room}`);
      }
      for (const said of JSON.parse(argument)) assert.ok(all.includes(said), `nowhere: ${said}\n${all}`);
      await closing(page);
    }
  },

  // A thousand endpoints: found, sorted and paged, by keyboard too.
  async thousand() {
    const page = await open({at: "endpoints"});
    await live(page);
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 25);
    await reads(page, ".pager", /1,000 in all.*page 1 of 40/s);
    await reads(page, "main tbody th", /^\/e\/999$/);  // what burnt most is on top
    await page.getByRole("button", {name: "Next"}).click();
    await reads(page, ".pager", /page 2 of 40/);
    await page.getByRole("button", {name: "Requests"}).focus();
    await page.keyboard.press("Enter");
    await reads(page, "th[aria-sort=descending]", "Requests ▾");
    await reads(page, ".pager", /page 1 of 40/);
    await page.keyboard.press("Enter");
    await reads(page, "th[aria-sort=ascending]", "Requests ▴");
    const took = await page.evaluate(() => {
      const field = document.querySelector("input[type=search]");
      const begin = performance.now();
      field.value = "/e/77";
      field.dispatchEvent(new Event("input", {bubbles: true}));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begin))));
    });
    await reads(page, ".pager", /11 of 1,000/);
    assert.ok(took < 500, `a search took ${took} ms`);
    await page.fill("input[type=search]", "nowhere");
    await page.getByText("Nothing here has").waitFor();
    await closing(page);
  },

  // Keyboard and names: the way in, what has the focus, and that redrawing leaves it alone.
  async keyboard() {
    const page = await open();
    await live(page);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.getByRole("link", {name: "Endpoints", exact: true}).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash === "#/endpoints" && document.activeElement.id === "content");
    assert.equal(await page.locator("nav [aria-current=page]").innerText(), "Endpoints");
    const search = page.getByRole("searchbox", {name: "Search endpoints"});
    await search.fill("pay");
    const clock = await text(page, "#clock");
    await page.waitForFunction((old) => document.getElementById("clock").innerText !== old, clock);
    assert.equal(await search.inputValue(), "pay");
    assert.equal(await page.evaluate(() => document.activeElement.type), "search");
    for (const at of [...PAGES, "tier/web"]) {
      await go(page, at);
      const nameless = await page.evaluate(() => [...document.querySelectorAll("a, button, input, select")].filter((one) =>
        !(one.innerText || one.getAttribute("aria-label") || one.labels?.length)).map((one) => one.outerHTML));
      assert.deepEqual(nameless, [], at);
      const charts = await page.evaluate(() => [...document.querySelectorAll("[data-chart]")].filter((one) => !one.getAttribute("aria-label")).length);
      assert.equal(charts, 0, at);
    }
    const time = page.locator("#clock time");
    assert.match(await time.getAttribute("title"), /UTC, local time/);
    assert.match(await time.innerText(), /UTC$/);
    await closing(page);
  },

  // Where a read token is wanted, the page asks, and keeps it for its tab.
  async token() {
    const page = await open();
    const field = page.getByLabel("This server wants a read token:");
    await field.waitFor();
    noNonsense(await text(page), "without a token");
    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByLabel("This token does not open the page. Another:").fill(argument);
    await page.keyboard.press("Enter");
    await live(page);
    await page.waitForSelector(".tiers");
    await page.waitForFunction(() => !document.querySelector("#token"));
    const kept = await page.evaluate(() => [Object.values(sessionStorage), Object.values(localStorage), location.href, document.cookie]);
    assert.deepEqual(kept[0], [argument]);
    assert.ok(!JSON.stringify(kept.slice(1)).includes(argument));
    await page.reload();
    await page.waitForSelector(".tiers");
    await closing(page);
  },

  // Without a stream it polls; without a server it says so; both end by themselves. `argument`: a file that is there while
  // the server is to be gone, made and removed at our word.
  async connection() {
    const page = await open();
    await live(page);
    const other = await browser.newContext().then((context) => context.newPage());
    await other.route("**/v1/stream", (route) => route.abort());
    await other.goto(address);
    await other.waitForSelector("#connection[data-mode=polling]");
    await other.waitForSelector(".tiers");
    const clock = await text(other, "#clock");
    await other.waitForFunction((old) => document.getElementById("clock").innerText !== old, clock);
    await other.close();
    fs.writeFileSync(argument, "");
    await page.waitForSelector("#connection[data-mode=disconnected]");
    assert.match(await text(page, "#notice"), /The server does not answer/);
    assert.match(await text(page, "#notice"), /What is shown is .* old/);
    await page.waitForSelector(".tiers");
    assert.match(await page.locator("#announce").textContent(), /does not answer/);
    fs.rmSync(argument);
    await live(page);
    await page.waitForFunction(() => document.getElementById("notice").innerText === "");
    await closing(page);
  },

  // The server answers, and evaluates no more.
  async stale() {
    const page = await open();
    await live(page);
    let first = null;
    await page.route("**/v1/st*", async (route) => {
      if (route.request().url().endsWith("stream")) return route.abort();
      first ??= await (await route.fetch()).text();
      return route.fulfill({body: first, contentType: "application/json"});
    });
    await page.clock.install();
    await page.reload();
    await page.waitForSelector("#connection[data-mode=polling]");
    await page.clock.fastForward(32000);
    await page.waitForSelector("#connection[data-mode=stale]");
    assert.match(await text(page, "#notice"), /No new evaluation/);
    await closing(page);
  },

  // Within a second something is to be read, and the page is no heavier than it need be.
  async paint() {
    const page = await open();
    await page.waitForSelector(".tiers");
    const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
    assert.ok(painted < 1000, `the first paint came after ${painted} ms`);
    const shown = await page.evaluate(() => performance.now());
    assert.ok(shown < 5000, `tiers were there after ${shown} ms`);
    await closing(page);
  },

  // Every page, light, dark and on a phone; pictures go to the folder `argument`.
  async pictures() {
    for (const [name, options] of [["light", {}], ["dark", {dark: true}], ["phone", {phone: true}]]) {
      const page = await open(options);
      await live(page);
      for (const at of [...PAGES, "tier/tier1_interactive"]) {
        await go(page, at);
        await page.waitForFunction(() => [...document.querySelectorAll("[data-chart]")].every((chart) => chart.querySelector("canvas")));
        const file = path.join(argument, `${at.split("/")[0] || "overview"}-${name}.png`);
        await page.screenshot({path: file, fullPage: true});
        assert.ok(fs.statSync(file).size > 10000, file);
      }
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(background, name === "dark" ? "rgb(16, 21, 29)" : "rgb(246, 247, 249)");
      await page.locator("#theme").click();
      assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), background);
      await closing(page);
    }
  },
};

try {
  await SCENARIOS[scenario]();
} finally {
  await browser.close();
}
