/** What goes wrong between two machines, one fault a test, beside each other: nothing is lost, and nothing doubled. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTimeOf } from '../../src/core/process-identity.ts';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, type Shown, stopTrainer, tensors, train, until } from './desktop.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', 'faketime');
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** What another host has been sent, as links: sending it takes a core a while. */
function takeProgram(from: string, to: string): void {
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

/** A small disk is made by mounting one, which not every machine that may do all else allows. */
function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'tessera-mount-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status !== 0) return false;
    return spawnSync('umount', [place]).status === 0;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

describe.skipIf(why)(`faults of a host (${why ?? 'sshd'})`, () => {
  const servers: TestSshd[] = [];
  const start = async (env: Record<string, string> = {}) => {
    const server = await startSshd({ PATH: '/usr/bin:/bin', ...env });
    servers.push(server);
    const desktop = new Desktop(server);
    if (plain) takeProgram(plain.root, desktop.root);
    await desktop.prepare();
    return desktop;
  };
  let whole: Shown;
  let plain: Desktop;
  beforeAll(async () => {
    plain = await start();
    // Sends the program, which is that of all others then.
    expect(await plain.run('host', 'check', 'box')).toMatchObject({ code: 0 });
    expect(await plain.run(...train('whole'))).toMatchObject({ code: 0 });
    whole = await plain.show('whole');
  });
  afterAll(async () => {
    endStopped();
    await Promise.all(servers.map((server) => server.end()));
  });
  const expectWhole = (run: Shown, attempts = 1) => {
    expect(run).toMatchObject({ status: 'completed', metrics: whole.metrics });
    expect(run.attempts).toHaveLength(attempts);
    expect(tensors(run)).toEqual(tensors(whole));
  };

  it.concurrent('trains on while its host cannot be reached for a minute, and nothing of it is lost or doubled', async () => {
    const desktop = await start();
    const followed = desktop.start(...train('silent', '--on', 'box'));
    const pid = await stopTrainer(desktop.root);
    await desktop.server.cut();
    process.kill(pid, 'SIGCONT');
    await wait(60_000);
    // It has ended there meanwhile, and here nobody knows.
    const [folder] = desktop.runs;
    expect(existsSync(join(desktop.root, 'runs', folder, 'exit-code'))).toBe(true);
    const before = await desktop.show('silent');
    const attempts = [{ lastPlace: { phase: 'unreachable' } }];
    expect(before).toMatchObject({ status: 'running', metrics: {}, attempts });
    await desktop.server.start();
    expect(await followed.finished).toMatchObject({ code: 0 });
    const silent = await desktop.show('silent');
    expectWhole(silent);
    const lengths = ({ series }: Shown) =>
      series.map(({ metric, points, lastStep }) => [metric, points, lastStep]);
    expect(lengths(silent)).toEqual(lengths(whole));
    // Where lines of its journal are damaged, or twice there, its log says so.
    expect(silent.logs).toEqual(whole.logs);
    expect(desktop.runs).toEqual([]);
  });

  it.concurrent('trains by a clock that is an hour ahead', async () => {
    const desktop = await start({ LD_PRELOAD: FAKETIME, FAKETIME: '+1h' });
    const { stdout } = await desktop.run('host', 'check', 'box');
    expect(stdout).toMatch(/its clock is (1 h 0 min|59 min 5\d s) ahead of this machine's/);
    expect(await desktop.run(...train('skewed', '--on', 'box'))).toMatchObject({ code: 0 });
    expectWhole(await desktop.show('skewed'));
    expect(desktop.runs).toEqual([]);
  });

  it.concurrent('is not led astray by another Node there, and says where its own or a library does not work', async () => {
    const programs = mkdtempSync(join(tmpdir(), 'tessera-programs-'));
    writeFileSync(join(programs, 'node'), '#!/bin/sh\necho v12.0.0\n', { mode: 0o755 });
    const desktop = await start({ PATH: `${programs}:/usr/bin:/bin` });
    expect(await desktop.run('host', 'check', 'box')).toMatchObject({ code: 0 });
    const folder = (kind: string) =>
      join(desktop.root, readdirSync(desktop.root).find((name) => name.startsWith(kind)) ?? '');
    const node = join(folder('node-'), 'bin', 'node');
    renameSync(node, `${node}.kept`);
    // Of another system.
    writeFileSync(node, Buffer.from('\x7fELF no program'));
    chmodSync(node, 0o755);
    const wrong = await desktop.run('host', 'check', 'box');
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/starting Node failed: [^\n]*Exec format|cannot execute/),
    });
    renameSync(`${node}.kept`, node);

    const libraries = join(folder('packages-'), 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64');
    const library = join(libraries, 'libonnxruntime.so.1');
    renameSync(library, `${library}.kept`);
    const missing = /the library libonnxruntime\.so\.1 is missing there; load a module/;
    expect((await desktop.run('host', 'check', 'box')).stdout).toMatch(missing);
    const failed = await desktop.run(...train('lame', '--on', 'box'));
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(missing) });
    renameSync(`${library}.kept`, library);
    expect(await desktop.run('train', '--resume', 'lame')).toMatchObject({ code: 0 });
    expectWhole(await desktop.show('lame'), 2);
  });

  it.concurrent('trains for two desktops of one account, of which neither harms the other', async () => {
    const other = new Desktop(plain.server);
    await other.prepare();
    const [mine, theirs] = [
      plain.start(...train('mine', '--on', 'box')),
      other.start(...train('theirs', '--on', 'box')),
    ];
    const pid = await stopTrainer(plain.root);
    for (const desktop of [plain, other]) {
      expect(await desktop.run('host', 'clean', 'box')).toMatchObject({ code: 0 });
      const all = await desktop.run('host', 'clean', 'box', '--all');
      expect(all).toMatchObject({ code: 1, stderr: expect.stringContaining('runs are still there') });
    }
    process.kill(pid, 'SIGCONT');
    expect(await Promise.all([mine.finished, theirs.finished])).toMatchObject([{ code: 0 }, { code: 0 }]);
    expectWhole(await plain.show('mine'));
    expectWhole(await other.show('theirs'));
  });

  it.concurrent('is found at its end by a window that was not there for all of it', async () => {
    const desktop = await start();
    const followed = desktop.start(...train('alone', '--on', 'box'));
    const pid = await stopTrainer(desktop.root);
    followed.child.kill('SIGKILL');
    await followed.finished;
    process.kill(pid, 'SIGCONT');
    const [folder] = desktop.runs;
    await until(() => existsSync(join(desktop.root, 'runs', folder, 'exit-code')));
    await desktop.withHub(() => until(async () => (await desktop.show('alone')).status === 'completed'));
    expectWhole(await desktop.show('alone'));
    expect(desktop.runs).toEqual([]);
  });

  it.concurrent.each(['SIGHUP', 'SIGTERM'] as const)(
    'trains on where the command that follows it ends by %s',
    async (signal) => {
      const desktop = await start();
      const followed = desktop.start(...train('left', '--on', 'box'));
      const pid = await stopTrainer(desktop.root);
      await until(async () =>
        (await desktop.show('left')).attempts.some((one) => JSON.stringify(one).includes('"running"')),
      );
      followed.child.kill(signal);
      const { code, stdout } = await followed.finished;
      expect([code, stdout]).toEqual([
        signal === 'SIGHUP' ? 129 : 143,
        expect.stringMatching(/to follow it again: .* train --resume left/),
      ]);
      expect(await desktop.show('left')).toMatchObject({ status: 'running' });
      process.kill(pid, 'SIGCONT');
      expect(await desktop.run('train', '--resume', 'left')).toMatchObject({ code: 0 });
      expectWhole(await desktop.show('left'));
    },
  );

  it.concurrent('has trained once where whoever follows it ends between its result and its end', async () => {
    const desktop = await start();
    const followed = desktop.start(...train('told', '--on', 'box'));
    await until(() => existsSync(join(desktop.home, 'runs')));
    const database = new Database(join(desktop.home, 'tessera.db'), { readonly: true });
    await until(() => database.prepare('SELECT 1 FROM run_metrics').get() !== undefined);
    followed.child.kill('SIGKILL');
    database.close();
    await followed.finished;
    expect(await desktop.show('told')).toMatchObject({ status: 'running' });
    await desktop.withHub(() => until(async () => (await desktop.show('told')).status !== 'running'));
    expectWhole(await desktop.show('told'));
    expect(desktop.runs).toEqual([]);
  });

  it.skipIf(!mayMount()).concurrent('goes on where a disk that was full has room again', async () => {
    const desktop = await start();
    const runs = join(desktop.root, 'runs');
    mkdirSync(runs);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', runs]);
    try {
      const full = await desktop.run(...train('full', '--on', 'box'));
      expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/no space left|disk is full/i) });
      expect((await desktop.show('full')).status).toBe('failed');
      execFileSync('mount', ['-o', 'remount,size=50m', runs]);
      expect(await desktop.run('train', '--resume', 'full')).toMatchObject({ code: 0 });
    } finally {
      execFileSync('umount', [runs]);
    }
    expectWhole(await desktop.show('full'), 2);
  });

  it.concurrent('is ended once its host answers again where it was cancelled meanwhile, and leaves nothing', async () => {
    const desktop = await start();
    const followed = desktop.start(...train('lost', '--on', 'box'));
    const pid = await stopTrainer(desktop.root);
    await desktop.server.cut();
    // It is asked every two seconds.
    await wait(8_000);
    for (const signal of ['SIGINT', 'SIGINT', 'SIGINT'] as const) {
      followed.child.kill(signal);
      await wait(500);
    }
    expect(await followed.finished).toMatchObject({ code: 130 });
    const lost = await desktop.show('lost');
    expect(lost).toMatchObject({
      status: 'cancelled',
      message: expect.stringContaining('it ends there once its host answers'),
    });
    expect(desktop.runs).toHaveLength(1);
    await desktop.server.start();
    await desktop.withHub(() => until(() => desktop.runs.length === 0));
    // Nobody may have asked for its exit code yet.
    expect([null, 'zombie']).toContain(startTimeOf(pid));
  });

  it.concurrent('leaves nothing of a run that was cancelled while it was sent', async () => {
    const desktop = await start();
    const followed = desktop.start(...train('unsent', '--on', 'box'));
    await until(() => desktop.runs.length === 1);
    followed.child.kill('SIGINT');
    expect(await followed.finished).toMatchObject({ code: 130 });
    await desktop.withHub(async () => {
      await wait(12_000);
    });
    expect(desktop.runs).toEqual([]);
  });
});
