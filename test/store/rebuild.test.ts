/** A home whose database is lost, and is made again from its folders. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { UserRanks } from '../../src/core/evaluation/types.ts';
import { adoptFolder } from '../../src/core/store/files/adopt.ts';
import { rebuild } from '../../src/core/store/files/rebuild.ts';
import { type RunFile, runColumns } from '../../src/core/store/files/run-file.ts';
import { writeFiles } from '../../src/core/store/files/write-files.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { recordEvents } from '../../src/core/store/runs/record-events.ts';
import { newRunId } from '../../src/core/store/runs/run-id.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { ResultFacts } from '../../src/core/store/types.ts';
import type { StudySpec } from '../../src/core/studies/study.ts';
import type { TrainerEvent } from '../../src/core/training/events.ts';
import { JournalWriter } from '../../src/core/training/journal.ts';
import { protocol } from '../reports/runs.ts';
import { addRun, temporaryHome, temporaryStore } from './home.ts';
import { datasetSummary, RESULT } from './records.ts';
import { tessera } from './tessera.ts';

const int = (...values: number[]) => Int32Array.of(...values);
const RANKS: UserRanks = {
  ...{ split: 'test', candidates: 3, topK: 2 },
  ...{
    users: int(0, 1),
    targets: int(2, 1),
    ranks: int(1, 3),
    historyLengths: int(1, 1),
    topItems: int(2, 1, 0, 2),
  },
};
const curve = (metric: string, steps: number[], epoch = 1): TrainerEvent => ({
  type: 'series',
  points: [
    { metric, steps, epochs: steps.map(() => epoch), times: steps, values: steps.map((step) => 1 / step) },
  ],
});

/** Trains in name alone, as a host and its trainer do: what is told is in the journal and in the store. */
function train(store: Store, run: string, fromStep: number | null, told: TrainerEvent[], ends = true): void {
  const attempt = store.lifecycle.begin(run, fromStep);
  const journal = new JournalWriter(
    join(store.runs.folder(run), String(store.lifecycle.journal(run, attempt))),
  );
  const started = {
    type: 'started',
    device: 'cpu',
    deviceReason: 'asked',
    parameters: 5,
    environment: { node: '24' },
  } as const;
  const events: TrainerEvent[] = [{ ...started, fromStep: fromStep ?? 0 }, ...told];
  store.lifecycle.setJournalOffset(run, attempt, journal.append(events));
  journal.close();
  store.transaction(() => recordEvents(store, run, events));
  if (ends)
    store.lifecycle.end(
      run,
      told.some(({ type }) => type === 'result') ? 'completed' : 'failed',
      null,
      attempt,
    );
}

/** A home with something of every kind. */
function furnish(home: string): Store {
  const store = openStore(home);
  const dataset = datasetSummary('beauty');
  store.datasets.add(dataset);
  mkdirSync(store.datasets.folder(dataset.id), { recursive: true });
  writeFileSync(
    join(store.datasets.folder(dataset.id), 'dataset.json'),
    JSON.stringify({ ...dataset, name: 'before it was renamed' }),
  );
  const [resumed, sweeping, trashed, waiting] = [1, 2, 3, 4].map((seed) => addRun(store, { seed }).id);
  for (const id of [resumed, sweeping, trashed]) mkdirSync(store.runs.folder(id), { recursive: true });
  const path = join(store.runs.folder(resumed), 'checkpoints', 'last-2.safetensors');
  const checkpoint: TrainerEvent = {
    type: 'checkpoint',
    checkpoint: { path, epoch: 1, step: 2, kind: 'last' },
  };
  mkdirSync(join(path, '..'));
  writeFileSync(path, '');
  train(store, resumed, null, [
    curve('train/loss', [1, 2, 3]),
    checkpoint,
    { type: 'log', level: 'info', message: 'half', time: 5 },
  ]);
  const metrics = { 'test/ndcg@10': 0.5, 'test/auc': Number.NaN };
  train(store, resumed, 2, [
    curve('train/loss', [3, 4], 2),
    { type: 'result', result: { ...RESULT, metrics, ranks: [RANKS] } },
  ]);
  train(store, sweeping, null, [{ type: 'result', result: RESULT }]);
  store.table.annotate(resumed, {
    tags: ['paper', 'Été'],
    notes: 'good\nand long',
    starred: true,
    project: 'Films',
  });
  const spec = { kind: 'sweep', dataset: { id: dataset.id }, sizes: [] } as unknown as StudySpec;
  const study = store.studies.create('rates', spec).id;
  store.studies.setRun(study, { size: 0, share: 1, seed: 1 }, sweeping);
  store.trash.put('run', [trashed]);
  store.queue.put(waiting, 'end');
  const [external] = store.foreign.addExternal([
    {
      ...{
        program: 'RecBole 1.2',
        model: 'SASRec',
        config: { dim: 64 },
        seed: 3,
        name: 'theirs',
        stated: { hit: 0.1, far: Infinity },
      },
      ...{
        result: { file: 'lists.csv', listLength: 2, testUsers: 2 } as ResultFacts,
        metrics: { 'test/hr@1': 0.5 },
      },
      ...{
        dataset: { id: dataset.id, name: 'beauty', fingerprint: dataset.fingerprint },
        protocol,
        ranks: { ...RANKS, lengths: Int32Array.of(2, 1) },
      },
    },
  ]);
  const told = store.trackers.add(
    { tracker: 'mlflow', id: 'abc', path: '/mlruns' },
    { name: 'told', config: { a: 1 } },
  );
  store.series.merge(told, { metric: 'loss', steps: [1, 5], epochs: [0, 0], times: [1, 5], values: [3, 2] });
  store.foreign.setStated(told, { accuracy: 0.9 });
  store.trackers.setImported(told, { cursor: { file: 5 }, names: { loss: 'loss' } } as never, '/mlruns');
  store.logs.append(told, [{ time: 7, level: 'warn', message: 'left out' }]);
  store.comparisons.save({
    name: 'Paper',
    notes: 'TIGER leads',
    runs: [resumed, external.id],
    project: null,
  });
  store.settings.write('view:x', { open: true });
  store.hosts.put({ name: 'lab-2', folder: null, job: {} });
  return store;
}

/** All that the tables of a home say, but for what belongs to the moment. */
function everythingIn(home: string): Record<string, unknown> {
  const database = new Database(join(home, 'tessera.db'), { readonly: true });
  try {
    const all = (sql: string) => database.prepare(sql).all();
    const tables = [
      'runs',
      'run_metrics',
      'stated_metrics',
      'run_tags',
      'run_origins',
      'study_runs',
      'studies',
      'projects',
      'comparisons',
      'ranks',
      'attempts',
      'system_samples',
    ];
    const points = `SELECT run, metric, series_chunks.*, points FROM series JOIN series_chunks ON series = series.id JOIN series_points USING (series, first_step) ORDER BY run, metric, first_step`;
    return {
      ...Object.fromEntries(tables.map((table) => [table, all(`SELECT * FROM ${table} ORDER BY 1, 2`)])),
      datasets: all('SELECT id, name, fingerprint, deleted_at FROM datasets'),
      settings: all(`SELECT * FROM settings WHERE key = 'view:x'`),
      logs: all('SELECT run, time, level, message FROM logs ORDER BY run, id'),
      checkpoints: all('SELECT run, path, step FROM checkpoints ORDER BY run, path'),
      points: all(points).map((row) => ({ ...(row as object), series: 0 })),
    };
  } finally {
    database.close();
  }
}

describe('a database that is lost', () => {
  it('is made again from the folders, with all that they say, and what is not there again is named', async () => {
    const home = temporaryHome();
    const store = furnish(home);
    await writeFiles(store);
    expect(store.unwritten.next(['run', 'kept', 'home'], 0, 1)).toEqual([]);
    const waiting = store.runs.find('sasrec-beauty-seed4').id;
    store.close();
    const before = everythingIn(home);
    rmSync(join(home, 'tessera.db'));
    const { code, out } = await tessera(home, 'backup', 'rebuild');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^Made the database again: 6 runs and 1 data set\.\n.*Not there again:\n {2}the order of the queue/s,
      ),
    ]);
    const after = everythingIn(home);
    const changed = (row: unknown) =>
      (row as { status: string }).status === 'queued'
        ? {
            ...(row as object),
            status: 'interrupted',
            message: expect.any(String),
            ended_at: expect.any(Number),
          }
        : row;
    expect(after).toEqual({ ...before, runs: (before.runs as unknown[]).map(changed) });
    const again = temporaryStore(home);
    expect(again.runs.get(waiting).status).toBe('interrupted');
    // What is read may be of anybody: their machines are not connected to.
    expect([out, again.hosts.list()]).toEqual([expect.stringContaining('the hosts of Settings'), []]);
  });

  it('is made again only where there is none that is sound, unless that is asked for', async () => {
    const home = temporaryHome();
    const store = furnish(home);
    await writeFiles(store);
    store.close();
    await expect(rebuild(home)).rejects.toThrow('tessera.db is sound');
    const { replaced, runs } = await rebuild(home, { replace: true });
    expect([runs, existsSync(String(replaced))]).toEqual([6, true]);
    await expect(rebuild(temporaryHome())).rejects.toThrow('holds no folder of a run');
  });

  it('knows how a run ended whose file was written while it was trained', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const { id } = addRun(store);
    mkdirSync(store.runs.folder(id), { recursive: true });
    train(store, id, null, [curve('train/loss', [1])], false);
    await writeFiles(store);
    const [journal] = readdirSync(store.runs.folder(id)).filter((name) => name.startsWith('events-'));
    const writer = new JournalWriter(join(store.runs.folder(id), journal), { again: true });
    writer.append([{ type: 'result', time: 77, result: { ...RESULT, ranks: [RANKS] } }]);
    writer.close();
    store.close();
    await rebuild(home, { replace: true });
    const again = temporaryStore(home);
    expect(again.runs.get(id)).toMatchObject({ status: 'completed', endedAt: 77, metrics: RESULT.metrics });
    expect(again.ranks.read(id, 'test')?.ranks).toEqual(RANKS.ranks);
  });

  it('reads how jobs are submitted as earlier versions called it', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const job = { time: '4:00:00' };
    const { id } = addRun(store, { place: 'cluster', job });
    const spec = { kind: 'sweep', dataset: { id: 'beauty' }, sizes: [], job } as unknown as StudySpec;
    store.studies.create('rates', spec);
    await writeFiles(store);
    store.close();
    for (const file of [join(home, 'runs', id, 'run.json'), join(home, 'home.json')]) {
      const text = readFileSync(file, 'utf8');
      expect(text).toContain('"job": {');
      writeFileSync(file, text.replaceAll('"job": {', '"slurm": {'));
    }
    await rebuild(home, { replace: true });
    const again = temporaryStore(home);
    expect(again.runs.own(id).job).toEqual(job);
    expect(again.studies.list()).toMatchObject([{ spec: { job } }]);
  });

  it('takes no part in what hostile files say', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const { id } = addRun(store);
    await writeFiles(store);
    store.close();
    const said = JSON.parse(readFileSync(join(home, 'runs', id, 'run.json'), 'utf8'));
    const outside = temporaryHome();
    const plant = (changes: object, of = newRunId()) => {
      mkdirSync(join(home, 'runs', of), { recursive: true });
      writeFileSync(join(home, 'runs', of, 'run.json'), JSON.stringify({ ...said, id: of, ...changes }));
      return of;
    };
    const bad = [
      plant({ id: '../../etc' }),
      plant({ id }),
      plant({ run: { ...said.run, evaluated_checkpoint: { path: '../../x.safetensors' } } }),
      plant({ run: { ...said.run, evaluated_checkpoint: { path: '/etc/passwd' } } }),
      plant({
        attempts: [{ number: 1, pid: 1, started_at: 1, from_step: 0, journal: '../../../secret.jsonl' }],
      }),
      plant({ run: { ...said.run, config: null } }),
      newRunId(),
      newRunId(),
    ];
    const good = plant({}, newRunId());
    renameSync(join(home, 'runs', good), join(outside, good));
    symlinkSync(join(outside, good), join(home, 'runs', good));
    mkdirSync(join(home, 'runs', bad[6]));
    symlinkSync(join(outside, good, 'run.json'), join(home, 'runs', bad[6], 'run.json'));
    mkdirSync(join(home, 'runs', bad[7]));
    plant({}, 'not-an-id');
    mkdirSync(join(home, 'datasets', 'films'), { recursive: true });
    writeFileSync(
      join(home, 'datasets', 'films', 'dataset.json'),
      JSON.stringify({ ...datasetSummary('films'), id: '../films' }),
    );
    const { runs, datasets, lost } = await rebuild(home, { replace: true });
    expect([runs, datasets]).toEqual([1, 0]);
    for (const each of [...bad, 'not-an-id', 'films'])
      expect(lost.filter((line) => line.includes(each))).toHaveLength(1);
    expect(readdirSync(outside)).toEqual([good]);
  });
});

describe('stray folders', () => {
  it('are brought into the database by what their files say', async () => {
    const home = temporaryHome();
    const store = furnish(home);
    await writeFiles(store);
    const { id } = store.runs.find('sasrec-beauty-seed1');
    const before = [store.runs.get(id), store.series.read(id, 'train/loss'), store.ranks.read(id, 'test')];
    store.close();
    rmSync(join(home, 'tessera.db'));
    expect((await tessera(home, 'backup', 'begin-new')).code).toBe(0);
    expect((await tessera(home, 'trash', 'restore', `runs/${id}`)).error).toMatch(/trash adopt runs/);
    expect((await tessera(home, 'trash', 'adopt', 'datasets/beauty-0a1b', `runs/${id}`)).error).toBe('');
    const again = temporaryStore(home);
    const run = again.runs.get(id);
    expect([
      { ...run, dataset: before[0] && 'dataset' in before[0] && before[0].dataset },
      again.series.read(id, 'train/loss'),
      again.ranks.read(id, 'test'),
    ]).toEqual(before);
    expect(() => adoptFolder(again, `runs/${id}`)).toThrow('is known already');
    expect(() => adoptFolder(again, 'runs/../runs')).toThrow('is no folder');
  });
});

it('gives a stray data set back to the runs of what it holds, and to no others of the same sequences', async () => {
  const store = temporaryStore();
  const [one, other, old] = ['one', 'other', 'old'].map((name) => ({
    ...{ ...datasetSummary(name), fingerprint: 'the same sequences' },
    ...(name === 'old' ? {} : { sourceFiles: [{ name: 'a.csv', bytes: 1, sha256: name }] }),
  }));
  const runs = [one, other, old].map((dataset) => {
    store.datasets.add(dataset);
    return addRun(store, { dataset }).id;
  });
  const file = store.runFiles.of(runs[2]) as RunFile;
  for (const { id } of [one, other, old]) await store.trash.purgeDirectly('dataset', id);
  // A file of an earlier version says no more of its data than the id of their set.
  await store.trash.purgeDirectly('run', runs[2]);
  store.runFiles.add({ ...file, run: { ...file.run, data: null } });
  const given = () => runs.map((run) => store.datasets.ofRun(run)?.id ?? null);
  expect(given()).toEqual([null, null, null]);
  store.datasets.adopt({ ...one, id: 'copy', name: 'copy' });
  expect(given()).toEqual(['copy', null, null]);
  store.datasets.adopt(old);
  expect(given()).toEqual(['copy', null, old.id]);
});

it('the file of a run has every column that the table has', () => {
  const database = new Database(join(temporaryStore().home, 'tessera.db'), { readonly: true });
  const columns = database.prepare(`SELECT name FROM pragma_table_info('runs')`).pluck().all();
  database.close();
  expect([...Object.keys(runColumns.shape), 'id', 'project'].sort()).toEqual(columns.sort());
});

it('files are written once for the runs that are there already, and again only when they change', async () => {
  const store = temporaryStore();
  const ids = Array.from({ length: 70 }, (_, seed) => addRun(store, { seed }).id);
  await writeFiles(store, { within: 0, kept: false });
  const written = () => ids.filter((id) => existsSync(join(store.runs.folder(id), 'run.json')));
  // And home.json.
  expect(written().length).toBe(31);
  // A timer and the end of a command may ask at once.
  await Promise.all([writeFiles(store, { kept: false }), writeFiles(store)]);
  expect(written()).toEqual(ids);
  expect(readdirSync(join(store.home, 'runs')).filter((name) => name.startsWith('.'))).toEqual([]);
  store.lifecycle.begin(ids[0], null);
  store.runs.rename(ids[1], 'renamed');
  expect(store.unwritten.next(['run'], 0, 100).map(({ run }) => run)).toEqual([ids[0], ids[1]]);
  store.lifecycle.heartbeat(ids[0], 1);
  store.lifecycle.setJournalOffset(ids[0], 1, 5);
  await writeFiles(store);
  expect(store.unwritten.next(['run'], 0, 100)).toEqual([]);
  await store.trash.purgeDirectly('run', ids[1]);
  await writeFiles(store);
  expect(existsSync(store.runs.folder(ids[1]))).toBe(false);
});
