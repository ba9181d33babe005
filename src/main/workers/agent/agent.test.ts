import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AGENT, askAgent, runFolder } from '../../../../test/remote/agent.ts';
import { temporaryHome } from '../../../../test/store/home.ts';
import { ownIdentity, startTimeOf } from '../../../core/process-identity.ts';
import { readAnswer } from '../../executors/remote/host-link.ts';
import { framed, JOURNAL, LATE, type Question } from './questions.ts';
import { runProgram } from './system.ts';

afterEach(() => vi.unstubAllEnvs());

const LOOK = { op: 'look', runs: [], cluster: null } as const;
const lookAt = (root: string, offset = 0, request: 'stop' | null = null) =>
  askAgent(root, { ...LOOK, runs: [{ name: 'run', offset, request }] }).then(({ runs }) => runs[0]);
const start = (root: string, script: string) =>
  askAgent(root, { op: 'start', name: 'run', command: ['sh', '-c', script] });
const end = (root: string) => askAgent(root, { op: 'end', names: ['run'] });

/** A home of a host, with the folder of a run in it. */
function place(): { root: string; folder: string } {
  const root = temporaryHome();
  const folder = runFolder(root, 'run');
  onTestFinished(() => end(root).then(() => {}));
  return { root, folder };
}

describe.skipIf(process.platform === 'win32')('the agent of a host', () => {
  it('starts a training once, and ends all its processes', async () => {
    const { root, folder } = place();
    expect(await lookAt(root)).toMatchObject({ state: 'never', exitCode: null, bytes: 0 });
    const script = 'echo x >> starts-of-it; sleep 600 & echo $! > child; wait';
    await Promise.all([start(root, script), start(root, script)]);
    await expect.poll(() => existsSync(join(folder, 'child'))).toBe(true);
    expect(await lookAt(root)).toMatchObject({ state: 'runs' });
    await end(root);
    expect(await lookAt(root)).toMatchObject({ state: 'lost' });
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    // Nobody may have asked for its exit code yet.
    expect([null, 'zombie']).toContain(startTimeOf(child));
    // It is not begun again.
    await start(root, 'echo x >> starts-of-it');
    expect(readFileSync(join(folder, 'starts-of-it'), 'utf8')).toBe('x\n');
  });

  it('begins nothing that was ended before it was started', async () => {
    const { root, folder } = place();
    await end(root);
    await start(root, 'echo x > begun-all-the-same');
    await expect.poll(() => lookAt(root)).toMatchObject({ state: 'lost' });
    expect(existsSync(join(folder, 'begun-all-the-same'))).toBe(false);
  });

  it('says how a training ended, however quickly, and its last lines', async () => {
    for (const [script, code, log] of [
      ['echo last words >&2; exit 3', 3, 'last words'],
      ['exec /nowhere/node', 127, expect.stringContaining('not found')],
      ['exit 0', 0, null],
    ] as const) {
      const { root } = place();
      await start(root, script);
      await expect.poll(() => lookAt(root)).toMatchObject({ state: 'ended', exitCode: code, log });
    }
  });

  it('follows and ends a training that an earlier version started', async () => {
    const { root, folder } = place();
    // In the group of the shell that it was started from.
    const old = spawn('sleep', ['600'], { cwd: folder });
    onTestFinished(() => void old.kill());
    mkdirSync(join(folder, 'begun'));
    writeFileSync(join(folder, 'pid'), `${old.pid} Mon Nov 30 07:00:00 2026\n`);
    expect(await lookAt(root)).toMatchObject({ state: 'runs' });
    const ended = once(old, 'exit');
    await end(root);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await lookAt(root)).toMatchObject({ state: 'lost' });
  });

  it.each([
    ['of another boot, started as long after it', 'another boot', startTimeOf],
    ['of this boot', ownIdentity().pidScope, () => '1'],
  ])('leaves a process alone that has the number of one that has ended, %s', async (_, pidScope, startOf) => {
    const { root, folder } = place();
    const other = spawn('sleep', ['60'], { detached: true, cwd: folder });
    onTestFinished(() => void other.kill());
    mkdirSync(join(folder, 'begun'));
    await start(root, 'true');
    const startTime = startOf(other.pid ?? 0);
    const group = { pid: other.pid, pidScope, startTime, node: hostname() };
    writeFileSync(join(folder, 'group.json'), JSON.stringify(group));
    expect(await lookAt(root)).toMatchObject({ state: 'lost' });
    await end(root);
    const ended = await Promise.race([once(other, 'exit'), new Promise((later) => setTimeout(later, 200))]);
    expect(ended).toBeUndefined();
  });

  it('takes a training on another login node for alive before it has a journal', async () => {
    const root = temporaryHome();
    const folder = runFolder(root, 'run');
    mkdirSync(join(folder, 'begun'));
    const group = { pid: 1, pidScope: 'another boot', startTime: '1', node: 'login2' };
    writeFileSync(join(folder, 'group.json'), JSON.stringify(group));
    expect(await lookAt(root)).toMatchObject({ state: 'runs' });
  });

  it('knows a training also where its folder has another way on this node', async () => {
    const { root } = place();
    const other = join(temporaryHome(), 'other');
    symlinkSync(root, other);
    await start(root, 'sleep 60');
    await expect.poll(() => lookAt(root)).toMatchObject({ state: 'runs' });
    expect(await lookAt(other)).toMatchObject({ state: 'runs' });
  });

  it('takes what cannot be read for unknown, and not for gone', async () => {
    const { root, folder } = place();
    symlinkSync('begun', join(folder, 'begun'));
    await expect(lookAt(root)).rejects.toThrow('ELOOP');
  });

  it('says that it goes on before it asks a slow program, and takes one that is too slow for one that does not answer', async () => {
    const root = temporaryHome();
    const folder = runFolder(root, 'run');
    writeFileSync(join(folder, 'job-number'), '12\n');
    const done = join(root, 'done');
    writeFileSync(join(root, 'squeue'), `#!/bin/sh\nsleep 1\n: > '${done}'\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${root}:${process.env.PATH}` };
    const agent = spawn(process.execPath, [AGENT, root], { env });
    const runs = [{ name: 'run', offset: 0, request: null }];
    agent.stdin.end(
      JSON.stringify({
        ...LOOK,
        runs,
        cluster: { kind: 'slurm', queue: true, ahead: false, accounting: false },
      }),
    );
    await once(agent.stdout, 'data');
    expect(existsSync(done)).toBe(false);
    await once(agent, 'exit');
    expect(existsSync(done)).toBe(true);
    vi.stubEnv('SCANCEL_INTERACTIVE', '1');
    expect(runProgram('env', []).stdout).not.toContain('SCANCEL');
    expect(runProgram('sleep', ['5'], 100)).toMatchObject({
      stderr: expect.stringContaining(LATE),
    });
  });

  it('reads journals from an offset, passes requests on, and lists what was made', async () => {
    const { root, folder } = place();
    writeFileSync(join(folder, JOURNAL), 'one two three');
    for (const name of ['spec.json', 'output.log', '.hidden', 'x.part', 'best.json'])
      writeFileSync(join(folder, name), 'x');
    const seen = await lookAt(root, 4, 'stop');
    expect([Buffer.from(seen.journal, 'base64').toString(), seen.bytes]).toEqual(['two three', 13]);
    expect(readFileSync(join(folder, `${JOURNAL}.request`), 'utf8')).toBe('stop');
    expect((await askAgent(root, { op: 'made', name: 'run', only: null })).map(({ path }) => path)).toEqual([
      'best.json',
    ]);
    await askAgent(root, { op: 'remove', name: 'run' });
    expect(existsSync(folder)).toBe(false);
    // A disk that was purged.
    expect(await askAgent(root, { op: 'made', name: 'run', only: null })).toEqual([]);
    expect(await lookAt(root, 13)).toMatchObject({ state: 'never', bytes: 0 });
    await expect(askAgent(root, { op: 'made', name: '../run', only: null })).rejects.toThrow(
      'no name of a run',
    );
  });
});

describe('an answer', () => {
  const question: Question = { op: 'remove', name: 'run' };
  const whole = framed(true);
  const read = (said: Buffer | string) => () => readAnswer('box', question, Buffer.from(said));

  it('is read behind what start-up files say, and refused where it is cut, damaged, or of another version', () => {
    expect(read(`welcome\n\n${whole}`)()).toBe(true);
    expect(read('')).toThrow('its answer was cut');
    expect(read(whole.subarray(0, -1))).toThrow('cut or damaged');
    expect(read(String(whole).replace('true', 'TRUE'))).toThrow('cut or damaged');
    expect(read(String(whole).replace(/agent \d/, 'agent 9'))).toThrow('another version, 9');
    expect(read(framed({ yes: 1 }))).toThrow('its answer cannot be read');
  });

  it('that is a failure says what the host said, and passes where it is to be tried again', () => {
    const failed = (code: number, said: string) => framed({ failed: { what: 'asking', code, said } });
    expect(read(failed(1, 'No space left on device'))).toThrow(
      expect.objectContaining({ problem: 'no-room' }),
    );
    expect(read(failed(1, 'Unable to contact slurm controller'))).toThrow(
      expect.objectContaining({ isPassing: true }),
    );
    expect(read(failed(2, 'Invalid partition'))).toThrow('box: asking failed: Invalid partition');
  });
});
