// Tests that do nothing, as many as PEERS_COUNT says.
import { test } from '@playwright/test';

for (let number = 0; number < Number(process.env.PEERS_COUNT); number += 1) {
  test(`t${number}`, async () => {});
}
