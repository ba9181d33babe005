/** Loggers of other libraries, as their documentation shows what they write. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { SweepPage } from '../../src/core/api/studies.ts';
import { sweepDocument } from '../../src/core/documents/study/sweep.ts';
import { UserError } from '../../src/core/errors.ts';
import { TRACKER_KINDS } from '../../src/core/foreign/trackers/summary.ts';
import { eventRecord } from '../../src/core/foreign/trackers/write-events.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { ImportedRun } from '../../src/core/store/types.ts';
import { resumeStudy, studyList, studyPage } from '../../src/main/services/analysis/studies.ts';
import { importTracker } from '../../src/main/services/analysis/trackers.ts';
import { temporaryHome, temporaryStore } from '../store/home.ts';

const take = (store: Store, path: string) => importTracker(store, { paths: [path], from: null, map: {} });
const imported = (store: Store) => store.runs.list() as ImportedRun[];
const curve = (store: Store, { id }: ImportedRun, metric: string) => {
  const { steps, epochs, values } = store.series.read(id, metric);
  return steps.map((step, at) => [step, epochs[at], values[at]]);
};

function put(path: string, content: string | object): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Taken again, nothing is new. */
async function takenOnce(path: string) {
  const store = temporaryStore();
  const first = await take(store, path);
  expect((await take(store, path)).runs.map(({ state, points }) => [state, points])).toEqual(
    first.runs.map(() => ['unchanged', 0]),
  );
  const runs = imported(store).toSorted((a, b) => a.name.localeCompare(b.name));
  return { store, runs, lost: first.lost };
}

it('the page about them has a line for each', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/other-frameworks.md'), 'utf8');
  const [, table] = page.split('# Runs of other trackers');
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind);
  expect(named).toEqual(TRACKER_KINDS);
});

it.each(TRACKER_KINDS)('what is no file of %s is told, and does not end the import', async (kind) => {
  const home = temporaryHome();
  const noEvent = eventRecord(Uint8Array.of(255, 255, 255));
  for (const content of ['{"a":1}', 'a,b\n1,2\n', '', noEvent]) {
    const file = join(home, 'file');
    writeFileSync(file, content);
    const request = { paths: [file], from: kind, map: {} };
    const { runs } = await importTracker(temporaryStore(), request).catch((error) => {
      if (error instanceof UserError) return { runs: [] };
      throw error;
    });
    if (kind !== 'csv' && kind !== 'recbole') expect(runs).toEqual([]);
  }
});

describe('tables that count their steps', () => {
  it('of Keras are called training.log, and may be named or in a folder', async () => {
    const home = temporaryHome();
    const log = put(
      join(home, 'deep', 'training.log'),
      'epoch,accuracy,loss,val_accuracy,val_loss\n0,0.25,1.5,0.5,1.25\n1,0.5,1.0,0.75,0.5\n',
    );
    put(join(home, 'deep', 'other.log'), 'loss is 3, at step 4\nand more\n');
    for (const path of [log, home]) {
      const { store, runs } = await takenOnce(path);
      expect(runs.map(({ name }) => name)).toEqual(['deep']);
      expect(curve(store, runs[0], 'train/loss')).toEqual([
        [0, 0, 1.5],
        [1, 1, 1],
      ]);
      expect(curve(store, runs[0], 'valid/loss')).toEqual([
        [0, 0, 1.25],
        [1, 1, 0.5],
      ]);
      expect(curve(store, runs[0], 'valid/accuracy')).toEqual([
        [0, 0, 0.5],
        [1, 1, 0.75],
      ]);
    }
  });

  it('of Keras say NA where nothing was validated, and go on from 0 where another training was added', async () => {
    const rows = '0,0.25,1.5,NA,NA\n1,0.5,1.0,NA,NA\n0,0.5,0.75,NA,NA\n1,0.75,0.5,NA,NA\n';
    const log = put(
      join(temporaryHome(), 'deep', 'more.csv'),
      `epoch,accuracy,loss,val_accuracy,val_loss\n${rows}`,
    );
    const { store, runs, lost } = await takenOnce(log);
    expect(lost).toEqual([]);
    expect(runs.map(({ name }) => name)).toEqual(['more', 'more #2']);
    expect(curve(store, runs[1], 'train/loss')).toEqual([
      [0, 0, 0.75],
      [1, 1, 0.5],
    ]);
    expect(curve(store, runs[1], 'valid/accuracy')).toEqual([]);
  });

  it('of Fabric have no settings beside them', async () => {
    const home = temporaryHome();
    const log = put(join(home, 'logs', 'version_0', 'metrics.csv'), 'step,train_loss\n0,1.5\n10,0.5\n');
    const { store, runs } = await takenOnce(home);
    expect(runs).toMatchObject([{ name: 'version_0', config: null }]);
    expect(curve(store, runs[0], 'train/loss')).toEqual([
      [0, 0, 1.5],
      [10, 0, 0.5],
    ]);
    appendFileSync(log, '20,0.25\n');
    expect((await take(store, home)).runs).toMatchObject([{ state: 'changed', points: 1 }]);
    await expect(take(temporaryStore(), put(join(home, 'x', 'metrics.csv'), 'a,b\n1,2\n'))).rejects.toThrow(
      'there are no runs of',
    );
  });
});

describe('the Trainer of Hugging Face', () => {
  const history = [
    { epoch: 0.5, step: 10, loss: 1.5, learning_rate: 0.1, grad_norm: null },
    { epoch: 1, step: 20, eval_loss: 1.25, eval_runtime: 2 },
  ];
  const state = (step: number, log: object[], more = {}) => ({
    ...{
      global_step: step,
      max_steps: 40,
      num_train_epochs: 2,
      train_batch_size: 8,
      log_history: log,
      ...more,
    },
  });

  it('has one run of all its checkpoints, with its curves by step and epoch', async () => {
    const home = temporaryHome();
    put(join(home, 'out', 'checkpoint-20', 'trainer_state.json'), state(20, history));
    put(join(home, 'out', 'checkpoint-20', 'config.json'), { architectures: ['BertForMaskedLM'] });
    const { store, runs } = await takenOnce(home);
    expect(runs).toMatchObject([
      {
        ...{ name: 'out', model: 'BertForMaskedLM', status: 'interrupted', program: 'Hugging Face Trainer' },
        message: 'it had reached step 20 of 40 when it was imported',
        config: { train_batch_size: 8, num_train_epochs: 2, max_steps: 40 },
      },
    ]);
    expect(curve(store, runs[0], 'train/loss')).toEqual([[10, 0.5, 1.5]]);
    expect(curve(store, runs[0], 'valid/loss')).toEqual([[20, 1, 1.25]]);
    const end = { epoch: 2, step: 40, train_runtime: 9, train_loss: 1.125, total_flos: 1e9 };
    put(
      join(home, 'out', 'trainer_state.json'),
      state(40, [...history, { epoch: 2, step: 40, loss: 0.5 }, end]),
    );
    expect((await take(store, home)).runs).toMatchObject([{ state: 'changed', points: 1 }]);
    expect(imported(store)).toMatchObject([
      {
        status: 'completed',
        message: null,
        stated: { 'train/loss': 0.5, train_loss: 1.125, train_runtime: 9 },
      },
    ]);
  });

  it('has one run of each trial of a search, and one of each project', async () => {
    const home = temporaryHome();
    for (const lr of [0.1, 0.2])
      put(join(home, `p${lr}`, 'run', 'trainer_state.json'), state(20, history, { trial_params: { lr } }));
    const { runs } = await takenOnce(home);
    expect(runs.map(({ name, config }) => [name, config?.lr])).toEqual([
      ['p0.1/run', 0.1],
      ['p0.2/run', 0.2],
    ]);
    put(join(home, 'broken', 'trainer_state.json'), '{"log_history": 3}');
    const { lost } = await take(temporaryStore(), home);
    expect(lost).toEqual([
      { what: expect.stringContaining('is no state of a Trainer') as string, count: null },
    ]);
  });
});

/** As its migrations make it in 2024; `isOld` leaves out what earlier versions do not have. */
function optuna(path: string, isOld = false): string {
  const database = new Database(path);
  const type = (of: string) => (isOld ? '' : `, ${of}_type TEXT NOT NULL`);
  database.exec(`
    CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name TEXT NOT NULL);
    CREATE TABLE study_directions (study_direction_id INTEGER PRIMARY KEY, direction TEXT NOT NULL, study_id INTEGER, objective INTEGER);
    CREATE TABLE study_system_attributes (study_id INTEGER, key TEXT, value_json TEXT);
    CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state TEXT NOT NULL, datetime_start DATETIME, datetime_complete DATETIME);
    CREATE TABLE trial_user_attributes (trial_id INTEGER, key TEXT, value_json TEXT);
    CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name TEXT, param_value FLOAT, distribution_json TEXT);
    CREATE TABLE trial_values (trial_id INTEGER, objective INTEGER, value FLOAT${type('value')});
    CREATE TABLE trial_intermediate_values (trial_id INTEGER, step INTEGER, intermediate_value FLOAT${type('intermediate_value')});
    INSERT INTO studies VALUES (1, 'search');
    INSERT INTO study_directions VALUES (1, 'MAXIMIZE', 1, 0);
    INSERT INTO study_system_attributes VALUES (1, 'study:metric_names', '["ndcg@10"]');
    INSERT INTO trials VALUES
      (1, 0, 1, 'COMPLETE', '2026-01-02 03:04:05.250000', '2026-01-02 03:05:05.250000'),
      (2, 1, 1, 'PRUNED', '2026-01-02 04:04:05.250000', '2026-01-02 04:05:05.250000'),
      (3, 2, 1, 'RUNNING', '2026-01-02 05:04:05.250000', NULL), (4, 3, 1, 'WAITING', NULL, NULL);
    INSERT INTO trial_user_attributes VALUES (1, 'note', '"hi"'), (1, 'list', '[1, 2]');
    INSERT INTO trial_params VALUES
      (1, 1, 'lr', 0.125, '{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1}}'),
      (2, 1, 'dim', 1.0, '{"name": "CategoricalDistribution", "attributes": {"choices": [16, "big", null]}}'),
      (3, 2, 'dim', 2.0, '{"name": "CategoricalDistribution", "attributes": {"choices": [16, "big", null]}}');
    INSERT INTO trial_values VALUES (1, 0, 0.5${isOld ? '' : ", 'FINITE'"})${isOld ? '' : ", (2, 0, NULL, 'INF_NEG')"};
    INSERT INTO trial_intermediate_values VALUES (1, 0, 0.25${isOld ? '' : ", 'FINITE'"}), (1, 2, ${isOld ? '0.75' : "NULL, 'NAN'"});
  `);
  database.close();
  return path;
}

describe('a study of Optuna', () => {
  it.each([
    ['optuna.db', false],
    ['study.sqlite3', true],
  ])('%s: each trial is a run, under the tag of its study', async (name, isOld) => {
    const { store, runs, lost } = await takenOnce(optuna(join(temporaryHome(), name), isOld));
    expect(lost).toEqual([{ what: 'trials that have not begun', count: 1 }]);
    expect(runs.map(({ status, message }) => [status, message])).toEqual([
      ['completed', null],
      ['cancelled', 'pruned by Optuna'],
      ['interrupted', 'it was still running when it was imported, or was killed'],
    ]);
    expect(runs[0]).toMatchObject({
      ...{
        name: 'search 0',
        program: 'Optuna',
        config: { lr: 0.125, dim: 'big' },
        stated: { 'valid/ndcg@10': 0.5 },
      },
      ...{ startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 250), endedAt: Date.UTC(2026, 0, 2, 3, 5, 5, 250) },
      environment: { study: 'search', direction: 'maximize', note: 'hi', list: '[1,2]' },
    });
    expect(store.table.annotations(runs[0].id).tags).toEqual(['search']);
    expect(curve(store, runs[0], 'valid/ndcg@10')).toEqual([
      [0, 0, 0.25],
      [2, 0, isOld ? 0.75 : Number.NaN],
    ]);
    expect(runs[1].config).toEqual({ dim: null });
    if (!isOld) expect(runs[1].stated).toEqual({ 'valid/ndcg@10': Number.NEGATIVE_INFINITY });
  });

  it('is a sweep, which goes on where the study does, and stays in the trash', async () => {
    const path = optuna(join(temporaryHome(), 'optuna.db'));
    const store = temporaryStore();
    const [first, ...others] = await takenInto(store, path);
    expect(others).toEqual([]);
    const { spec, trials, best, problem } = first;
    expect([first.name, spec.sweep, problem]).toEqual([
      'search',
      {
        ...{ search: 'random', draw: 0, trials: 3, metric: 'valid/ndcg@10' },
        found: { program: 'Optuna', direction: 'higher' },
        vary: [
          { key: 'lr', values: '0..1' },
          { key: 'dim', values: '[16,"big",null]' },
        ],
      },
      null,
    ]);
    expect(best).toMatchObject({
      number: 1,
      value: { mean: 0.5 },
      seconds: 60,
      settings: { lr: 0.125, dim: 'big' },
    });
    expect(trials.map(({ number, status }) => [number, status])).toEqual([
      [1, 'completed'],
      [2, 'cancelled'],
      [3, 'interrupted'],
    ]);
    expect(() => resumeStudy(store, store.studies.list()[0])).toThrow(
      'Optuna searched search: continue there',
    );

    const database = new Database(path);
    database.exec(`
      UPDATE trials SET datetime_start = '2026-01-02 05:04:05' WHERE trial_id = 4;
      UPDATE trials SET state = 'COMPLETE', datetime_complete = '2026-01-02 05:05:05' WHERE trial_id > 2;
      UPDATE study_directions SET direction = 'MINIMIZE';
      INSERT INTO trial_params VALUES (9, 3, 'l2', 0.5, '{"name": "LogUniformDistribution", "attributes": {"low": 0.001, "high": 1.0}}');
      INSERT INTO trial_values VALUES (3, 0, 0.25, 'FINITE'), (4, 0, 0.75, 'FINITE');`);
    database.close();
    const [grown] = await takenInto(store, path);
    expect(grown.trials.map(({ number, rank, value }) => [number, rank, value?.mean])).toEqual([
      [3, 1, 0.25],
      [1, 2, 0.5],
      [4, 3, 0.75],
      [2, null, undefined],
    ]);
    expect(grown.spec.sweep.vary.at(-1)).toEqual({ key: 'l2', values: 'log:0.001..1' });
    const text = sweepDocument(grown).sections.flatMap((section) => section.text ?? []);
    expect(text[0]).toMatch(/^A model that is not known: 4 trials, searched by Optuna\. lr: 0\.\.1; dim/);
    expect(JSON.stringify(sweepDocument(grown))).toContain(
      'has the lowest validation NDCG@10 that Optuna states',
    );

    store.trash.put('study', [grown.id]);
    expect(await takenInto(store, path)).toEqual([]);
  });

  it('is a sweep of its own beside one of its name, and takes no trial twice or from nowhere', async () => {
    const home = temporaryHome();
    const store = temporaryStore();
    const paths = ['a', 'b'].map((name) => optuna(put(join(home, name, 'optuna.db'), '')));
    const change = (sql: string) => {
      const database = new Database(paths[1]);
      database.exec(sql);
      database.close();
    };
    // As another study of the same name, and with what a damaged database may say.
    change(`UPDATE trials SET datetime_start = '2026-02-02 03:04:0' || trial_id, number = 0 WHERE trial_id < 3;
      UPDATE trials SET datetime_start = '2026-02-02 03:04:05', number = 4000000000 WHERE trial_id = 3;`);
    await importTracker(store, { paths, from: null, map: {} });
    const sweeps = studyList(store, { kind: 'sweep' }).map(({ name, cells, done }) => [name, cells, done]);
    expect(sweeps.toSorted()).toEqual([
      ['search', 3, 1],
      ['search-2', 1, 1],
    ]);
  });

  it('is no sweep where no trial has a setting', async () => {
    const path = optuna(join(temporaryHome(), 'optuna.db'));
    const database = new Database(path);
    database.exec('DELETE FROM trial_params');
    database.close();
    expect(await takenInto(temporaryStore(), path)).toEqual([]);
  });

  /** The sweeps that there are after an import. */
  async function takenInto(store: Store, path: string): Promise<SweepPage[]> {
    await take(store, path);
    const pages = studyList(store, { kind: 'sweep' }).map(({ id, best, done }) =>
      studyPage(store, { study: id }).then((page) => {
        expect([page.best, page.done]).toEqual([best, done]);
        return page as SweepPage;
      }),
    );
    return Promise.all(pages);
  }
});

const LOG = `Fri 15 Dec 2023 16:08:04 INFO  ['run.py', '--model=SASRec']
Fri 15 Dec 2023 16:08:04 INFO  
General Hyper Parameters:
gpu_id = 0
use_gpu = True
seed = 2020
state = INFO
data_path = dataset/ml-100k

Training Hyper Parameters:
epochs = 300
learning_rate = 0.001
clip_grad_norm = None

Evaluation Hyper Parameters:
eval_args = {'split': {'LS': 'valid_and_test'}, 'order': 'TO'}
topk = [10]

Fri 15 Dec 2023 16:08:05 INFO  ml-100k
The number of users: 944
Fri 15 Dec 2023 16:08:06 INFO  SASRec(
  (item_embedding): Embedding(1683, 64, padding_idx=0)
)
Trainable parameters: 113088
Fri 15 Dec 2023 16:08:07 INFO  epoch 0 training [time: 1.25s, train loss: 27.5]
Fri 15 Dec 2023 16:08:08 INFO  epoch 0 evaluating [time: 0.20s, valid_score: 0.015900]
Fri 15 Dec 2023 16:08:08 INFO  valid result: 
recall@10 : 0.0529    mrr@10 : 0.0159    ndcg@10 : 0.0241    hit@10 : 0.0529
Fri 15 Dec 2023 16:08:09 INFO  \u001b[1;32mepoch 1 training\u001b[0m [\u001b[1;34mtime\u001b[0m: 1.25s, \u001b[1;34mtrain loss\u001b[0m: 26.5]
Fri 15 Dec 2023 16:08:10 INFO  valid result: 
recall@10 : 0.0629    mrr@10 : 0.0259    ndcg@10 : 0.0341    hit@10 : 0.0629
`;
const RESULT = `Fri 15 Dec 2023 16:09:00 INFO  best valid : OrderedDict([('recall@10', 0.0629), ('ndcg@10', 0.0341), ('hit@10', 0.0629)])
Fri 15 Dec 2023 16:09:00 INFO  test result: OrderedDict({'recall@10': 0.05, 'ndcg@10': 2.5e-02, 'hit@10': 0.05})
`;

it('the log of RecBole has its settings, epochs and results', async () => {
  const home = temporaryHome();
  const path = join(home, 'SASRec', 'ml-100k', 'SASRec-ml-100k-Dec-15-2023_16-08-04-5e1d5f.log');
  put(path, LOG);
  const { store, runs } = await takenOnce(home);
  expect(runs).toMatchObject([
    {
      ...{
        program: 'RecBole',
        model: 'SASRec',
        dataset: { name: 'ml-100k' },
        seed: 2020,
        status: 'interrupted',
      },
      config: { use_gpu: true, epochs: 300, learning_rate: 0.001, topk: '[10]' },
      startedAt: Date.UTC(2023, 11, 15, 16, 8, 4),
    },
  ]);
  expect(runs[0].config).not.toHaveProperty('clip_grad_norm');
  expect(curve(store, runs[0], 'train/loss')).toEqual([
    [0, 0, 27.5],
    [1, 1, 26.5],
  ]);
  expect(curve(store, runs[0], 'valid/hr@10')).toEqual([
    [0, 0, 0.0529],
    [1, 1, 0.0629],
  ]);
  expect(curve(store, runs[0], 'valid/recall@10')).toHaveLength(2);
  appendFileSync(path, RESULT);
  expect((await take(store, home)).runs).toMatchObject([{ state: 'changed', points: 0 }]);
  expect(imported(store)).toMatchObject([
    {
      ...{ status: 'completed', endedAt: Date.UTC(2023, 11, 15, 16, 9) },
      stated: { 'test/ndcg@10': 0.025, 'test/hr@10': 0.05, 'test/recall@10': 0.05, 'valid/ndcg@10': 0.0341 },
    },
  ]);
});

it('a log of RecBole has all runs of its process, with the numbers of NumPy', async () => {
  const home = temporaryHome();
  const path = join(home, 'SASRec-ml-100k-Dec-15-2023_16-08-04-5e1d5f.log');
  const figures = "OrderedDict({'ndcg@10': np.float64(0.0687), 'hit@10': np.float64(0.1417)})";
  const ended = `Fri 15 Dec 2023 16:09:00 INFO  test result: ${figures}\n`;
  const second = LOG.replace('seed = 2020', 'seed = 2021');
  put(path, `${LOG}${ended}${second.replace('SASRec(', 'BPR(')}`);
  const { store, runs } = await takenOnce(home);
  expect(runs).toMatchObject([
    { model: 'SASRec', seed: 2020, status: 'completed', stated: { 'test/ndcg@10': 0.0687 } },
    { model: 'BPR', dataset: { name: 'ml-100k' }, seed: 2021, status: 'interrupted' },
  ]);
  for (const run of runs)
    expect(curve(store, run, 'train/loss')).toEqual([
      [0, 0, 27.5],
      [1, 1, 26.5],
    ]);
});

it('the end of a log of RecBole is a run where it is named with its tracker', async () => {
  const home = temporaryHome();
  const path = put(join(home, 'cut.log'), LOG.slice(LOG.indexOf('Fri 15 Dec 2023 16:08:07')) + RESULT);
  const store = temporaryStore();
  expect((await importTracker(store, { paths: [path], from: 'recbole', map: {} })).runs).toHaveLength(1);
  expect(imported(store)).toMatchObject([{ status: 'completed', stated: { 'test/ndcg@10': 0.025 } }]);
});

it('a folder of Sacred has its config, metrics and end', async () => {
  const home = temporaryHome();
  const run = {
    ...{ experiment: { name: 'exp' }, status: 'FAILED', host: { hostname: 'box' }, result: null },
    ...{ start_time: '2026-01-02T03:04:05.250000', stop_time: '2026-01-02T03:05:05', heartbeat: null },
    fail_trace: ['Traceback:\n', 'ValueError: no such item\n'],
  };
  const number = (value: number) => ({ 'py/object': 'numpy.float64', dtype: 'float64', value });
  const times = ['2026-01-02T03:04:06', '2026-01-02T03:04:07'];
  const metric = { steps: [0, 1], values: [0.25, number(0.5)], timestamps: times };
  const folder = join(home, '1');
  put(join(folder, 'run.json'), run);
  put(join(folder, 'config.json'), {
    lr: number(0.5),
    model: { name: 'SASRec' },
    dims: { 'py/tuple': [1, 2] },
    seed: 7,
  });
  put(join(folder, 'metrics.json'), { 'val.ndcg@10': metric, broken: 3 });
  put(join(home, '2', 'run.json'), {
    ...run,
    experiment: { name: 'other' },
    status: 'COMPLETED',
    result: { hr: 0.5 },
  });
  put(join(home, '2', 'config.json'), {});
  put(join(home, 'else', 'run.json'), { a: 1 });
  const { store, runs, lost } = await takenOnce(home);
  expect(lost).toEqual([{ what: 'metrics that cannot be read', count: 1 }]);
  expect(runs).toMatchObject([
    {
      ...{ name: 'exp 1', model: 'SASRec', seed: 7, status: 'failed', message: 'ValueError: no such item' },
      config: { lr: 0.5, 'model.name': 'SASRec', dims: [1, 2], seed: 7 },
      ...{ startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 250), endedAt: Date.UTC(2026, 0, 2, 3, 5, 5) },
    },
    { name: 'other 2', status: 'completed', config: null, stated: { hr: 0.5 } },
  ]);
  expect(store.projects.list()).toMatchObject([
    { name: 'exp', runs: 1 },
    { name: 'other', runs: 1 },
  ]);
  expect(store.series.read(runs[0].id, 'valid/ndcg@10')).toMatchObject({
    ...{ steps: [0, 1], values: [0.25, 0.5], times: times.map((time) => Date.parse(`${time}Z`)) },
  });
});
