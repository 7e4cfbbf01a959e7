// The browser tests of course-records, each worker with a server of its own.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'records',
  fullyParallel: true,
  reporter: 'dot',
  globalSetup: './records/seed.ts',
  // The limits of examples/course-records/callboard.toml.
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: process.env.PEERS_BROWSER,
      args: ['--js-flags=--max-old-space-size=256'],
    },
  },
});
