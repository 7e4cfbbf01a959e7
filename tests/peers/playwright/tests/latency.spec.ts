// How soon an expectation sees a change of the page.
import { readFileSync, writeFileSync } from 'node:fs';
import { test, expect } from '@playwright/test';

declare function change(text: string): void;
declare const noted: number;

test('expectations', async ({ page }) => {
  test.setTimeout(600_000);
  await page.setContent(readFileSync(process.env.PEERS_PAGE!, 'utf8'));
  const figures: number[] = [];
  for (let round = 0; round < Number(process.env.PEERS_COUNT); round += 1) {
    const text = `text ${round}`;
    await page.evaluate((text) => change(text), text);
    await expect(page.locator('#text')).toHaveText(text);
    const seen = performance.timeOrigin + performance.now();
    figures.push(seen - (await page.evaluate(() => noted)));
  }
  writeFileSync(process.env.PEERS_NOTE!, figures.join('\n'));
});
