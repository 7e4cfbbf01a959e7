// Tests that note when their first line is executed, in milliseconds of the epoch.
import { writeFileSync } from 'node:fs';
import { test } from '@playwright/test';

function note() {
  writeFileSync(process.env.PEERS_NOTE!, String(performance.timeOrigin + performance.now()));
}

test('without_browser', () => {
  note();
});

test('with_browser', async ({ page }) => {
  note();
  await page.goto('/');
});
