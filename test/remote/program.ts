/** The program on the machines that tests train on: one test sends it, all others link what that one has sent, as sending takes a core a while. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Puts the program into the folder of a host.
 * @param send sends it there, where no other test has.
 */
export async function provideProgram(root: string, send: () => Promise<void>): Promise<void> {
  const shared = process.env.TESSERA_TEST_PROGRAM;
  if (shared === undefined) throw new Error('test/user-folders.ts names a folder for the program');
  const sending = `${shared}.sending`;
  while (!existsSync(shared)) {
    if (isFirst(sending)) {
      try {
        await send();
        link(root, `${shared}.part`);
        renameSync(`${shared}.part`, shared);
      } finally {
        rmSync(sending, { recursive: true });
      }
      return;
    }
    await wait(200);
  }
  link(shared, root);
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  writeFileSync(join(to, '.tessera'), '');
  for (const name of readdirSync(from)) {
    if (!/^(node|packages|program)-\w+$/.test(name)) continue;
    execFileSync('cp', ['-al', join(from, name), join(to, name)]);
    const modules = join(to, name, 'node_modules');
    if (!name.startsWith('program-')) continue;
    const packages = basename(dirname(readlinkSync(modules)));
    rmSync(modules);
    symlinkSync(join(to, packages, 'node_modules'), modules);
  }
}
