import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, type Shown, stopTrainer, tensors, train, until } from './desktop.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', 'faketime');
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

describe.skipIf(why)(`faults of a host (${why ?? 'sshd'})`, () => {
  const servers: TestSshd[] = [];
  const start = async (env: Record<string, string> = {}) => {
    const server = await startSshd({ PATH: '/usr/bin:/bin', ...env });
    servers.push(server);
    const desktop = new Desktop(server);
    await desktop.prepare();
    return desktop;
  };
  let whole: Shown;
  let plain: Desktop;
  beforeAll(async () => {
    plain = await start();
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

  // As one that may not be written: root may write anywhere.
  it.concurrent('says that its folder there cannot be written, and trains once it can', async () => {
    const desktop = await start();
    const runs = join(desktop.root, 'runs');
    writeFileSync(runs, '');
    const refused = await desktop.run(...train('refused', '--on', 'box'));
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/box: .*runs.*(File exists|Not a directory)/),
    });
    expect(await desktop.show('refused')).toMatchObject({ status: 'failed' });
    rmSync(runs);
    expect(await desktop.run('train', '--resume', 'refused')).toMatchObject({ code: 0 });
    expectWhole(await desktop.show('refused'), 2);
    expect(desktop.runs).toEqual([]);
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
