// The public notices in a real browser: node browser.cjs PACKAGES URL NOTICES PICTURES. PACKAGES is the folder with the
// node_modules, NOTICES a file with the ids of an outage that is overdue and of one that is over. Says on lines that begin
// with `do:` what whoever started it is to do (scripts/pages).
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { createRequire } = require("node:module");

const [packages, url, noticesFile, pictures] = process.argv.slice(2);
const load = createRequire(path.resolve(packages) + "/");
const { chromium } = load("playwright-core");
const axe = load.resolve("axe-core/axe.min.js");
const notices = JSON.parse(fs.readFileSync(noticesFile, "utf8"));

const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const pages = { notices: "/notices", history: "/history", outage: `/notices/${notices.outage}`, over: `/notices/${notices.over}`, widget: "/widget" };

// What the browser asked for and complained about.
async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: sizes.desk, timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.asked = [];
  page.complaints = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  return page;
}

async function close(page) {
  assert.deepStrictEqual(page.complaints, []);
  assert.deepStrictEqual(page.asked.filter((one) => !one.startsWith(`${url}/`)), [], "asked of third parties");
  assert.deepStrictEqual(await page.context().cookies(), []);
  await page.context().close();
}

// By a script of the test's own world, which the page's policy does not concern.
async function violations(page) {
  const source = fs.readFileSync(axe, "utf8");
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
  const run = async (expression) => {
    const answer = await session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  };
  await run(`${source}; undefined`);
  return run(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((result) =>
    result.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.html).join(" | ")))`);
}

// Every page, in every way to look at it.
async function look(browser) {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      for (const javaScriptEnabled of [true, false]) {
        if (!javaScriptEnabled && colorScheme === "dark") continue;
        for (const [name, address] of Object.entries(pages)) {
          const page = await open(browser, { viewport, colorScheme, javaScriptEnabled });
          const answer = await page.goto(url + address);
          assert.strictEqual(answer.status(), 200, address);
          if (javaScriptEnabled) {
            assert.deepStrictEqual(await violations(page), [], `${name} ${size} ${colorScheme}`);
          }
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(wider <= 0, `${name} ${size} is ${wider} pixels too wide`);
          await page.screenshot({ path: path.join(pictures, `${name}-${size}-${colorScheme}${javaScriptEnabled ? "" : "-no-script"}.png`), fullPage: true });
          await close(page);
        }
      }
    }
  }
}

async function weigh(browser) {
  const page = await open(browser);
  await page.goto(`${url}/notices`);
  await page.waitForTimeout(500);
  const loaded = [...new Set(page.asked)].filter((one) => !one.includes("/events"));
  assert.ok(loaded.some((one) => one.includes("page.css")) && loaded.some((one) => one.includes("notices.js")), String(loaded));
  let bytes = 0;
  for (const one of loaded) bytes += (await (await fetch(one)).arrayBuffer()).byteLength;
  assert.ok(bytes < 50000, `the page has ${bytes} bytes`);
  console.log(`the page has ${bytes} bytes with its style, script and icon, not compressed`);
  await close(page);
}

async function read(browser) {
  const page = await open(browser, { javaScriptEnabled: false });
  await page.goto(`${url}/notices`);
  const text = await page.locator("main").innerText();
  for (const part of ["Something does not work", "Cards are refused", "Overdue: we promised to say more by", "Pay by invoice", "Corrected", "<b>at the last step</b>",
    "Expected end", "Search finds too little", "Planned", "The app is renewed", "Vouchers end", "Have them paid out", "Works badly", " UTC"]) {
    assert.ok(text.includes(part), `without script: ${part} in ${text}`);
  }
  // By keyboard: the first stop skips to the content.
  await page.keyboard.press("Tab");
  assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await close(page);
  const local = await open(browser);
  await local.goto(`${url}/notices`);
  assert.match(await local.locator("time").first().innerText(), /CET|CEST|GMT\+[12]/);
  await close(local);
}

const next = (what) => console.log(`do: ${what}`);

// A change is shown on a page that is open, which keeps what its reader had opened; an outage of ours is told, and its end.
async function live(browser) {
  const page = await open(browser);
  await page.goto(`${url}/notices`);
  const said = page.locator(`#updates-${notices.outage}`);
  await said.locator("summary").click();
  const start = Date.now();
  next("update");
  await page.getByText("The bank has the new one.").waitFor({ timeout: 15000 });
  console.log(`a change was shown ${Date.now() - start} ms after it began to be made`);
  assert.ok(await said.evaluate((one) => one.open), "what was open stays open");
  assert.match(await page.locator("#news").innerText(), /^Updated /);
  assert.deepStrictEqual(await violations(page), []);
  assert.deepStrictEqual(page.complaints, []);

  next("stop");
  await page.waitForTimeout(2000);
  next("start");
  // The page comes back by itself.
  const deadline = Date.now() + 30000;
  for (;;) {
    const streams = page.asked.filter((one) => one.includes("/notices/events")).length;
    if (streams > 1) break;
    assert.ok(Date.now() < deadline, "the page did not come back");
    await page.waitForTimeout(200);
  }
  page.complaints.length = 0; // while the server was away
  await close(page);
}

// On a website of another origin, by the script, and as a plain frame; a page that is no widget is not framed.
async function widget(browser) {
  const html = `<!doctype html><html lang="en"><title>Shop</title><body><h1>Shop</h1><script src="${url}/assets/widget.js"></script>
    <iframe id="plain" title="Status" src="${url}/widget"></iframe><iframe id="page" title="Page" src="${url}/notices"></iframe>
    <img alt="status" src="${url}/badge.svg"></body></html>`;
  const server = http.createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(html);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const page = await open(browser);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  for (const frame of ['iframe[title="Service status"]', "#plain"]) {
    await page.frameLocator(frame).getByText("Something").first().waitFor();
  }
  assert.ok(await page.locator("img").evaluate((image) => image.naturalWidth > 50));
  assert.strictEqual(await page.frameLocator("#page").locator("#live").count(), 0);
  assert.ok(page.complaints.some((one) => one.includes("frame-ancestors")), String(page.complaints));
  await page.screenshot({ path: path.join(pictures, "website.png") });
  await page.context().close();
  server.close();
}

// Atlassian's own widget, which asks for summary.json.
async function theirs(browser) {
  const script = fs.readFileSync(path.join(packages, "node_modules/@statuspage/status-widget/dist/index.js"), "utf8");
  const server = http.createServer((request, response) => {
    response.setHeader("content-type", request.url === "/w.js" ? "text/javascript" : "text/html");
    response.end(request.url === "/w.js" ? script : `<!doctype html><html lang="en"><title>Shop</title><statuspage-widget src="${url}"></statuspage-widget>
      <script src="/w.js"></script></html>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const page = await open(browser);
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.querySelector("statuspage-widget")?.shadowRoot?.textContent.includes("Partial System Outage"), null, { timeout: 10000 });
  assert.ok(page.asked.includes(`${url}/api/v2/summary.json`), String(page.asked));
  await page.screenshot({ path: path.join(pictures, "statuspage-widget.png") });
  await page.context().close();
  server.close();
}

async function main() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    for (const part of [read, weigh, look, widget, theirs, live]) {
      await part(browser);
      console.log(`${part.name}: passed`);
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.log(error);
  process.exit(1);
});
