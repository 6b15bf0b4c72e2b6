// The customer's page of an order in a real browser: node order_page.cjs PACKAGES LINK FOLDER STEP. PACKAGES is the folder
// with the node_modules (scripts/order-page), LINK the page's address. Works as a customer does, without scripts, and fails
// if anything is asked of third parties, a cookie is set, the content security policy is violated, or axe finds a barrier.
//
//   read               opens it, at phone and desk width
//   missing WORDS      says that it is not here
//   confirm, reject WORDS   answers what was proposed
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [packages, link, folder, step, words] = process.argv.slice(2);
const ours = createRequire(path.resolve(packages) + "/");
const { chromium } = ours("playwright-core");
const axe = fs.readFileSync(ours.resolve("axe-core/axe.min.js"), "utf8");
const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

// What the step leads to: the words that the customer then reads.
const SAID = {
  missing: "You said that it is not here",
  confirm: "You confirmed that it is solved",
  reject: "You said that it is not solved",
};

async function look(browser, name, size, scheme) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(link);
  await page.screenshot({ path: path.join(folder, `${step}-${name}-${scheme}.png`), fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `at ${name} width it must be scrolled sideways by ${wide}`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  assert.deepStrictEqual(found.violations.map((one) => `${one.id}: ${one.help}`), []);
  assert.deepStrictEqual(complaints, []);
  await context.close();
}

async function act(browser) {
  const context = await browser.newContext({ viewport: sizes.phone, javaScriptEnabled: false, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(link);
  fs.writeFileSync(path.join(folder, `${step}.html`), await page.content());
  if (step !== "read") {
    if (step === "missing") await page.locator("form:has(button[value=missing]) textarea").fill(words ?? "");
    if (step === "reject") await page.locator("form:has(button[value=reject]) textarea").fill(words ?? "");
    await page.locator(`button[value=${step}]`).click();
    await page.getByRole("status").waitFor();
    assert.match(await page.getByRole("status").innerText(), new RegExp(SAID[step]));
    await page.screenshot({ path: path.join(folder, `${step}-done.png`), fullPage: true });
  }
  const origin = new URL(link).origin;
  assert.deepStrictEqual(asked.filter((one) => !one.startsWith(`${origin}/`)), []);
  assert.deepStrictEqual(await context.cookies(), []);
  await context.close();
}

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    for (const [name, size] of Object.entries(sizes)) {
      for (const scheme of ["light", "dark"]) await look(browser, name, size, scheme);
    }
    await act(browser);
  } finally {
    await browser.close();
  }
}

main()
  .then(() => console.log(`${step}: all passed`))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
