// The page of the calls in a real browser: node docs_page.cjs PACKAGES URL TOKEN PICTURE. PACKAGES is the folder with the
// node_modules (scripts/openapi page). Reads the page, authorizes, tries a call, and fails if anything is asked of third
// parties, the content security policy is violated, or an error is logged.
"use strict";
const assert = require("node:assert");
const path = require("node:path");
const { createRequire } = require("node:module");

const [packages, url, token, picture] = process.argv.slice(2);
const { chromium } = createRequire(path.resolve(packages) + "/")("playwright-core");

async function main() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const asked = [];
    const complaints = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));

    await page.goto(`${url}/docs`);
    const call = page.locator("#operations-IntakeService-IntakeService_ListCases");
    await page.locator("#operations-tag-IntakeService button.expand-operation").click();
    await call.waitFor();
    await page.screenshot({ path: `${picture}-desk.png` });

    await page.locator("button.authorize").first().click();
    await page.locator('.auth-container input[type="text"], .auth-container input[type="password"]').fill(token);
    await page.locator(".auth-container button.authorize").click();
    await page.locator(".auth-container button.btn-done").click();
    await call.locator(".opblock-summary-control").click();
    await call.locator("button.try-out__btn").click();
    await call.locator("textarea.body-param__text").fill("{}");
    await call.locator("button.execute").click();
    const answer = call.locator(".live-responses-table .response .response-col_status");
    await answer.waitFor();
    assert.match(await answer.innerText(), /^200/);
    assert.match(await call.locator(".live-responses-table .response .highlight-code").first().innerText(), /consistencyToken/);
    await call.screenshot({ path: `${picture}-tried.png` });

    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${picture}-phone.png` });
    assert.deepStrictEqual(complaints, []);
    const others = asked.filter((one) => !one.startsWith(`${url}/`) && !one.startsWith("data:"));
    assert.deepStrictEqual(others, []);
  } finally {
    await browser.close();
  }
}

main()
  .then(() => console.log("the page: all passed"))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
