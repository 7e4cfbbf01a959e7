// Isolated tests of a tiny page, as many as PEERS_COUNT says.
import { test, expect } from '@playwright/test';

for (let number = 0; number < Number(process.env.PEERS_COUNT); number += 1) {
  test(`t${number}`, async ({ page }) => {
    await page.goto('/');
    await expect(page.locator('#user')).toHaveText('signed out');
  });
}
