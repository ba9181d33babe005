import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { asProcess } from '../../../test/store/as-process.ts';
import { fakeExecutor } from '../../../test/store/fake-executor.ts';
import { ENDED } from '../../../test/store/foreign-writer.ts';
import { addRun, temporaryHome } from '../../../test/store/home.ts';
import { datasetSummary, RESULT } from '../../../test/store/records.ts';
import { type Disk, Session } from '../../../test/store/scripted-session.ts';
import { deleting } from '../../core/api/changes.ts';
import { enqueueRequest } from '../../core/api/queue.ts';
import { UserError } from '../../core/errors.ts';
import { Connection } from '../../core/store/db/connection.ts';
import { openConnection } from '../../core/store/db/open.ts';
import { writeFiles } from '../../core/store/files/write-files.ts';
import { openStore } from '../../core/store/open-store.ts';
import { settleLostRuns } from '../../core/store/runs/lost-runs.ts';
import { Store } from '../../core/store/store.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import { JournalWriter } from '../../core/training/journal.ts';
import type { Executor } from '../executors/executor.ts';
import { RunRecorder } from '../services/runs/run-recorder.ts';
import { forkLauncher, type LaunchWorker } from '../workers/launch.ts';
import type { WorkerExit } from '../workers/worker-exit.ts';
import { Hub } from './hub.ts';
import { HubSwitch } from './hub-switch.ts';

vi.mock('node:fs/promises', { spy: true });

const DAY_MS = 24 * 3_600_000;

/** Worker processes that never say anything. */
const silent: LaunchWorker = () => ({ send: () => {}, kill: () => {} });

/** Trainers that train until they are cancelled. */
function fakeHost(): Executor {
  return fakeExecutor(() => {
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    const cancel = () => resolve({ kind: 'cancelled', message: null, log: null });
    return { ended, stopAfterEpoch() {}, cancel, kill: cancel };
  });
}

function hubOf(home: string): Hub {
  return new Hub({ home, shell: 'browser', launch: silent });
}

it('closes at once while a device is being probed', async () => {
  const home = temporaryHome();
  const store = openStore(home);
  const { id } = addRun(store, { requestedDevice: 'auto' });
  store.queue.put(id, 'end');
  store.close();
  const hub = hubOf(home);
  const notices: unknown[] = [];
  vi.spyOn(hub.bus, 'emit').mockImplementation((event) => notices.push(event));
  hub.start();
  const begun = performance.now();
  await hub.close();
  expect(performance.now() - begun).toBeLessThan(1_000);
  await new Promise(setImmediate);
  expect(notices).toEqual([]);
});

it('tells the first window of runs that ended while no program ran', async () => {
  const home = temporaryHome();
  const store = openStore(home);
  const { id } = addRun(store);
  store.lifecycle.begin(id, null);
  store.close();
  // Its host has ended.
  const database = new Database(join(home, 'tessera.db'));
  database.exec("UPDATE leases SET pid = 2147483647, start_time = '1'");
  database.close();
  const hub = hubOf(home);
  hub.start();
  const abort = new AbortController();
  for await (const event of hub.bus.subscribe(abort.signal)) {
    expect(event).toMatchObject({
      type: 'notice',
      level: 'error',
      run: id,
      title: expect.stringMatching(/: interrupted$/),
    });
    abort.abort();
  }
  await hub.close();
});

it('is closed whole where its place as the scheduler cannot be given up', async () => {
  const hub = hubOf(temporaryHome());
  vi.spyOn(hub.store.locks, 'release').mockImplementation(() => {
    throw new Error('busy');
  });
  await expect(hub.close()).rejects.toThrow('busy');
  expect(() => hub.store.runs.list()).toThrow('was closed');
});

it('keeps what was deleted for 30 days, for any hub and over restarts', async () => {
  const home = temporaryHome();
  const first = hubOf(home);
  const run = addRun(first.store);
  const dataset = String(run.dataset.id);
  mkdirSync(first.store.datasets.folder(dataset), { recursive: true });
  first.store.trash.put('run', [run.id]);
  first.store.trash.put('dataset', [dataset]);
  await first.close();
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  vi.setSystemTime(Date.now() + 29 * DAY_MS);
  const second = hubOf(home);
  second.start();
  await wait(200);
  await second.restore([
    { kind: 'run', id: run.id },
    { kind: 'dataset', id: dataset },
  ]);
  expect(second.store.runs.find(run.id).dataset).toEqual(run.dataset);
  expect(existsSync(second.store.datasets.folder(dataset))).toBe(true);
  second.store.trash.put('run', [run.id]);
  second.store.trash.put('dataset', [dataset]);
  await second.close();
  const third = hubOf(home);
  // The days on which it was looked at count.
  for (let day = 0; day < 30; day++) await third.store.trash.purgeOld(Date.now() - day * DAY_MS);
  expect(third.store.runs.exists(run.id)).toBe(true);
  vi.setSystemTime(Date.now() + DAY_MS);
  third.start();
  await expect.poll(() => third.store.runs.exists(run.id)).toBe(false);
  await expect.poll(() => existsSync(third.store.datasets.folder(dataset))).toBe(false);
  await expect(third.restore([{ kind: 'run', id: run.id }])).rejects.toThrow(
    'it has been deleted permanently',
  );
  await third.close();
});

it('purges old trash daily while it runs', async () => {
  const hub = hubOf(temporaryHome());
  const run = addRun(hub.store).id;
  const timers = vi.spyOn(globalThis, 'setInterval');
  onTestFinished(() => timers.mockRestore());
  hub.start();
  hub.store.trash.put('run', [run]);
  // A form may be open on it for days.
  const dropped = hub.newUpload();
  mkdirSync(dropped, { recursive: true });
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const daily = timers.mock.calls.find(([, interval]) => interval === DAY_MS)?.[0];
  expect(daily).toBeDefined();
  for (let day = 0; day < 31; day++) {
    vi.setSystemTime(Date.now() + DAY_MS);
    daily?.();
  }
  await expect.poll(() => hub.store.runs.exists(run)).toBe(false);
  expect(existsSync(dropped)).toBe(true);
  await hub.close();
});

it('tells of deleted files that cannot be removed, goes on, and removes them at the next start', async () => {
  const home = temporaryHome();
  const hub = hubOf(home);
  const ids = [1, 2].map((seed) => addRun(hub.store, { seed }).id);
  for (const id of ids) mkdirSync(hub.store.runs.folder(id), { recursive: true });
  hub.store.trash.put('run', ids);
  vi.mocked(rm).mockRejectedValueOnce(new Error('EBUSY'));
  await expect(hub.store.trash.purgeAll()).rejects.toThrow(/1 folder in .* could not be removed.*EBUSY/);
  expect(readdirSync(join(home, 'runs'))).toEqual([ids[0]]);
  expect((await hub.store.trash.list()).map(({ id }) => id)).toEqual([]);
  await hub.close();
  const next = hubOf(home);
  next.start();
  await expect.poll(() => readdirSync(join(home, 'runs'))).toEqual([]);
  await next.close();
});

it('lets the queued runs of a deleted data set wait, and go on once it is restored', async () => {
  const hub = new Hub({ home: temporaryHome(), shell: 'browser', launch: silent, host: fakeHost() });
  const ids = [1, 2, 3].map((seed) => addRun(hub.store, { seed }).id);
  for (const id of ids) hub.store.queue.put(id, 'end');
  const dataset = String(hub.store.runs.own(ids[0]).dataset.id);
  hub.start();
  await expect.poll(() => hub.store.runs.get(ids[0]).status).toBe('running');
  hub.change(hub.store.key, [deleting('dataset', [dataset])]);
  hub.scheduler.cancel(ids[0]);
  await expect.poll(() => hub.store.runs.get(ids[0]).status).toBe('cancelled');
  await wait(200);
  expect(hub.scheduler.state().waiting).toEqual([]);
  expect(() => hub.scheduler.requeue(ids[0])).toThrow('its data set beauty has been deleted');
  await hub.restore([{ kind: 'dataset', id: dataset }]);
  await expect.poll(() => hub.store.runs.get(ids[1]).status).toBe('running');
  expect(hub.scheduler.state().waiting.map(({ run }) => run.id)).toEqual([ids[2]]);
  await hub.close();
});

it('restores and adopts what it can, says what it could not, and tells the windows', async () => {
  const hub = new Hub({ home: temporaryHome(), shell: 'browser', launch: forkLauncher() });
  onTestFinished(() => hub.close());
  const [good, gone] = [1, 2].map((seed) => addRun(hub.store, { seed }).id);
  await writeFiles(hub.store);
  const folder = hub.store.runs.folder(good);
  renameSync(folder, `${folder}-aside`);
  for (const id of [good, gone]) await hub.store.trash.purgeDirectly('run', id);
  renameSync(`${folder}-aside`, folder);
  mkdirSync(join(hub.store.home, 'runs/bad'));
  const { id: kept } = hub.store.projects.create('kept', '');
  hub.store.trash.put('project', [kept]);
  const heard: string[] = [];
  vi.spyOn(hub.bus, 'emit').mockImplementation(({ type }) => void heard.push(type));
  const items = [
    ...[gone, kept].map((id) => ({ kind: 'project' as const, id })),
    ...['runs/bad', `runs/${good}`].map((id) => ({ kind: 'folder' as const, id })),
  ];
  await expect(hub.restore(items)).rejects.toThrow(
    new RegExp(`project ${gone} cannot be restored: .*; runs/bad: .*; the other 2 were restored`),
  );
  expect(hub.store.runs.exists(good)).toBe(true);
  expect(hub.store.projects.list().map(({ name }) => name)).toEqual(['kept']);
  expect(heard).toEqual(expect.arrayContaining(['trash', 'runs', 'projects']));
});

it('tells how far a run is until it has ended, and that nothing is known of its next attempt', async () => {
  const home = temporaryHome();
  let tell = (_events: TrainerEvent[]) => {};
  const { start } = fakeHost();
  const host = fakeExecutor((spec, listener) => {
    tell = (events) => listener.onReport({ events, offset: null });
    return start(spec, listener);
  });
  const hub = new Hub({ home, shell: 'browser', launch: silent, host });
  onTestFinished(() => hub.close());
  const { id } = addRun(hub.store);
  hub.store.queue.put(id, 'end');
  const told: unknown[] = [];
  vi.spyOn(hub.bus, 'emit').mockImplementation((event) => {
    if (event.type === 'progress') told.push(event.progress);
  });
  hub.start();
  await expect.poll(() => hub.store.runs.get(id).status).toBe('running');
  await expect.poll(() => told).toEqual([null]);
  const parts = { epoch: 3, epochs: 9, done: 1, total: 2, unit: 'batches', rate: 1 };
  const progress = { type: 'progress', phase: 'train', ...parts, secondsLeft: null, loss: null } as const;
  tell([progress]);
  expect(told).toEqual([null, progress]);
  hub.scheduler.cancel(id);
  await expect.poll(() => hub.store.runs.get(id).status).toBe('cancelled');
  await expect.poll(() => told.at(-1)).toBe(null);
});

it('tells how far a run is that another process trains, from its journal', async () => {
  const hub = new Hub({ home: temporaryHome(), shell: 'browser', launch: silent, host: fakeHost() });
  onTestFinished(() => hub.close());
  const { store } = hub;
  const { id } = addRun(store);
  const attempt = store.lifecycle.begin(id, null);
  const told: unknown[] = [];
  vi.spyOn(hub.bus, 'emit').mockImplementation((event) => {
    if (event.type === 'progress') told.push(event.progress);
  });
  const parts = {
    epoch: 3,
    epochs: 9,
    done: 1,
    total: 2,
    unit: 'steps',
    rate: 1,
    secondsLeft: 7,
    loss: null,
  };
  const progress = { type: 'progress', phase: 'train', time: 1, ...parts } as const;
  mkdirSync(store.runs.folder(id), { recursive: true });
  const journal = new JournalWriter(join(store.runs.folder(id), store.lifecycle.journal(id, attempt) ?? ''));
  journal.append([progress]);
  await expect.poll(() => told).toEqual([progress]);
  journal.append([{ ...progress, time: 2, done: 2 }]);
  await expect.poll(() => told.length).toBe(2);
  journal.close();
});

it('queues the runs of several requests together or not at all', async () => {
  const hub = hubOf(temporaryHome());
  onTestFinished(() => hub.close());
  hub.scheduler.pause(undefined);
  const { name: dataset } = datasetSummary('beauty');
  hub.store.datasets.add(datasetSummary('beauty'));
  vi.spyOn(hub, 'resolve').mockResolvedValue({});
  const request = enqueueRequest.parse({ model: 'sasrec', dataset, seeds: [1, 2], device: 'cpu' });
  await expect(hub.enqueue([request, { ...request, project: 'two\nlines' }])).rejects.toThrow(UserError);
  expect([hub.store.runs.list(), hub.store.queue.list()]).toEqual([[], []]);
  expect(await hub.enqueue([request, { ...request, project: 'one' }])).toHaveLength(4);
});

it('shows a long queue with as many queries as a short one', () => {
  const hub = hubOf(temporaryHome());
  const queries = vi.spyOn(Connection.prototype, 'all');
  const single = vi.spyOn(Connection.prototype, 'get');
  const asked = () => {
    queries.mockClear();
    single.mockClear();
    hub.scheduler.state();
    return queries.mock.calls.length + single.mock.calls.length;
  };
  const add = (count: number) => {
    for (let seed = 0; seed < count; seed++) hub.store.queue.put(addRun(hub.store, { seed }).id, 'end');
  };
  add(3);
  const few = asked();
  add(60);
  expect(asked()).toBe(few);
  expect(hub.scheduler.state().waiting).toHaveLength(63);
  return hub.close();
});

it('leaves all it knows in the database itself, not in a log beside it', async () => {
  const home = temporaryHome();
  const hub = hubOf(home);
  // As the analyst, whose process ends later.
  const analyst = openStore(home);
  onTestFinished(() => analyst.close());
  const run = addRun(hub.store).id;
  await hub.close();
  const log = join(home, 'tessera.db-wal');
  expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  expect(analyst.runs.get(run).id).toBe(run);
});

it('keeps what a trainer says while another process has the database to itself', async () => {
  const home = temporaryHome();
  const store = openStore(home);
  const run = addRun(store).id;
  const attempt = store.lifecycle.begin(run, null);
  store.waitAtMost(10);
  const failures: unknown[] = [];
  const recorder = new RunRecorder(store, { run, attempt }, (error) => failures.push(error));
  const add = (message: string) =>
    recorder.add({ events: [{ type: 'log', level: 'info', message }], offset: null });
  const other = new Database(join(home, 'tessera.db'));
  other.exec('BEGIN IMMEDIATE');
  add('first');
  recorder.flush();
  add('second');
  recorder.flush();
  expect(failures).toEqual([]);
  other.exec('COMMIT');
  other.close();
  await expect.poll(() => store.logs.list(run).map(({ message }) => message)).toEqual(['first', 'second']);
  store.close();
});

it('stores the results and the end of a run together, as soon as another process lets it', async () => {
  const disk: Disk = { trouble: null };
  const home = temporaryHome();
  const { store, runs, host, connection } = new Session(home, disk);
  onTestFinished(() => connection.close());
  const { id } = addRun(store);
  const { ended } = runs.resume(id);
  disk.trouble = 'busy';
  host.trainers.get(id)?.end('completed');
  setTimeout(() => {
    disk.trouble = null;
  }, 50);
  expect(await ended).toMatchObject({ status: 'completed', metrics: { 'test/ndcg@10': 0.5 } });
});

it('ends a run as its result says, whose host ended between the result and the end', () => {
  const home = temporaryHome();
  const store = openStore(home);
  onTestFinished(() => store.close());
  const { id } = addRun(store);
  const host = new Store(home, openConnection(home), asProcess(ENDED));
  const attempt = host.lifecycle.begin(id, null, { keepsPlace: true });
  mkdirSync(store.runs.folder(id), { recursive: true });
  new RunRecorder(host, { run: id, attempt }, (error) => expect(error).toBeNull()).add({
    events: [
      { type: 'result', result: RESULT, time: 1_790_000_000_000 },
      { type: 'log', level: 'info', message: 'written at once' },
    ],
    offset: 2 ** 20,
  });
  host.close();
  expect(settleLostRuns(store)).toEqual([id]);
  expect(store.runs.get(id)).toMatchObject({ status: 'completed', metrics: RESULT.metrics });
});

it('stores nothing that an earlier attempt still has to say', () => {
  const store = openStore(temporaryHome());
  onTestFinished(() => store.close());
  const run = addRun(store).id;
  const first = store.lifecycle.begin(run, null);
  const recorder = new RunRecorder(store, { run, attempt: first }, () => {});
  store.lifecycle.end(run, 'interrupted', null, first);
  store.lifecycle.begin(run, null);
  const point = { metric: 'train/loss', steps: [1], epochs: [1], times: [1], values: [1] };
  recorder.add({ events: [{ type: 'series', points: [point] }], offset: null });
  const end = vi.fn();
  expect(recorder.drain(end)).toBe(false);
  expect([store.series.list(run), end.mock.calls]).toEqual([[], []]);
});

it('fails a run whose results can never be stored', async () => {
  const { store, runs, host, connection } = new Session(temporaryHome(), { trouble: null });
  onTestFinished(() => connection.close());
  const { id } = addRun(store);
  const { ended } = runs.resume(id);
  vi.spyOn(store.runs, 'setResult').mockImplementation(() => {
    throw new Error('too large');
  });
  host.trainers.get(id)?.end('completed');
  expect(await ended).toMatchObject({ status: 'failed', message: 'too large', metrics: {} });
});

it('tells the windows how many runs it stops before it ends', async () => {
  const user = temporaryHome();
  const environment = { env: {}, platform: process.platform, userFolder: user };
  const options = {
    home: join(user, 'home'),
    source: 'option',
    environment,
    shell: 'browser',
    launch: silent,
  } as const;
  const hubSwitch = new HubSwitch(options);
  const { bus, scheduler } = hubSwitch.hub;
  vi.spyOn(scheduler, 'training', 'get').mockReturnValue(2);
  const told = vi.spyOn(bus, 'emit');
  await hubSwitch.close();
  expect(told.mock.calls).toEqual([[{ type: 'closing', runs: 2 }]]);
});
