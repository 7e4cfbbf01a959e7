// Once for the run: the database that each worker gets a copy of, and the campus directory that all servers share.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const stage = process.env.PEERS_STAGE!;
const program = process.env.PEERS_PROGRAM!;

export default async function seed() {
  execFileSync(program, ['seed', '--database', join(stage, 'base.db'), '--workers', '16'], { stdio: 'ignore' });
  const urlFile = join(stage, 'directory.url');
  const database = join(stage, 'campus.db');
  const directory = spawn(program, ['directory', '--database', database, '--url-file', urlFile], { stdio: 'ignore' });
  while (!existsSync(urlFile)) {
    if (directory.exitCode !== null) throw new Error(`the directory ended with ${directory.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return () => void directory.kill();
}
