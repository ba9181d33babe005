import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { asProcess } from '../../../test/store/as-process.ts';
import { addRun, temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../test/store/records.ts';
import { UserError } from '../errors.ts';
import type { Protocol, UserRanks } from '../evaluation/types.ts';
import { ownIdentity, type ProcessIdentity } from '../process-identity.ts';
import { nameAlone } from '../run-names.ts';
import { openConnection } from './db/open.ts';
import { openStore } from './open-store.ts';
import { trainingProcessors, versionText } from './runs/attempts.ts';
import { Lifecycle } from './runs/lifecycle.ts';
import { LOG_LINES_KEPT } from './runs/logs.ts';
import { settleLostRuns } from './runs/lost-runs.ts';
import { newRunId } from './runs/run-id.ts';
import { Series } from './runs/series.ts';
import { runTableQuery } from './table/run-table-types.ts';

const PROTOCOL: Protocol = {
  dataset: 'fingerprint of beauty',
  split: 'leave-last-out',
  target: 'test',
  ties: 'file',
  candidates: 'catalogue',
  historyFilter: 'all',
  rankTies: 'pessimistic',
  cutoffs: [5, 10],
  selection: 'validation',
  testHistory: 'with-validation-item',
};

function ranksOf(users: number): UserRanks {
  const column = () => Int32Array.from({ length: users }, (_, index) => index);
  const topItems = Int32Array.from({ length: users * 2 }, (_, index) => index - 1);
  const columns = { users: column(), targets: column(), ranks: column(), historyLengths: column() };
  return { split: 'test', candidates: 9, topK: 2, topItems, ...columns };
}

/** A second life of this home, as the given process sees it. */
function lifecycleOf(home: string, identity: ProcessIdentity): Lifecycle {
  const connection = openConnection(home);
  return new Lifecycle(connection, new Series(connection), asProcess(identity));
}

describe('runs', () => {
  it('keep what they were asked and what came out', () => {
    const store = temporaryStore();
    const run = addRun(store);
    expect(run).toMatchObject({
      status: 'queued',
      config: { epochs: 3, dim: 64 },
      device: null,
      metrics: {},
    });
    store.lifecycle.begin(run.id, null);
    expect(() => store.lifecycle.end(run.id, 'completed', null)).toThrow('has no result');
    store.runs.setStarted(run.id, {
      type: 'started',
      device: 'cpu',
      deviceReason: 'requested',
      parameters: 123,
      environment: { cores: 2 },
      fromStep: 0,
    });
    const metrics = { 'test/ndcg@10': 0.03, 'test/hr@10': Number.NaN };
    const result = {
      status: 'completed',
      epochs: 3,
      selectedEpoch: 2,
      seconds: 1.5,
      metrics,
      ranks: [],
    } as const;
    store.runs.setResult(run.id, { ...result, ranks: [], protocol: PROTOCOL }, 'abc');
    store.ranks.save(run.id, ranksOf(5));
    expect(store.lifecycle.end(run.id, 'completed', null)).toBe(true);
    const record = store.runs.find(run.name);
    expect(record).toMatchObject({
      status: 'completed',
      device: 'cpu',
      deviceReason: 'requested',
      parameters: 123,
    });
    expect(record).toMatchObject({ epochs: 3, selectedEpoch: 2, seconds: 1.5, metrics, protocol: PROTOCOL });
    expect(store.runs.list()).toEqual([record]);
    expect(store.ranks.read(run.id, 'test')).toEqual(ranksOf(5));
    expect(store.ranks.read(run.id, 'valid')).toBeNull();
    expect([...store.ranks.withoutLists(run.id)]).toEqual([
      { ...ranksOf(5), topK: 0, topItems: new Int32Array() },
    ]);
    // Lists that do not fit into a row are left out; ranks are kept.
    expect(store.ranks.save(run.id, ranksOf(5), 5 * 4 * 4)).toBe(false);
    expect(store.ranks.read(run.id, 'test')).toEqual({ ...ranksOf(5), topK: 0, topItems: new Int32Array() });
    expect(store.runs.attempts(run.id)).toMatchObject([
      { number: 1, pid: process.pid, outcome: 'completed' },
    ]);
    expect(() => store.lifecycle.begin(run.id, null)).toThrow('has completed: start a new run');
  });

  it('are found by id, by name and by the beginning of an id, and never guessed', () => {
    const store = temporaryStore();
    const first = addRun(store);
    const second = addRun(store);
    const twins = [addRun(store, { name: 'twin' }), addRun(store, { name: 'twin' })];
    expect([first.name, second.name]).toEqual(['sasrec-beauty-seed1', 'sasrec-beauty-seed1-2']);
    expect(store.runs.find(first.id.toUpperCase()).id).toBe(first.id);
    expect(store.runs.find(second.name).id).toBe(second.id);
    expect(store.runs.find(second.id.slice(0, -1)).id).toBe(second.id);
    expect(() => store.runs.find('twin')).toThrow(`2 runs fit "twin" (${twins[0].id}, ${twins[1].id})`);
    expect(() => store.runs.find(first.id.slice(0, 2))).toThrow('4 runs fit');
    for (const reference of ['', 'nothing', '%', '_'])
      expect(() => store.runs.find(reference)).toThrow(UserError);
  });

  it('have ids that sort by creation', () => {
    const ids = Array.from({ length: 2000 }, newRunId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are deleted with all they left, but not while they train', async () => {
    const store = temporaryStore();
    const run = addRun(store);
    const folder = store.runs.folder(run.id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'last.safetensors'), '');
    store.lifecycle.begin(run.id, null);
    store.series.append(run.id, [{ metric: 'a', steps: [1], epochs: [0], times: [0], values: [1] }]);
    const trains = 'is running: cancel it before deleting it';
    expect(() => store.trash.put('run', [run.id])).toThrow(trains);
    await expect(store.trash.purgeDirectly('run', run.id)).rejects.toThrow(trains);
    store.lifecycle.end(run.id, 'failed', 'because');
    await store.trash.purgeDirectly('run', run.id);
    expect(existsSync(folder)).toBe(false);
    expect(store.runs.list()).toEqual([]);
    expect(store.series.list(run.id)).toEqual([]);
  });

  it('are known by what builds on them, and by the time that was spent on them', () => {
    const store = temporaryStore();
    const tokeniser = addRun(store, { model: 'residual-kmeans' });
    const users = ['tokeniser', 'retriever'].map((key) => addRun(store, { config: { [key]: tokeniser.id } }));
    addRun(store, { config: { note: tokeniser.id } });
    const gone = addRun(store, { config: { tokeniser: tokeniser.id } });
    store.trash.put('run', [gone.id]);
    const dependants = (...runs: string[]) => store.runs.dependants(runs).map(({ id }) => id);
    expect(dependants(tokeniser.id)).toEqual([users[1].id, users[0].id]);
    expect(dependants(tokeniser.id, users[0].id)).toEqual([users[1].id]);
    expect(dependants(users[0].id)).toEqual([]);
    const { name, model, dataset, seed } = users[0];
    expect(store.runs.dependants([tokeniser.id]).at(-1)).toEqual({
      ...{ id: users[0].id, name, status: 'queued' },
      title: nameAlone({ name, model, dataset, seed }),
    });
    const own = addRun(store, { name: null, seed: 2 });
    expect(store.datasets.runsOf(own.dataset.id ?? '').find(({ id }) => id === own.id)?.title).toBe(
      nameAlone(own),
    );
    expect(nameAlone(own)).toMatch(/ on \w+, seed 2$/);
    expect(store.runs.trainedSeconds([tokeniser.id, users[0].id])).toBe(0);
    store.lifecycle.begin(tokeniser.id, null);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 90_000 });
    onTestFinished(() => void vi.useRealTimers());
    store.lifecycle.end(tokeniser.id, 'cancelled', null);
    expect(store.runs.trainedSeconds([tokeniser.id, users[0].id])).toBeCloseTo(90, 0);
    // A clock that is set back takes nothing off.
    store.lifecycle.requeue(tokeniser.id);
    store.lifecycle.begin(tokeniser.id, null);
    vi.setSystemTime(Date.now() - 3_600_000);
    store.lifecycle.end(tokeniser.id, 'cancelled', null);
    expect(store.runs.trainedSeconds([tokeniser.id])).toBeCloseTo(90, 0);
  });

  it('keep the newest lines of their log', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    const lines = Array.from(
      { length: LOG_LINES_KEPT + 5 },
      (_, time) => ({ time, level: 'info', message: 'x' }) as const,
    );
    store.logs.append(run, lines.slice(0, 10));
    store.logs.append(run, lines.slice(10));
    expect(store.logs.list(run)).toEqual(lines.slice(5));
    expect(store.logs.list(run, 2)).toEqual(lines.slice(-2));
  });
});

describe('checkpoints', () => {
  it('are found again in a home that has moved, those with absolute paths included', () => {
    const before = temporaryHome();
    const home = join(temporaryHome(), 'moved');
    const store = openStore(before);
    const run = addRun(store).id;
    const folder = join(store.runs.folder(run), 'checkpoints');
    mkdirSync(folder, { recursive: true });
    for (const step of [1, 2]) {
      const path = join(folder, `last-${step}.safetensors`);
      writeFileSync(path, '');
      store.checkpoints.add(run, { path, epoch: 1, step, kind: 'last' });
    }
    store.close();
    const database = new Database(join(before, 'tessera.db'));
    expect(database.prepare('SELECT DISTINCT path FROM checkpoints WHERE step = 2').pluck().all()).toEqual([
      `runs/${run}/checkpoints/last-2.safetensors`,
    ]);
    database
      .prepare('UPDATE checkpoints SET path = ? WHERE step = 1')
      .run(join(folder, 'last-1.safetensors'));
    database.close();
    renameSync(before, home);
    const moved = openStore(home);
    const paths = moved.checkpoints.list(run).map(({ path }) => path);
    expect(paths).toEqual(
      [2, 1].map((step) => join(home, 'runs', run, 'checkpoints', `last-${step}.safetensors`)),
    );
    moved.checkpoints.add(run, { path: paths[0], epoch: 3, step: 2, kind: 'last' });
    expect(moved.checkpoints.list(run).map(({ epoch }) => epoch)).toEqual([3, 1]);
    moved.close();
  });
});

describe('attempts', () => {
  it('drop what was recorded after the checkpoint they continue from', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    store.lifecycle.begin(run, null);
    const points = { metric: 'a', steps: [1, 2, 3], epochs: [0, 0, 0], times: [0, 0, 0], values: [1, 2, 3] };
    store.series.append(run, [points]);
    for (const step of [1, 2, 3]) {
      const path = join(store.home, `last-${step}.safetensors`);
      writeFileSync(path, '');
      store.checkpoints.add(run, { path, epoch: 1, step, kind: 'last' });
    }
    store.lifecycle.end(run, 'crashed', 'signal SIGSEGV');
    store.lifecycle.begin(run, 2);
    expect(store.series.read(run, 'a').steps).toEqual([1, 2]);
    expect(store.checkpoints.list(run).map(({ step }) => step)).toEqual([2, 1]);
    expect(store.runs.get(run)).toMatchObject({ status: 'running', message: null, endedAt: null });
    expect(store.runs.attempts(run)).toMatchObject([
      { number: 1, outcome: 'crashed', fromStep: 0 },
      { number: 2, outcome: null, fromStep: 2 },
    ]);
    expect(() => store.lifecycle.begin(run, null)).toThrow('is already running');
  });

  it('say which version made what is left of the run', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    const versions = () => versionText(store.runs.own(run), store.runs.attempts(run));
    expect(versions()).toBe('0.1.0');
    for (const [version, fromStep, text] of [
      ['0.2.0', null, '0.2.0'],
      ['0.3.0', null, '0.3.0'],
      ['0.3.0', 5, '0.3.0'],
      ['0.4.0', 8, '0.3.0, resumed by 0.4.0'],
      ['0.5.0', 7, '0.3.0, resumed by 0.5.0'],
      ['0.6.0', null, '0.6.0'],
    ] as const) {
      store.lifecycle.begin(run, fromStep, { version });
      expect(versions()).toBe(text);
      store.lifecycle.end(run, 'cancelled', null);
    }
  });

  it('say which kinds of CPU made what is left of the run, of jobs that went on on another node too', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    const start = (cpu: string, fromStep: number) =>
      store.runs.setStarted(run, {
        ...{ type: 'started', device: 'cpu', deviceReason: '', parameters: 1, fromStep },
        environment: { cpu, instructions: 'avx2' },
      });
    const models = () =>
      trainingProcessors(store.runs.get(run), store.runs.attempts(run)).map(({ model }) => model);
    store.lifecycle.begin(run, null);
    expect(models()).toEqual([]);
    for (const [cpu, fromStep, kinds] of [
      ['A', 0, ['A']],
      ['A', 4, ['A']],
      ['B', 8, ['A', 'B']],
      ['C', 0, ['C']],
    ] as const) {
      start(cpu, fromStep);
      expect(models()).toEqual(kinds);
    }
    store.lifecycle.end(run, 'cancelled', null);
    store.lifecycle.begin(run, 8);
    start('B', 8);
    expect(models()).toEqual(['C', 'B']);
  });

  it('of a deleted run do not begin', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    store.trash.put('run', [run]);
    expect(() => store.lifecycle.begin(run, null)).toThrow('is in the trash: restore it first');
    expect(store.runs.attempts(run)).toEqual([]);
  });
});

it('a page of another size or place is the same statement', () => {
  const store = temporaryStore();
  const run = addRun(store).id;
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  onTestFinished(() => prepare.mockRestore());
  const ask = (limit: number) => {
    store.table.page(runTableQuery.parse({ groupBy: 'model', fold: true, limit, offset: limit - 1 }));
    return store.runs.newest(limit).map(({ id }) => id);
  };
  expect(ask(1)).toEqual([run]);
  const prepared = prepare.mock.calls.length;
  for (let limit = 2; limit < 20; limit++) ask(limit);
  expect(prepare.mock.calls.length).toBe(prepared);
});

it('statements that are not used any more are forgotten', () => {
  const connection = openConnection(temporaryHome());
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  onTestFinished(() => prepare.mockRestore());
  const ask = (value: number) => connection.get(`SELECT ${value}`);
  for (let value = 0; value < 300; value++) ask(value);
  ask(299);
  expect(prepare).toHaveBeenCalledTimes(300);
  ask(0);
  expect(prepare).toHaveBeenCalledTimes(301);
  connection.close();
});

describe('leases', () => {
  const ended = () => spawnSync(process.execPath, ['-e', '']).pid;
  const elsewhere = (pid: number): ProcessIdentity => ({ pid, pidScope: 'another machine', startTime: '5' });
  const hosts: [name: string, identity: () => ProcessIdentity, expired: boolean][] = [
    ['this process', ownIdentity, false],
    ['a process that ended', () => ({ ...ownIdentity(), pid: ended() }), true],
    // Elsewhere nothing but its heartbeats tells.
    [
      'an earlier process with the same pid',
      () => ({ ...ownIdentity(), startTime: '1' }),
      process.platform === 'linux',
    ],
    ['a process on another machine', () => elsewhere(process.pid), false],
  ];
  it.each(hosts)('of %s', (_, identity, expired) => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const run = addRun(store).id;
    lifecycleOf(home, identity()).begin(run, null);
    expect(settleLostRuns(store)).toEqual(expired ? [run] : []);
    expect(store.runs.get(run).status).toBe(expired ? 'interrupted' : 'running');
    expect(store.runs.attempts(run)[0].outcome).toBe(expired ? 'interrupted' : null);
  });

  it('whose process cannot be seen expire a minute after the last heartbeat, and can be taken back', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const run = addRun(store).id;
    const host = lifecycleOf(home, elsewhere(1234));
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      host.begin(run, null);
      vi.advanceTimersByTime(50_000);
      expect(host.heartbeat(run)).toBe(true);
      vi.advanceTimersByTime(50_000);
      expect(settleLostRuns(store)).toEqual([]);
      vi.advanceTimersByTime(11_000);
      expect(settleLostRuns(store)).toEqual([run]);
      expect(host.heartbeat(run)).toBe(true);
      expect(store.runs.get(run)).toMatchObject({ status: 'running', message: null, endedAt: null });
      vi.advanceTimersByTime(61_000);
      expect(settleLostRuns(store)).toEqual([run]);
      store.lifecycle.begin(run, null);
      expect(host.heartbeat(run)).toBe(false);
      expect(host.end(run, 'completed', null)).toBe(false);
      expect(store.runs.get(run).status).toBe('running');
    } finally {
      vi.useRealTimers();
    }
  });

  it('are of one attempt: a later one of the same process is not ended for it', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const run = addRun(store).id;
    const host = lifecycleOf(home, elsewhere(1234));
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const first = host.begin(run, null);
    vi.advanceTimersByTime(61_000);
    expect(settleLostRuns(store)).toEqual([run]);
    const second = host.begin(run, null);
    expect([first, second]).toEqual([1, 2]);
    expect(host.heartbeat(run, first)).toBe(false);
    expect(host.end(run, 'failed', 'the disk was full', first)).toBe(false);
    expect(store.runs.get(run).status).toBe('running');
    expect(host.end(run, 'failed', 'the disk was full', second)).toBe(true);
  });

  it('that are lost three times at the same step leave the run to its user; one that got further waits again', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const run = addRun(store).id;
    store.queue.put(run, 'end');
    const lost = lifecycleOf(home, { ...ownIdentity(), pid: ended() });
    const statuses = [0, 0, 5, 5, 5].map((step, at, steps) => {
      lost.begin(run, steps[at - 1] || null, { keepsPlace: true });
      if (step > 0) store.checkpoints.add(run, { path: join(home, 'last'), epoch: 1, step, kind: 'last' });
      settleLostRuns(store);
      return store.runs.get(run).status;
    });
    expect(statuses).toEqual(['queued', 'queued', 'queued', 'queued', 'interrupted']);
  });
});

describe('data sets', () => {
  it('are listed, found and named once', () => {
    const store = temporaryStore();
    const [a, b] = [datasetSummary('beauty'), datasetSummary('books')];
    store.datasets.add(a);
    store.datasets.add(b);
    expect(
      store.datasets
        .list()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['beauty', 'books']);
    expect(store.datasets.find('books')).toEqual(b);
    expect(store.datasets.find('beauty-0')).toEqual(a);
    expect(() => store.datasets.find('b')).toThrow('2 data sets fit "b"');
    expect(() => store.datasets.find('music')).toThrow('there is no data set "music"');
    expect(() => store.datasets.add({ ...a, id: 'other' })).toThrow(
      'there is already a data set named beauty',
    );
    expect(() => store.datasets.requireFreeName('beauty')).toThrow('--name');
    store.datasets.requireFreeName('music');
  });

  it('used by runs go only by force, and the runs keep their name and fingerprint', async () => {
    const store = temporaryStore();
    const run = addRun(store);
    const summary = store.datasets.find('beauty');
    const { id } = summary;
    mkdirSync(store.datasets.folder(id), { recursive: true });
    expect(() => store.datasets.requireUnused(summary)).toThrow(`is used by 1 run, ${run.name} (${run.id})`);
    expect(existsSync(store.datasets.folder(id))).toBe(true);
    await store.trash.purgeDirectly('dataset', id);
    expect(existsSync(store.datasets.folder(id))).toBe(false);
    expect(store.runs.get(run.id).dataset).toEqual({ ...run.dataset, id: null });
    expect(() => store.runs.create(newRun(datasetSummary('beauty')))).toThrow('has been deleted');
  });
});
