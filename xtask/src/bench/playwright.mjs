// Signed-in sessions with Playwright's library, one after another in one warm browser.
import { chromium } from 'playwright-core';

const { browser: executablePath, site, count, wholeCycle } = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath });

const entrance = await browser.newContext();
const page = await entrance.newPage();
await page.goto(`${site}/enter`);
const storageState = await entrance.storageState();
await entrance.close();

const open = [];
const cycle = [];
for (let round = 0; round <= count; round += 1) {
  const asked = performance.now();
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  const opened = performance.now();
  if (wholeCycle) {
    await page.goto(`${site}/`);
    const text = await page.locator('#user').textContent();
    if (text !== 'signed in') throw new Error(`the page says ${text}`);
  }
  await context.close();
  const closed = performance.now();
  // The first one is cold.
  if (round > 0) {
    open.push(opened - asked);
    if (wholeCycle) cycle.push(closed - asked);
  }
}
await browser.close();
console.log(JSON.stringify({ open, cycle }));
