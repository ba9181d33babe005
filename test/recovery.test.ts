/** Real kills of the real command line: what is there afterwards, and whether a resumed run equals one that was never stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { readCheckpoint } from '../src/core/training/checkpoints.ts';
import { runHere } from './cli/command-line.ts';
import { isWhole, some } from './form.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-recovery-'));
const home = join(folder, 'home');
const cli = join(import.meta.dirname, '..', 'src', 'main', 'cli', 'main.mjs');
const arguments_ = (args: string[]) => [cli, '--home', home, '--json', ...args];

/** What a command says that is not killed. */
async function tessera(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runHere(['--home', home, '--json', ...args]);
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const settings = ['dim=16', 'maxLength=20', 'batchSize=16', 'patience=0', 'epochs=4'];
const onDevice = ['loss=full-softmax'];
const onHost = ['itemTable=host', 'negativeSharing=batch', 'optimiser=lazy-adam'];

function trainArguments(name: string, threads: number, items = onDevice): string[] {
  const sets = [...settings, ...items].flatMap((setting) => ['--set', setting]);
  const run = ['--name', name, '--seed', '7', '--device', 'cpu', '--threads', String(threads)];
  return ['train', '--dataset', 'sample', '--model', 'sasrec', ...sets, ...run];
}

/** The trainer that a command has started; null before that. */
function trainerOf({ pid }: ChildProcess): number | null {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return first === '' ? null : Number(first);
}

/** Kills a command and its trainer, as a power cut does. Resolves once the trainer is gone, which takes a moment on a busy machine. */
async function killBoth(child: ChildProcess): Promise<void> {
  const trainer = trainerOf(child);
  child.kill('SIGKILL');
  if (trainer === null) return;
  process.kill(trainer, 'SIGKILL');
  while (isThere(trainer)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A process that is dead and that nobody has asked for its end is not. */
function isThere(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts a training and kills it, or ends it by `end`, when `when` says so of a line it printed. */
function trainAndKill(
  args: string[],
  when: (event: Record<string, unknown>) => boolean,
  end: (child: ChildProcess) => Promise<void> | void = killBoth,
): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, arguments_(args), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let rest = '';
  let ended: Promise<void> | void | null = null;
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (ended === null && lines.some((line) => when(JSON.parse(line)))) ended = end(child);
  });
  return new Promise((resolve) =>
    child.on('close', async () => {
      await ended;
      resolve();
    }),
  );
}

interface Shown {
  id: string;
  status: string;
  metrics: Record<string, number>;
  checkpoints: { path: string; kind: string; epoch: number; step: number }[];
}

async function show(run: string): Promise<Shown> {
  return (await tessera('runs', 'show', run)) as Shown;
}

/** The newest one; they are listed newest first. */
function lastCheckpoint({ checkpoints }: Shown): ReturnType<typeof readCheckpoint> {
  const last = checkpoints.find((c) => c.kind === 'last');
  if (!last) throw new Error('no checkpoint is listed');
  return readCheckpoint(last.path);
}

beforeAll(async () => {
  await writeSample(join(folder, 'sample'), { users: 200, items: 120, seed: 1 });
  await tessera('datasets', 'import', join(folder, 'sample'), '--name', 'sample');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tables = [
  { items: onDevice, threads: isWhole ? [1, 2] : [2] },
  { items: onHost, threads: [2] },
];
describe.each(some(tables, 1))('with $items', ({ items, threads }) => {
  const whole = `whole-${items[0]}`;
  let atOnce: Shown;
  beforeAll(async () => {
    await tessera(...trainArguments(whole, threads[0], items));
    atOnce = await show(whole);
    expect(Object.keys(atOnce.metrics).length).toBeGreaterThan(10);
  });

  test.each(threads)('on %i threads, 2 epochs, kill -9 and a resume to 4 equal 4 at once', async (count) => {
    const parts = `parts-${count}-${items[0]}`;
    await trainAndKill(trainArguments(parts, count, items), (event) => {
      const checkpoint = event.checkpoint as { epoch: number; kind: string } | undefined;
      return checkpoint?.kind === 'last' && checkpoint.epoch >= 2;
    });
    expect((await show(parts)).status).toBe('interrupted');
    expect(await tessera('train', '--resume', parts)).toMatchObject({ status: 'completed', epochs: 4 });
    const b = await show(parts);
    expect(b.metrics).toEqual(atOnce.metrics);
    const [first, second] = [lastCheckpoint(atOnce), lastCheckpoint(b)];
    for (const [name, tensor] of Object.entries(first.tensors)) {
      expect(second.tensors[name].data, name).toEqual(tensor.data);
    }
  });
});

// Windows has no such signals.
describe.skipIf(process.platform === 'win32')('in the middle of an epoch', () => {
  const long = (name: string) => [
    ...trainArguments(name, 1),
    ...['--set', 'epochSteps=300', '--set', 'epochs=2'],
  ];
  const stops: [what: string, end: (child: ChildProcess) => void][] = [
    ['Ctrl-C', (child) => void child.kill('SIGINT')],
    ['SIGTERM', (child) => void child.kill('SIGTERM')],
    ['SIGTERM for the trainer alone', (child) => void process.kill(trainerOf(child) ?? 0, 'SIGTERM')],
  ];
  let atOnce: Shown;
  beforeAll(async () => {
    await tessera(...long('twin'));
    atOnce = await show('twin');
  });

  test('a training whose command was killed goes on, and is followed to the same numbers', async () => {
    const isTraining = ({ type, phase }: Record<string, unknown>) => type === 'progress' && phase === 'train';
    // Stopped until it is followed: it may be at its end sooner than another command has started.
    let goOn = () => {};
    const killAlone = (child: ChildProcess) => {
      const trainer = trainerOf(child) ?? 0;
      process.kill(trainer, 'SIGSTOP');
      goOn = () => void process.kill(trainer, 'SIGCONT');
      child.kill('SIGKILL');
    };
    const attemptsAt = async (run: string) =>
      ((await show(run)) as Shown & { attempts: { pid: number }[] }).attempts;
    await trainAndKill(long('alone'), isTraining, killAlone);
    const follower = spawn(process.execPath, arguments_(['train', '--resume', 'alone']), { stdio: 'ignore' });
    const followed = once(follower, 'exit');
    while ((await attemptsAt('alone'))[0].pid !== follower.pid && follower.exitCode === null) await wait(100);
    goOn();
    expect(await followed).toEqual([0, null]);
    const { metrics, status } = await show('alone');
    expect([status, metrics]).toEqual(['completed', atOnce.metrics]);
    expect(await attemptsAt('alone')).toHaveLength(1);
    // Nobody follows this one: whoever looks next finds its result.
    await trainAndKill(long('unseen'), isTraining, killAlone);
    expect((await show('unseen')).status).toBe('running');
    goOn();
    while ((await show('unseen')).status !== 'completed') await wait(200);
    expect((await show('unseen')).metrics).toEqual(metrics);
  });

  test.skipIf(process.platform !== 'linux').each(some(stops, 1))(
    '%s keeps the step reached, and a resumed run equals its twin',
    async (name, end) => {
      await trainAndKill(
        long(name),
        ({ type, phase, done }) => type === 'progress' && phase === 'train' && Number(done) > 20,
        end,
      );
      const stopped = await show(name);
      expect(stopped.status).toBe('cancelled');
      const last = stopped.checkpoints.find(({ kind }) => kind === 'last');
      expect(last).toMatchObject({ epoch: 0 });
      expect(last?.step).toBeGreaterThan(20);
      expect(await tessera('train', '--resume', name)).toMatchObject({ status: 'completed', epochs: 2 });
      const b = await show(name);
      expect(b.metrics).toEqual(atOnce.metrics);
      expect(lastCheckpoint(b).tensors).toEqual(lastCheckpoint(atOnce).tensors);
    },
  );
});

test('kill -9 at any moment leaves a sound database, an interrupted run and a usable checkpoint', async () => {
  for (const [attempt, delay] of some([150, 600, 1100, 1600, 2300], 1).entries()) {
    const name = `killed-${attempt}`;
    const started = Date.now();
    let began: number | null = null;
    await trainAndKill(trainArguments(name, 1), () => {
      began ??= Date.now();
      return Date.now() - started > delay;
    });
    expect(began).not.toBeNull();
    const database = new Database(join(home, 'tessera.db'), { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
    const { status } = await show(name);
    if (status === 'completed') continue;
    expect(status).toBe('interrupted');
    expect(await tessera('train', '--resume', name)).toMatchObject({ status: 'completed', epochs: 4 });
    expect(lastCheckpoint(await show(name)).state.epoch).toBe(4);
  }
});
