// The same with Playwright: how soon a change is seen, and how soon an element that has become ready is clicked.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { browser: executablePath, count, content } = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath });
const page = await (await browser.newContext()).newPage();
await page.setContent(readFileSync(content, 'utf8'));

// Playwright Test's `expect(locator).toHaveText` is not in the library; its `waitFor` on a text looks in the page, too.
const expectations = [];
for (let round = 0; round < count; round += 1) {
  const text = `text ${round}`;
  await page.evaluate((text) => change(text), text);
  await page.locator('#text').filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
  const seen = performance.timeOrigin + performance.now();
  expectations.push(seen - (await page.evaluate(() => noted)));
}
const actions = [];
for (let round = 0; round < count; round += 1) {
  await page.evaluate(() => enable());
  await page.locator('#button').click();
  actions.push(await page.evaluate(() => clicked - noted));
}
await browser.close();
console.log(JSON.stringify({ expectations, actions }));
