// Tests that need no server of their own, in the browser that PEERS_BROWSER says.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  reporter: 'dot',
  use: {
    baseURL: process.env.PEERS_SITE,
    launchOptions: { executablePath: process.env.PEERS_BROWSER },
  },
});
