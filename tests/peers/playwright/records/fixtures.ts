// A server for each worker, and pages of its users, signed in once for each worker and role.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { RecordsPage } from './page';

type Role = 'site_admin' | 'institution_admin' | 'program_admin' | 'instructor';
type Server = { url: string; number: number; folder: string };

type Tests = {
  siteAdmin: RecordsPage;
  institutionAdmin: RecordsPage;
  programAdmin: RecordsPage;
  instructor: RecordsPage;
};
type Workers = {
  server: Server;
  signedIn: (role: Role) => Promise<string>;
};

export const test = base.extend<Tests, Workers>({
  server: [
    async ({}, use, { workerIndex, parallelIndex }) => {
      const folder = join(process.env.PEERS_STAGE!, `worker-${workerIndex}`);
      await mkdir(folder, { recursive: true });
      const database = join(folder, 'app.db');
      await copyFile(join(process.env.PEERS_STAGE!, 'base.db'), database);
      const port = Number(process.env.PEERS_PORT) + parallelIndex;
      const server = spawn(process.env.PEERS_PROGRAM!, ['serve', '--port', String(port)], {
        env: {
          ...process.env,
          DATABASE_URL: `sqlite://${database}`,
          DIRECTORY_URL_FILE: join(process.env.PEERS_STAGE!, 'directory.url'),
        },
        stdio: 'ignore',
      });
      const ended = once(server, 'exit');
      const url = `http://127.0.0.1:${port}`;
      for (;;) {
        const answer = await fetch(`${url}/health`).catch(() => undefined);
        if (answer?.ok) break;
        if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await use({ url, number: parallelIndex, folder });
      server.kill();
      await ended;
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  signedIn: [
    async ({ browser, server }, use) => {
      const states = new Map<Role, Promise<string>>();
      const signIn = async (role: Role) => {
        const context = await browser.newContext({ baseURL: server.url });
        const page = new RecordsPage(await context.newPage());
        await page.go('/login');
        await page.signIn(`${role}_worker${server.number}@example.test`, 'only-for-tests');
        await page.arrives('/dashboard');
        const path = join(server.folder, `${role}.json`);
        await context.storageState({ path });
        await context.close();
        return path;
      };
      await use((role) => {
        if (!states.has(role)) states.set(role, signIn(role));
        return states.get(role)!;
      });
    },
    { scope: 'worker' },
  ],

  siteAdmin: user('site_admin'),
  institutionAdmin: user('institution_admin'),
  programAdmin: user('program_admin'),
  instructor: user('instructor'),
});

export { expect } from '@playwright/test';

/** A page in a context of its own, in which the worker's account of a role is signed in. */
function user(role: Role) {
  return async (
    { browser, server, signedIn }: any,
    use: (page: RecordsPage) => Promise<void>,
  ) => {
    const context = await browser.newContext({ baseURL: server.url, storageState: await signedIn(role) });
    const page: Page = await context.newPage();
    await use(new RecordsPage(page));
    await context.close();
  };
}
