/** Runs of the real trackers (test/foreign/write_trackers.py), against what their own readers say of them. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ourMetric } from '../../src/core/foreign/trackers/metric-names.ts';
import type { TrackerRequest } from '../../src/core/foreign/trackers/summary.ts';
import { tfRecords } from '../../src/core/foreign/trackers/tensorboard.ts';
import { configValue, flatEntries } from '../../src/core/foreign/trackers/told.ts';
import { logRecords } from '../../src/core/foreign/trackers/wandb.ts';
import { readFrames } from '../../src/core/foreign/trackers/wire.ts';
import { eventRecord, scalarEvent } from '../../src/core/foreign/trackers/write-events.ts';
import type { Store } from '../../src/core/store/store.ts';
import { runTableQuery } from '../../src/core/store/table/run-table-types.ts';
import type { ImportedRun } from '../../src/core/store/types.ts';
import { importTracker, previewTracker } from '../../src/main/services/analysis/trackers.ts';
import { addRun, completeRun, temporaryHome, temporaryStore } from '../store/home.ts';
import { writeLargeFile } from './event-file.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'trackers');

interface GoldenRun {
  params: Record<string, unknown>;
  series: Record<string, [step: number, value: unknown][]>;
  texts?: Record<string, string>;
  summary?: Record<string, unknown>;
  last?: Record<string, unknown>;
  times?: [number, number | null];
}
type Golden = Record<string, Record<string, GoldenRun>>;

const golden = JSON.parse(readFileSync(join(FIXTURES, 'golden.json'), 'utf8')) as Golden;
let folder = '';

const request = (path: string, changes: Partial<TrackerRequest> = {}) => ({
  paths: [path],
  from: null,
  map: {},
  ...changes,
});

const take = (store: Store, path: string, changes: Partial<TrackerRequest> = {}) =>
  importTracker(store, request(path, changes));

const imported = (store: Store) =>
  store.runs.list().filter((run): run is ImportedRun => run.kind === 'imported');

/** The last value of each step, by step. */
function settled(points: [step: number, value: unknown][]): [number, number][] {
  return [...new Map(points)]
    .map(([step, value]): [number, number] => [step, Number(value)])
    .sort(([a], [b]) => a - b);
}

function curvesOf(store: Store, run: string): Record<string, [number, number][]> {
  return Object.fromEntries(
    store.series.list(run).map(({ metric }) => {
      const { steps, values } = store.series.read(run, metric);
      return [metric, steps.map((step, at): [number, number] => [step, values[at]])];
    }),
  );
}

/** What is to be there of a run of the golden file. */
function expectedCurves({ series }: GoldenRun): Record<string, [number, number][]> {
  return Object.fromEntries(
    Object.entries(series)
      .map(([name, points]) => [name, points.filter(([, value]) => isNumber(value))] as const)
      .filter(([name, points]) => points.length > 0 && !name.startsWith('_'))
      .map(([name, points]) => [ourMetric(name) ?? name, settled(points)]),
  );
}

/** What `add_hparams` wrote beside a run is of that run. */
function folded(runs: Record<string, GoldenRun>): Record<string, GoldenRun> {
  const all = structuredClone(runs);
  for (const [name, { params, series }] of Object.entries(runs)) {
    const above = all[name.replace(/\/hparams$/, '')];
    if (!name.endsWith('/hparams')) continue;
    Object.assign(above.params, params);
    above.last = Object.fromEntries(Object.entries(series).map(([metric, [[, value]]]) => [metric, value]));
    delete all[name];
  }
  return all;
}

const isNumber = (value: unknown) =>
  typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(String(value));

/** Numbers that Python writes as texts, as we read them. */
const config = (params: Record<string, unknown>, isText: boolean) =>
  Object.fromEntries(
    flatEntries(params, isText ? '/' : '.')
      .filter(([key]) => !key.startsWith('_wandb') && key !== '')
      .map(([key, value]) => [key, isText ? configValue(String(value)) : value]),
  );

describe('runs of other trackers', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-trackers-'));
    execFileSync('tar', ['-xzf', join(FIXTURES, 'trackers.tar.gz'), '-C', folder]);
    return () => rmSync(folder, { recursive: true });
  });

  it.each([
    ['tensorboard', 'tensorboard', false],
    ['mlruns', 'mlflow/mlruns', true],
    ['mlflow.db', 'mlflow/mlflow.db', true],
    ['wandb', 'wandb', false],
    ['wandb-0.19', 'wandb-0.19', false],
    ['trackio', 'trackio', false],
    ['neptune', 'neptune', false],
  ])('%s: every run, parameter, point and tag, and nothing twice', async (kind, path, isText) => {
    const store = temporaryStore();
    const first = await take(store, join(folder, path));
    const runs = Object.fromEntries(imported(store).map((run) => [run.name, run]));
    const known = folded(golden[kind]);
    expect(Object.keys(runs).sort()).toEqual(Object.keys(known).sort());
    for (const [name, run] of Object.entries(known)) {
      const { id, config: kept, environment, stated, startedAt, endedAt } = runs[name];
      const curves = expectedCurves(run);
      expect([name, curvesOf(store, id)]).toEqual([name, curves]);
      const params = config(run.params, isText);
      expect([name, kept]).toEqual([name, Object.keys(params).length > 0 ? params : null]);
      expect(environment ?? {}).toMatchObject(run.texts ?? {});
      expect(Object.keys(environment ?? {})).not.toContainEqual(expect.stringContaining('_type'));
      for (const metric of Object.keys(curves)) expect(stated).toHaveProperty([metric]);
      for (const [metric, value] of Object.entries(run.last ?? {}))
        expect([metric, stated[ourMetric(metric) ?? metric]]).toEqual([metric, Number(value)]);
      for (const [metric, value] of flatEntries(run.summary ?? {}, '.'))
        if (isNumber(value) && !metric.startsWith('_') && !metric.includes('table'))
          expect([metric, stated[ourMetric(metric) ?? metric]]).toEqual([metric, Number(value)]);
      if (run.times) expect([startedAt, endedAt]).toEqual(run.times);
    }
    expect(first.runs.map(({ state }) => state)).toEqual(first.runs.map(() => 'new'));
    const before = JSON.stringify([
      store.runs.list(),
      store.runs.list().map(({ id }) => curvesOf(store, id)),
    ]);
    const again = await take(store, join(folder, path));
    expect(again.runs.map(({ state, points }) => [state, points])).toEqual(
      again.runs.map(() => ['unchanged', 0]),
    );
    expect(JSON.stringify([store.runs.list(), store.runs.list().map(({ id }) => curvesOf(store, id))])).toBe(
      before,
    );
  });

  it('of a table: a row a run, with parameters and stated figures', async () => {
    const file = join(temporaryHome(), 'results.csv');
    writeFileSync(
      file,
      [
        'run_id,Name,State,learning_rate,seed,model,dataset,ndcg@10,test/hr@10,mine,tags',
        'a1,erster ü,finished,1e-3,7,SASRec,beauty,0.25,0.5,0.75,"x, y"',
        'a2,"zweiter, mit Komma",crashed,0.01,,,,nan,word,,',
        ',dritter,,,,,,,,0.5,',
      ].join('\n'),
    );
    const store = temporaryStore();
    const { runs, lost } = await take(store, file, { map: { mine: 'test/mrr' } });
    expect(runs.map(({ state }) => state)).toEqual(['new', 'new', 'new']);
    expect(lost).toEqual([{ what: 'values of metrics that are not numbers', count: 1 }]);
    const [third, second, first] = imported(store);
    expect(first).toMatchObject({
      ...{
        name: 'erster ü',
        status: 'completed',
        model: 'SASRec',
        seed: 7,
        dataset: { id: null, name: 'beauty' },
      },
      config: { learning_rate: 0.001, seed: 7, model: 'SASRec', dataset: 'beauty' },
      stated: { 'test/ndcg@10': 0.25, 'test/hr@10': 0.5, 'test/mrr': 0.75 },
    });
    expect(store.table.annotations(first.id).tags).toEqual(['x', 'y']);
    expect(second).toMatchObject({
      name: 'zweiter, mit Komma',
      status: 'failed',
      seed: null,
      stated: { 'test/ndcg@10': Number.NaN },
    });
    expect(third).toMatchObject({ name: 'dritter', config: null, stated: { 'test/mrr': 0.5 } });
    expect((await take(store, file)).runs.map(({ state }) => state)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    writeFileSync(join(file, '..', 'latin.csv'), Buffer.from('name,ndcg@10\nZoë,0.5\n', 'latin1'));
    await take(store, join(file, '..', 'latin.csv'));
    expect(imported(store).map(({ name }) => name)).toContain('Zoë');
    writeFileSync(join(file, '..', 'ratings.csv'), 'user,item,accuracy,timestamp\n1,2,3,4\n');
    await expect(take(store, join(file, '..', 'ratings.csv'))).rejects.toThrow('there are no runs of');
  });

  it.each([
    ['tensorboard', 'tensorboard/tensors/train', 'tfevents', tfRecords],
    ['wandb', 'wandb', '.wandb', logRecords],
  ])(
    'of %s, cut anywhere and growing: what is whole is kept, and in the end all of it once',
    async (_, path, end, parse) => {
      const names = readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' });
      const wholes = names
        .filter((name) => name.includes(end))
        .map((name) => readFileSync(join(folder, path, name)));
      const [whole] = wholes.sort((a, b) => b.length - a.length);
      const file = join(temporaryHome(), `run-1.${end === 'tfevents' ? end : 'wandb'}`);
      const [all, growing] = [temporaryStore(), temporaryStore()];
      writeFileSync(file, whole);
      await take(all, file);
      const records = [...readFrames(file, 0, parse)].flatMap((part) => part.records);
      let found = 0;
      for (let length = 0; length <= whole.length; length++) {
        const cut = parse(whole.subarray(0, length), 0);
        expect([length, cut.damaged, cut.wanted]).toEqual([length, 0, expect.any(Number)]);
        expect(cut.records.length - found).toBeOneOf([0, 1]);
        found = cut.records.length;
        if (length % 401 !== 0 && length < whole.length) continue;
        writeFileSync(file, whole.subarray(0, length));
        await take(growing, file);
      }
      expect(found).toBe(records.length);
      const told = (store: Store) =>
        imported(store).map(({ id, createdAt, ...run }) => [run, curvesOf(store, id)]);
      expect(told(growing)).toEqual(told(all));
      expect(told(all)).toHaveLength(1);
    },
  );

  it('with any byte damaged: never a crash, and no row of it is lost uncounted', async () => {
    const home = temporaryHome();
    const file = join(home, 'events.out.tfevents.1');
    const steps = Array.from({ length: 40 }, (_, step) =>
      eventRecord(scalarEvent(1.7e9 + step, step, [{ tag: 'a', value: step }])),
    );
    const whole = Buffer.concat(steps);
    const store = temporaryStore();
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 0x55;
      writeFileSync(file, damaged);
      const { runs, lost } = await previewTracker(store, request(file));
      const points = runs.reduce((sum, run) => sum + run.points, 0);
      expect([at, lost.length > 0 && points < steps.length]).toEqual([at, true]);
      // Behind a damaged length nothing can be found; a damaged record costs itself alone.
      if (at % 54 >= 12 && lost[0].count !== null) expect([at, points]).toEqual([at, steps.length - 1]);
    }
  });

  it('with steps in any order: the last of each is kept, whatever was there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.nat(3_000), fc.double()), { maxLength: 400 }), { maxLength: 6 }),
        (batches) => {
          const store = temporaryStore();
          const run = store.trackers.add({ tracker: 'csv', id: 'a', path: '' }, {});
          const before = Array.from({ length: 2_500 }, (_, at): [number, number] => [2 * at, at]);
          for (const batch of [before, ...batches]) {
            const [steps, values] = [batch.map(([step]) => step), batch.map(([, value]) => value)];
            const known = new Set((curvesOf(store, run).a ?? []).map(([step]) => step));
            const zeros = steps.map(() => 0);
            const added = store.series.merge(run, {
              metric: 'a',
              steps,
              values,
              epochs: zeros,
              times: zeros,
            });
            expect(added).toBe(new Set(steps.filter((step) => !known.has(step))).size);
          }
          expect(curvesOf(store, run).a).toEqual(settled([before, ...batches].flat()));
          store.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('under names that are remembered, and change what was imported', async () => {
    const store = temporaryStore();
    const path = join(folder, 'tensorboard', 'tensors');
    await take(store, path);
    const [{ id }] = imported(store);
    expect(Object.keys(curvesOf(store, id))).toEqual(['count', 'epoch_loss', 'wide', 'zero']);
    const before = curvesOf(store, id).epoch_loss;
    const { runs, metrics } = await take(store, path, {
      map: { epoch_loss: 'train/loss', wide: 'validation/NDCG@10', zero: 'train/loss' },
    });
    expect(runs).toMatchObject([{ state: 'changed', points: 0 }]);
    expect(metrics).toContainEqual({ theirs: 'epoch_loss', ours: 'train/loss' });
    expect(metrics).toContainEqual({ theirs: 'zero', ours: 'zero' });
    expect(Object.keys(curvesOf(store, id))).toEqual(['count', 'train/loss', 'valid/ndcg@10', 'zero']);
    expect(curvesOf(store, id)['train/loss']).toEqual(before);
    expect(Object.keys(imported(store)[0].stated)).toEqual(['count', 'train/loss', 'valid/ndcg@10', 'zero']);
    // The next import remembers them.
    expect((await take(store, path)).metrics).toEqual(metrics);
    await expect(take(store, path, { map: { count: 'nonsense' } })).rejects.toThrow(
      '"nonsense" is no metric of Tessera',
    );
  });

  it('in the trash stay there, and come anew once they are gone for good', async () => {
    const store = temporaryStore();
    const path = join(folder, 'neptune');
    await take(store, path);
    const [{ id }] = imported(store);
    store.trash.put('run', [id]);
    expect((await take(store, path)).runs.map(({ state }) => state).sort()).toEqual(['deleted', 'unchanged']);
    await store.trash.purgeDirectly('run', id);
    expect((await take(store, path)).runs.map(({ state }) => state).sort()).toEqual(['new', 'unchanged']);
  });

  it('are only claimed: never the best of a table, whatever they say', async () => {
    const store = temporaryStore();
    for (const seed of [1, 2, 3])
      completeRun(store, addRun(store, { seed, config: { dim: seed } }).id, {
        metrics: { 'test/ndcg@10': seed / 100 },
      });
    const file = join(temporaryHome(), 'claims.csv');
    writeFileSync(file, 'name,test/ndcg@10\nbest,0.99\n');
    await take(store, file);
    const query = runTableQuery.parse({ fold: true, metrics: ['test/ndcg@10'] });
    const { rows } = store.table.page(query);
    const claimed = rows.find(({ name }) => name === 'best');
    expect(claimed?.metrics['test/ndcg@10']).toEqual({ mean: 0.99, std: null, count: 1, stated: true });
    const places = Object.entries(store.table.places(query));
    expect(places.map(([, place]) => place['test/ndcg@10']).sort()).toEqual(['best', 'second']);
    expect(places.map(([id]) => id)).not.toContain(claimed?.id);
  });

  it('of one training: a table that counts its steps is a run with curves, with the settings beside it', async () => {
    const version = join(temporaryHome(), 'version_3');
    mkdirSync(version);
    const [log, head] = [join(version, 'metrics.csv'), 'epoch,step,train_loss,val_ndcg_10,accuracy'];
    writeFileSync(log, `${head}\n0,0,1.5,,0.25\n0,10,,0.125,\n1,20,0.5,,nan\n1,30,,0.25,word\n`);
    writeFileSync(
      join(version, 'hparams.yaml'),
      'dim: 64\nmodel: gru4rec\nshape: !!python/tuple\n- 1\n- 2\n',
    );
    const store = temporaryStore();
    expect((await take(store, version)).lost).toEqual([
      { what: 'logged values that are not numbers', count: 1 },
    ]);
    const [run] = imported(store);
    expect(run).toMatchObject({ name: 'version_3', model: 'gru4rec', config: { dim: 64, shape: [1, 2] } });
    const wanted = {
      'train/loss': [
        [0, 1.5],
        [20, 0.5],
      ],
      'valid/ndcg@10': [
        [10, 0.125],
        [30, 0.25],
      ],
      'valid/accuracy': [
        [0, 0.25],
        [20, Number.NaN],
      ],
    };
    expect(curvesOf(store, run.id)).toEqual(wanted);
    writeFileSync(log, `${readFileSync(log, 'utf8')}2,40,0.25,,\n`);
    const again = await take(store, log);
    expect(again.runs).toMatchObject([{ state: 'changed', points: 1 }]);
    wanted['train/loss'].push([40, 0.25]);
    expect(curvesOf(store, run.id)).toEqual(wanted);
    const table = join(temporaryHome(), 'best.csv');
    writeFileSync(table, 'lr,epoch,ndcg@10\n0.1,7,0.5\n0.01,3,0.25\n');
    expect((await take(temporaryStore(), table)).runs).toHaveLength(2);
  });

  it('of TensorBoard have the settings of PyTorch Lightning, as far as they can be read', async () => {
    const logs = join(temporaryHome(), 'lightning_logs');
    for (const [at, settings] of ['lr: 0.5\nnet: {dim: 8}\n', 'lr: [0.5\n'].entries()) {
      const version = join(logs, `version_${at}`);
      mkdirSync(version, { recursive: true });
      writeFileSync(
        join(version, `events.out.tfevents.${at}`),
        eventRecord(scalarEvent(1, 0, [{ tag: 'loss', value: 1 }])),
      );
      writeFileSync(join(version, 'hparams.yaml'), settings);
    }
    const store = temporaryStore();
    const { lost } = await take(store, logs);
    expect(lost).toEqual([
      {
        what: expect.stringMatching(/version_1.hparams\.yaml cannot be read as YAML$/) as string,
        count: null,
      },
    ]);
    expect(
      imported(store)
        .map(({ name, config }) => [name, config])
        .toSorted(),
    ).toEqual([
      ['version_0', { lr: 0.5, 'net.dim': 8 }],
      ['version_1', null],
    ]);
  });

  it('of W&B without a log are what their summary says', async () => {
    const home = temporaryHome();
    const files = join(home, 'run-20260101_120000-ab12', 'files');
    mkdirSync(files, { recursive: true });
    const summary = {
      _timestamp: 1767268812.5,
      _step: 4,
      'test/ndcg@10': 0.5,
      val: { mrr: 0.25 },
      note: 'done',
    };
    const table = { _type: 'table-file', nrows: 3 };
    writeFileSync(
      join(files, 'wandb-summary.json'),
      JSON.stringify({ ...summary, table }).replace('0.25', 'NaN'),
    );
    writeFileSync(
      join(files, 'config.yaml'),
      'wandb_version: 1\n_wandb:\n  value: {x: 1}\nlr:\n  desc: null\n  value: 0.5\nnet:\n  value: {dim: 8}\nseed:\n  value: 7\n',
    );
    writeFileSync(join(files, 'wandb-metadata.json'), '{"startedAt": "2026-01-01T12:00:00Z", "host": "box"}');
    const store = temporaryStore();
    await take(store, home);
    const [run] = imported(store);
    expect(run).toMatchObject({
      ...{
        name: 'ab12',
        status: 'completed',
        seed: 7,
        startedAt: Date.UTC(2026, 0, 1, 12),
        endedAt: 1767268812500,
      },
      config: { lr: 0.5, 'net.dim': 8, seed: 7 },
      environment: { note: 'done', host: 'box' },
      stated: { 'test/ndcg@10': 0.5, 'valid/mrr': Number.NaN },
    });
    expect((await take(store, home)).runs).toMatchObject([{ state: 'unchanged', points: 0 }]);
    writeFileSync(join(files, 'wandb-summary.json'), '{"a":');
    expect((await take(temporaryStore(), home)).lost).toEqual([
      { what: 'summaries of W&B that cannot be read', count: 1 },
    ]);
    // Its log says more.
    writeFileSync(join(home, 'run-20260101_120000-ab12', 'run-ab12.wandb'), '');
    expect((await previewTracker(store, request(home))).lost).not.toContainEqual({
      what: 'summaries of W&B that cannot be read',
      count: 1,
    });
  });

  it('of W&B that were resumed go on in a second file', async () => {
    const home = temporaryHome();
    const files = readdirSync(join(folder, 'wandb'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.wandb'))
      .map((name) => readFileSync(join(folder, 'wandb', name)))
      .sort((a, b) => b.length - a.length);
    for (const [at, bytes] of files.slice(0, 2).entries()) {
      mkdirSync(join(home, `offline-run-${at}`));
      writeFileSync(join(home, `offline-run-${at}`, 'run-1.wandb'), bytes);
    }
    const store = temporaryStore();
    await take(store, home);
    expect(imported(store)).toMatchObject([{ status: 'failed', message: 'it ended with exit code 1' }]);
    // The second file logs its loss at step 0 again.
    const [{ id }] = imported(store);
    expect(curvesOf(store, id)['train/loss'].slice(0, 2)).toEqual([
      [0, 1],
      [1, 0.5],
    ]);
    expect((await take(store, home)).runs).toMatchObject([{ state: 'unchanged', points: 0 }]);
  });

  it('of MLflow are read as text: a name that looks like a number is a name', async () => {
    const run = join(temporaryHome(), 'mlruns', '7', 'abc');
    mkdirSync(join(run, 'metrics'), { recursive: true });
    writeFileSync(
      join(run, 'meta.yaml'),
      'run_id: 5e12\nrun_name: 1e3\nstatus: 3\nstart_time: 1790000000000\nend_time: null\n',
    );
    writeFileSync(
      join(run, 'metrics', 'loss'),
      '1790000000000 1.5\n1790000000001 inf 2\nnonsense\n1790000000002 0.5 -1\n1790000000003 0.25 3 ml-1m 92a7ac9c\n1790 0.2',
    );
    const store = temporaryStore();
    const { lost } = await take(store, join(run, '..', '..'));
    expect(imported(store)).toMatchObject([
      { name: '1e3', startedAt: 1_790_000_000_000, endedAt: null, environment: null },
    ]);
    // Its experiment has no name but its folder's.
    expect(store.projects.list()).toMatchObject([{ name: '7', runs: 1 }]);
    expect(curvesOf(store, imported(store)[0].id)).toEqual({
      'train/loss': [
        [0, 1.5],
        [2, Number.POSITIVE_INFINITY],
        [3, 0.25],
      ],
    });
    expect(lost).toEqual([
      { what: 'lines of metrics that cannot be read', count: 1 },
      { what: 'points whose step is no whole number from 0 on', count: 1 },
    ]);
  });

  it('whose file is broken do not keep the others away', async () => {
    const home = temporaryHome();
    cpSync(join(folder, 'neptune'), home, { recursive: true });
    writeFileSync(join(home, 'recsys_1a2b', 'RUN-2_part_1.parquet'), 'PAR1 no');
    const store = temporaryStore();
    const { runs, lost } = await take(store, home);
    expect(runs).toMatchObject([{ name: 'Lauf ü', points: 12 }]);
    expect(lost).toContainEqual({
      what: expect.stringMatching(/RUN-2_part_0\.parquet: cannot be read/),
      count: null,
    });
  });

  it('of several files and folders come in together, under names that tell them apart', async () => {
    const home = temporaryHome();
    const board = (name: string) => {
      mkdirSync(join(home, name, 'train'), { recursive: true });
      const event = eventRecord(scalarEvent(name === 'a' ? 1 : 2, 1, [{ tag: 'loss', value: 1 }]));
      writeFileSync(join(home, name, 'train', `events.out.tfevents.${name}`), event);
      return join(home, name);
    };
    const store = temporaryStore();
    const paths = [board('a'), board('b')];
    expect((await take(store, '', { paths })).runs.map(({ state }) => state)).toEqual(['new', 'new']);
    expect(
      imported(store)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['a/train', 'b/train']);
    expect((await take(store, '', { paths })).runs.map(({ state }) => state)).toEqual([
      'unchanged',
      'unchanged',
    ]);
    const table = join(home, 'runs.csv');
    writeFileSync(table, 'name,ndcg@10\none,0.5\n');
    await expect(take(store, '', { paths: [table, ...paths] })).rejects.toThrow(
      /a: has runs of TensorBoard, and .*runs\.csv those of CSV; import one after the other$/,
    );
  });

  it('of several trackers, or of none, are told in a line', async () => {
    const store = temporaryStore();
    await expect(take(store, folder)).rejects.toThrow(
      /there are runs of .*--from tensorboard.*; say which to import$/,
    );
    expect((await take(store, folder, { from: 'trackio' })).runs).toHaveLength(2);
    await expect(take(store, store.home)).rejects.toThrow(/: there are no runs of TensorBoard, MLflow/);
    await expect(take(store, join(folder, 'none'))).rejects.toThrow(/: no such file or folder$/);
    const broken = join(temporaryHome(), 'x.db');
    writeFileSync(broken, 'SQLite format 3\0 and more');
    await expect(take(store, broken, { from: 'mlflow' })).rejects.toThrow(
      /x\.db: cannot be read as an SQLite database/,
    );
    const parquet = join(temporaryHome(), 'RUN-1_part_0.parquet');
    writeFileSync(parquet, 'PAR1 not');
    await expect(take(store, parquet)).rejects.toThrow(/RUN-1_part_0\.parquet: cannot be read/);
  });

  it('of a large file take little memory', async () => {
    const home = temporaryHome();
    const file = join(home, 'events.out.tfevents.large');
    const steps = writeLargeFile(file, 24 * 2 ** 20);
    // A million numbers and their steps would not fit.
    const main = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'main.mjs');
    const command = ['--max-old-space-size=48', main, '--home', home, 'runs', 'import', file];
    execFileSync(process.execPath, command, { stdio: 'pipe' });
    const store = temporaryStore(home);
    const [{ id }] = imported(store);
    expect(store.series.list(id)).toMatchObject([
      { metric: 'train/loss', points: steps, lastStep: steps - 1 },
      { metric: 'valid/ndcg@10', points: steps },
    ]);
  });
});
