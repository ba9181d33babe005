import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SshConnection } from '../ssh/connection.ts';
import { ProcessLauncher } from './launcher.ts';

/** Runs scripts on this machine, as sshd's shell does. */
const here = {
  run: async ({ script, args = [], stdin = '' }: Parameters<SshConnection['run']>[0]) =>
    execFileSync('sh', ['-c', script, 'sh', ...args], { input: String(stdin), encoding: 'utf8' }),
} as unknown as SshConnection;

/** The folder of a run whose process has this number, and began then. */
function folderOf({ pid }: ChildProcess, began: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-run-'));
  mkdirSync(join(folder, 'begun'));
  writeFileSync(join(folder, 'pid'), `${pid} ${began}\n`);
  return folder;
}

const startOf = ({ pid }: ChildProcess) =>
  execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();

function sleeper(): ChildProcess {
  const child = spawn('sleep', ['60']);
  onTestFinished(() => void child.kill());
  return child;
}

describe.skipIf(process.platform === 'win32')('a process of a host', () => {
  const signal = AbortSignal.timeout(60_000);

  it('is ended, and seen to be', async () => {
    const child = sleeper();
    const folder = folderOf(child, startOf(child));
    const launcher = new ProcessLauncher(here);
    expect((await launcher.status(folder, signal)).ended).toBeNull();
    const ended = once(child, 'exit');
    await launcher.kill(folder);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect((await launcher.status(folder, signal)).ended).toMatchObject({ outcome: 'interrupted' });
  });

  it('that has had its number since is left alone', async () => {
    const child = sleeper();
    const folder = folderOf(child, 'Mon Jan  1 00:00:00 2024');
    const launcher = new ProcessLauncher(here);
    expect((await launcher.status(folder, signal)).ended).not.toBeNull();
    await launcher.kill(folder);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });
});
