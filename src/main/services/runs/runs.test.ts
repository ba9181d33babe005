import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { fakeExecutor } from '../../../../test/store/fake-executor.ts';
import { FIRST_STATE, nextState } from '../../../../test/store/fake-training.ts';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary, RESULT } from '../../../../test/store/records.ts';
import { thisMachine } from '../../../core/machine.ts';
import { openConnection } from '../../../core/store/db/open.ts';
import { settleLostRuns } from '../../../core/store/runs/lost-runs.ts';
import { finishRun } from '../../../core/store/runs/queue-requests.ts';
import { Store } from '../../../core/store/store.ts';
import type { TrainerEvent } from '../../../core/training/events.ts';
import { isWriterAlive, writerOf } from '../../../core/training/journal.ts';
import { LocalExecutor } from '../../executors/local.ts';
import type { WorkerExit } from '../../workers/worker-exit.ts';
import { RunService } from './runs.ts';

const TEST_FOLDER = join(import.meta.dirname, '../../../../test/store');
const TRAINER = join(TEST_FOLDER, 'fake-trainer.ts');

/** The losses of `steps` steps that nothing interrupted. */
function losses(steps: number): number[] {
  const values: number[] = [];
  for (let state = FIRST_STATE; state.step < steps; ) {
    state = nextState(state);
    values.push(state.loss);
  }
  return values;
}

/** Checks that every recorded loss is right and, unless the log owns up to a gap, that none is missing. */
function recordedLosses(store: Store, run: string): number[] {
  const { steps, values } = store.series.read(run, 'train/loss');
  const all = losses(steps.at(-1) ?? 0);
  expect(values).toEqual(steps.map((step) => all[step - 1]));
  if (!store.logs.list(run).some(({ level }) => level === 'warn')) expect(values).toEqual(all);
  return values;
}

function addDataset(store: Store): string {
  const dataset = datasetSummary('beauty');
  store.datasets.add(dataset);
  mkdirSync(store.datasets.folder(dataset.id), { recursive: true });
  return dataset.name;
}

function serviceOf(store: Store): RunService {
  return new RunService(store, new LocalExecutor(undefined, { entry: TRAINER, graceMs: 5000 }));
}

function request(config: Record<string, unknown>) {
  return {
    model: 'fake',
    config,
    dataset: 'beauty',
    seed: 1,
    device: 'cpu',
    threads: 1,
    name: null,
  } as const;
}

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !what(); await wait(20)) {
    if (Date.now() > deadline) throw new Error(`waited too long until ${what}`);
  }
}

function isRunning(pid: string | number | undefined): boolean {
  if (typeof pid !== 'number') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The processes that a host has started. */
function childrenOf({ pid }: ChildProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** The id of the run that a host trains. Rejects where the host ends without one. */
async function firstMessage(host: ChildProcess): Promise<string> {
  const ended = once(host, 'exit').then(([code]) => {
    throw new Error(`the host ended with exit code ${code}`);
  });
  // It ends later as well.
  ended.catch(() => {});
  const [run] = await Promise.race([once(host, 'message'), ended]);
  return run;
}

describe('a run', () => {
  it('is trained in a worker and recorded whole', async () => {
    const store = temporaryStore();
    addDataset(store);
    const service = serviceOf(store);
    const seen: string[] = [];
    service.subscribe((run, { type }) => {
      if (type !== 'written') seen.push(`${run} ${type}`);
    });
    const { run, ended } = service.startNew(request({ steps: 500, checkpointEvery: 100 }));
    expect(run.status).toBe('running');
    const record = await ended;
    const loss = losses(500);
    expect(record).toMatchObject({ status: 'completed', message: null, device: 'fake', epochs: 500 });
    expect(record.metrics).toEqual({ 'test/ndcg@10': loss.at(-1) });
    expect(record.protocolFingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(store.series.read(run.id, 'train/loss').values).toEqual(loss);
    expect(store.ranks.read(run.id, 'test')?.ranks).toEqual(Int32Array.of(1, 2, 3));
    expect(store.runs.attempts(run.id)).toMatchObject([{ outcome: 'completed', fromStep: 0 }]);
    // The older ones are gone from the disk.
    expect(store.checkpoints.list(run.id).map(({ step }) => step)).toEqual([500, 400]);
    expect(seen.at(0)).toBe(`${run.id} started`);
    expect(seen.at(-1)).toBe(`${run.id} result`);
    expect(() => service.resume(run.id)).toThrow('has completed');
    store.trash.put('run', [run.id]);
    expect(existsSync(store.runs.folder(run.id))).toBe(true);
    await store.trash.purgeAll();
    expect(existsSync(store.runs.folder(run.id))).toBe(false);
  });

  it('that is cancelled goes on from its last checkpoint to the same end', async () => {
    const store = temporaryStore();
    addDataset(store);
    const service = serviceOf(store);
    const first = service.startNew(request({ steps: 300, checkpointEvery: 10, pause: 5 }));
    const unsubscribe = service.subscribe((_, event) => {
      if (event.type !== 'series' || event.points[0].steps[0] <= 50) return;
      // Once: a second time kills it.
      unsubscribe();
      first.stop();
    });
    expect(await first.ended).toMatchObject({ status: 'cancelled', message: null });
    const second = service.resume(first.run.id);
    expect(second.fromStep).toBeGreaterThanOrEqual(50);
    expect(second.run).toMatchObject({ status: 'running', metrics: {} });
    const record = await second.ended;
    expect(record.metrics).toEqual({ 'test/ndcg@10': losses(300).at(-1) });
    expect(store.series.read(record.id, 'train/loss').values).toEqual(losses(300));
    expect(store.runs.attempts(record.id)).toMatchObject([
      { number: 1, outcome: 'cancelled', fromStep: 0 },
      { number: 2, outcome: 'completed', fromStep: second.fromStep },
    ]);
  });

  it('that is ended after an epoch is completed, and says so', async () => {
    const store = temporaryStore();
    addDataset(store);
    const service = serviceOf(store);
    const run = service.startNew(request({ epochs: 30_000, steps: 30_000, pause: 5 }));
    // Before it has an epoch, and by whoever has the home open.
    finishRun(store, run.run.id);
    const { status, message, epochs } = await run.ended;
    expect([status, message]).toEqual(['completed', `ended after epoch ${epochs} of 30000, as requested`]);
  });

  it('that is finished early says how many epochs its trainer had planned', async () => {
    const store = temporaryStore();
    addDataset(store);
    const exit = Promise.withResolvers<WorkerExit>();
    let tell = (_: TrainerEvent[]) => {};
    const nothing = () => {};
    const host = fakeExecutor((_, { onReport }) => {
      tell = (events) => onReport({ events, offset: null });
      return { ended: exit.promise, stopAfterEpoch: nothing, cancel: nothing, kill: nothing };
    });
    const run = new RunService(store, host).startNew(request({ epochs: 60 }));
    const parts = { epoch: 120, done: 8, total: 8, unit: 'steps', rate: 1, secondsLeft: null, loss: 1 };
    const started = { device: 'fake', deviceReason: 'a test', parameters: 0, environment: {}, fromStep: 0 };
    tell([
      { type: 'started', ...started },
      { type: 'progress', phase: 'train', epochs: 250, ...parts },
    ]);
    finishRun(store, run.run.id);
    run.heed();
    tell([{ type: 'result', result: { ...RESULT, epochs: 120 } }]);
    exit.resolve({ kind: 'completed', message: null, log: null });
    expect((await run.ended).message).toBe('ended after epoch 120 of 250, as requested');
  });

  it('that goes on without this process can be taken over at once, though this process lives', () => {
    const store = temporaryStore();
    addDataset(store);
    const nothing = () => {};
    const worker = { stopAfterEpoch: nothing, cancel: nothing, kill: nothing, detach: nothing };
    const host = fakeExecutor(() => ({ ...worker, ended: new Promise(() => {}) }));
    const active = new RunService(store, host).startNew(request({}));
    expect(store.lifecycle.lost()).toEqual([]);
    expect(active.detach()).toBe(true);
    expect(store.lifecycle.lost()).toMatchObject([{ run: active.run.id }]);
  });

  const endings = [
    ['mistaken', 'failed', 'dim 65 is not a multiple of heads 2'],
    ['fatal', 'crashed', 'the trainer died of SIGSEGV'],
    ['killed', 'crashed', 'killed (SIGKILL), often the system running out of memory'],
    ['thirsty', 'out-of-memory', 'the trainer ran out of memory (Array buffer allocation failed)'],
  ];
  it.each(endings.filter(([mode]) => process.platform !== 'win32' || !/fatal|killed/.test(mode)))(
    'whose worker is %s ends as %s',
    async (mode, status, message) => {
      const store = temporaryStore();
      addDataset(store);
      expect(await serviceOf(store).startNew(request({ mode })).ended).toMatchObject({ status, message });
    },
  );

  it('whose data set is deleted finishes, or fails and says so', async () => {
    const store = temporaryStore();
    const name = addDataset(store);
    const service = serviceOf(store);
    const early = service.startNew(request({ steps: 100 }));
    const late = service.startNew(request({ steps: 200, pause: 10 }));
    const folder = store.datasets.folder(store.datasets.find(name).id);
    service.subscribe((run, event) => {
      if (run === late.run.id && event.type === 'series' && store.datasets.list().length > 0) {
        void store.trash.purgeDirectly('dataset', store.datasets.find(name).id);
      }
    });
    expect((await late.ended).status).toBe('completed');
    await early.ended;
    expect(existsSync(folder)).toBe(false);
    expect(() => service.resume(early.run.id)).toThrow(/has completed|has been deleted/);

    addDataset(store);
    const lost = service.startNew(request({ mode: 'late' }));
    await store.trash.purgeDirectly('dataset', store.datasets.find(name).id);
    const record = await lost.ended;
    expect(record.status).toBe('failed');
    expect(record.message).toMatch(
      /^the data set beauty was deleted while the run used it \(.* is not there/,
    );
    expect(() => service.resume(lost.run.id)).toThrow('its data set beauty has been deleted');
    expect(() => service.startNew(request({}))).toThrow('there is no data set "beauty"');
  });

  it('fails for its own reason while its data set is in the trash', async () => {
    const store = temporaryStore();
    const name = addDataset(store);
    const { ended } = serviceOf(store).startNew(request({ mode: 'mistaken' }));
    store.trash.put('dataset', [store.datasets.find(name).id]);
    expect(await ended).toMatchObject({
      status: 'failed',
      message: 'dim 65 is not a multiple of heads 2',
    });
  });

  it('whose events find no room on the disk says so, and has all of them once there is some', async () => {
    const home = temporaryHome();
    const connection = openConnection(home);
    const store = new Store(home, connection);
    addDataset(store);
    const steps = 20_000;
    const { run, ended } = serviceOf(store).startNew(request({ steps, checkpointEvery: 5_000 }));
    const pages = Number(Object.values(connection.get('PRAGMA page_count') ?? {})[0]);
    connection.get(`PRAGMA max_page_count = ${pages + 10}`);
    await expect(ended).rejects.toThrow(
      /tessera.db cannot grow because the disk is full .*; free some space/,
    );
    expect(store.runs.get(run.id).status).toBe('running');
    connection.get('PRAGMA max_page_count = 1000000');
    await expect.poll(() => store.runs.get(run.id).status).toBe('completed');
    expect(store.series.read(run.id, 'train/loss').steps).toHaveLength(steps);
    store.close();
  });
});

// It finds trainers by /proc.
describe.skipIf(process.platform !== 'linux')('the process that hosts a run', () => {
  const start = (home: string, ...rest: string[]) =>
    fork(join(TEST_FOLDER, 'host-process.ts'), [home, ...rest], { execArgv: [] });
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  it('may be killed with its trainer at any moment: the database is sound, the run interrupted and resumable', async () => {
    const home = temporaryHome();
    const setUp = temporaryStore(home);
    addDataset(setUp);
    const steps = 800;
    const killBoth = async (child: ChildProcess) => {
      const trainers = childrenOf(child);
      await kill(child);
      for (const pid of trainers) process.kill(pid, 'SIGKILL');
      await until(() => !trainers.some(isRunning));
    };
    // All waits together are shorter than the training, so that every kill meets it.
    const first = start(home, 'start', JSON.stringify({ steps, checkpointEvery: 50, pause: 30 }));
    const run = await firstMessage(first);
    await wait(Math.random() * 700);
    await killBoth(first);
    for (let turn = 0; turn < 4; turn++) {
      const database = new Database(join(home, 'tessera.db'));
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      const store = temporaryStore(home);
      expect(store.runs.get(run).status).toBe('interrupted');
      recordedLosses(store, run);
      const newest = store.checkpoints.list(run)[0]?.step ?? 0;
      expect(store.series.read(run, 'train/loss').steps.at(-1) ?? 0).toBeGreaterThanOrEqual(newest);
      const next = start(home, 'resume', run);
      await firstMessage(next);
      expect(store.series.read(run, 'train/loss').steps.at(-1) ?? 0).toBeGreaterThanOrEqual(newest);
      await wait(Math.random() * 500);
      await killBoth(next);
    }
    const record = await serviceOf(setUp).resume(run).ended;
    expect(record).toMatchObject({ status: 'completed', metrics: { 'test/ndcg@10': losses(steps).at(-1) } });
    expect(recordedLosses(setUp, run).at(-1)).toBe(losses(steps).at(-1));
    expect(setUp.runs.attempts(run).map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 5 }, () => 'interrupted'),
      'completed',
    ]);
    expect(readdirSync(setUp.runs.folder(run)).length).toBeGreaterThan(0);
  });

  it('may be killed alone at any moment: its trainer goes on, and others follow it to its end', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    addDataset(store);
    const steps = 1200;
    let host = start(home, 'start', JSON.stringify({ steps, checkpointEvery: 50, pause: 30 }));
    const run = await firstMessage(host);
    const journal = join(store.runs.folder(run), store.lifecycle.journal(run, 1) ?? '');
    await until(() => isWriterAlive(journal, thisMachine));
    for (let turn = 0; turn < 2; turn++) {
      await wait(Math.random() * 300);
      await kill(host);
      // Stopped until it is followed: on a busy machine it would be at its end before another host has started.
      const trainer = writerOf(journal)?.pid ?? 0;
      process.kill(trainer, 'SIGSTOP');
      settleLostRuns(store);
      expect(store.runs.get(run).status).toBe('running');
      host = start(home, 'resume', run);
      await firstMessage(host);
      process.kill(trainer, 'SIGCONT');
    }
    await once(host, 'exit');
    expect(store.runs.get(run)).toMatchObject({
      status: 'completed',
      metrics: { 'test/ndcg@10': losses(steps).at(-1) },
    });
    expect(recordedLosses(store, run)).toEqual(losses(steps));
    expect(store.runs.attempts(run)).toMatchObject([{ number: 1, outcome: 'completed' }]);
  });

  it('may be gone when its run ends: the result is there at the next start', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    addDataset(store);
    const host = start(home, 'start', JSON.stringify({ steps: 200, checkpointEvery: 50, pause: 10 }));
    const run = await firstMessage(host);
    const journal = join(store.runs.folder(run), store.lifecycle.journal(run, 1) ?? '');
    await until(() => isWriterAlive(journal, thisMachine));
    await kill(host);
    await until(() => !isWriterAlive(journal, thisMachine));
    const next = temporaryStore(home);
    const { status, metrics, endedAt } = next.runs.get(run);
    expect([status, metrics['test/ndcg@10']]).toEqual(['completed', losses(200).at(-1)]);
    expect(recordedLosses(next, run)).toEqual(losses(200));
    expect(next.ranks.read(run, 'test')?.ranks).toEqual(Int32Array.of(1, 2, 3));
    // When it ended, and not when that was found out.
    expect(endedAt).toBeLessThanOrEqual(statSync(journal).mtimeMs + 50);
  });

  it('leaves a run that is stopped, finished early and killed by those who follow it', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    addDataset(store);
    const orphan = async (config: Record<string, unknown>) => {
      const host = start(home, 'start', JSON.stringify(config));
      const run = await firstMessage(host);
      const journal = join(store.runs.folder(run), store.lifecycle.journal(run, 1) ?? '');
      await until(() => isWriterAlive(journal, thisMachine));
      await kill(host);
      return { run, journal };
    };
    const long = { steps: 1e6, checkpointEvery: 50, pause: 5 };
    const stopped = serviceOf(store).resume((await orphan(long)).run);
    stopped.stop();
    expect(await stopped.ended).toMatchObject({ status: 'cancelled' });

    const finished = serviceOf(store).resume((await orphan(long)).run);
    finishRun(store, finished.run.id);
    finished.heed();
    expect(await finished.ended).toMatchObject({ status: 'completed' });

    const { run, journal } = await orphan(long);
    const killed = serviceOf(store).resume(run);
    process.kill(writerOf(journal)?.pid ?? 0, 'SIGKILL');
    expect(await killed.ended).toMatchObject({
      status: 'interrupted',
      message: 'the process that trained it ended without a word',
    });
  });

  it('shares its home with busy others, and none of them takes its run for interrupted', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    addDataset(store);
    const others = [1, 2].map(() => fork(join(TEST_FOLDER, 'busy-process.ts'), [home], { execArgv: [] }));
    await Promise.all(others.map((other) => once(other, 'message')));
    const host = start(home, 'start', JSON.stringify({ steps: 1000, checkpointEvery: 50, pause: 8 }));
    const [run] = await once(host, 'message');
    const reports = Promise.all(others.map((other) => once(other, 'message')));
    for (const other of others) other.send(run);
    expect(await once(host, 'exit')).toEqual([0, null]);
    for (const [report] of await reports) {
      expect(report).toMatchObject({ errors: [], statuses: ['running', 'completed'] });
      // So that they were busy: a round creates, deletes and purges.
      expect(report.rounds).toBeGreaterThan(1);
    }
    expect(store.series.read(run, 'train/loss').values).toEqual(losses(1000));
    const names = store.runs.list().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(store.runs.list().filter(({ status }) => status === 'interrupted')).toEqual([]);
  });
});
