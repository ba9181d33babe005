import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { addRun, temporaryHome } from '../../../test/store/home.ts';
import { type Disk, Session } from '../../../test/store/scripted-session.ts';
import { Connection } from '../../core/store/connection.ts';
import { HeldDatabase } from '../../core/store/held-database.ts';
import { openStore } from '../../core/store/store.ts';
import type { LaunchWorker } from '../workers/launch.ts';
import { Hub, UNDO_MS } from './hub.ts';
import { HubHolder } from './hub-holder.ts';
import { RunRecorder } from './run-recorder.ts';

/** Worker processes that never say anything. */
const silent: LaunchWorker = () => ({ pid: null, send: () => {}, kill: () => {} });

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

it('leaves what another session has just deleted to be restored', async () => {
  const home = temporaryHome();
  const first = hubOf(home);
  const run = addRun(first.store).id;
  first.deleteRuns([run]);
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const second = hubOf(home);
  second.start();
  await vi.advanceTimersByTimeAsync(UNDO_MS / 2);
  first.restoreRuns([run]);
  expect(first.store.runs.find(run).id).toBe(run);
  first.deleteRuns([run]);
  await vi.advanceTimersByTimeAsync(UNDO_MS + 1_000);
  expect(first.store.runs.exists(run)).toBe(false);
  vi.useRealTimers();
  await Promise.all([first.close(), second.close()]);
});

it('tells of a deleted data set whose files cannot be removed, and goes on', async () => {
  const hub = hubOf(temporaryHome());
  const id = String(addRun(hub.store).dataset.id);
  const told: string[] = [];
  vi.spyOn(hub.bus, 'emit').mockImplementation((event) => event.type === 'notice' && told.push(event.text));
  vi.spyOn(hub.store.datasets, 'discard').mockImplementation(() => {
    throw new Error('EBUSY');
  });
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  hub.deleteDataset(id, true);
  await vi.advanceTimersByTimeAsync(UNDO_MS + 1_000);
  vi.useRealTimers();
  expect(told).toEqual(['EBUSY']);
  await hub.close();
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
  store.lifecycle.begin(run, null);
  store.waitAtMost(10);
  const failures: unknown[] = [];
  const recorder = new RunRecorder(store, run, null, {
    onFailure: (error) => failures.push(error),
    onCheckpoints: () => {},
  });
  const other = new Database(join(home, 'tessera.db'));
  other.exec('BEGIN IMMEDIATE');
  recorder.add([{ type: 'log', level: 'info', message: 'first' }]);
  recorder.flush();
  recorder.add([{ type: 'log', level: 'info', message: 'second' }]);
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
  const { finished } = runs.resume(id);
  disk.trouble = 'busy';
  host.trainers.get(id)?.end('completed');
  setTimeout(() => {
    disk.trouble = null;
  }, 50);
  expect(await finished).toMatchObject({ status: 'completed', metrics: { 'test/ndcg@10': 0.5 } });
});

it('fails a run whose results can never be stored', async () => {
  const { store, runs, host, connection } = new Session(temporaryHome(), { trouble: null });
  onTestFinished(() => connection.close());
  const { id } = addRun(store);
  const { finished } = runs.resume(id);
  vi.spyOn(store.runs, 'setResult').mockImplementation(() => {
    throw new Error('too large');
  });
  host.trainers.get(id)?.end('completed');
  expect(await finished).toMatchObject({ status: 'failed', message: 'too large', metrics: {} });
});

it('a data folder that cannot be opened again after a failed move can be, once it is mended', async () => {
  const user = temporaryHome();
  const home = join(user, 'home');
  const machine = { env: {}, platform: process.platform, userFolder: join(user, 'user') };
  mkdirSync(machine.userFolder);
  const options = { home, source: 'option', machine, shell: 'browser', launch: silent } as const;
  const holder = new HubHolder(options);
  const path = join(home, 'tessera.db');
  const broken = join(user, 'broken.db');
  vi.spyOn(HeldDatabase, 'hold').mockImplementation(async () => {
    writeFileSync(broken, 'not a database');
    renameSync(path, `${path}.away`);
    renameSync(broken, path);
    throw new Error('the disk has gone');
  });
  onTestFinished(() => void vi.restoreAllMocks());
  await expect(holder.change({ path: join(user, 'new'), move: true }, () => {})).rejects.toThrow();
  expect(() => holder.hub).toThrow(/is not a Tessera database/);
  await holder.close();
  renameSync(`${path}.away`, path);
  expect(holder.hub.store.runs.list()).toEqual([]);
  await holder.close();
});

it('tells the windows how many runs it stops before it ends', async () => {
  const user = temporaryHome();
  const machine = { env: {}, platform: process.platform, userFolder: user };
  const options = {
    home: join(user, 'home'),
    source: 'option',
    machine,
    shell: 'browser',
    launch: silent,
  } as const;
  const holder = new HubHolder(options);
  const { bus, scheduler } = holder.hub;
  vi.spyOn(scheduler, 'training', 'get').mockReturnValue(2);
  const told = vi.spyOn(bus, 'emit');
  await holder.close();
  expect(told.mock.calls).toEqual([[{ type: 'closing', runs: 2 }]]);
});
