import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary, RESULT } from '../../../../test/store/records.ts';
import { models } from '../../families/registry.ts';
import { sweepResult } from '../../studies/sweep-result.ts';
import { shippedMigrations } from '../db/migrations.ts';
import type { SweepSpec } from '../home/study-spec.ts';
import type { Store } from '../store.ts';
import type { OwnRun } from '../types.ts';
import { runTableQuery } from './run-table-types.ts';

const METRIC = 'valid/ndcg@10';

/** A sweep of so many trials of two seeds; `values` of the metric, undefined for a run that has not ended. */
function addSweep(
  store: Store,
  values: (number | undefined)[][],
  changes: object = {},
  protocols: object[] = [],
) {
  const spec = {
    ...{
      kind: 'sweep',
      model: 'sasrec',
      seeds: values[0].map((_, at) => at),
      shares: [1],
      dataset: { id: 'x' },
    },
    sweep: { metric: METRIC, vary: [{ key: 'dim', values: '1,2' }], ...changes },
    sizes: values.map((_, dim) => ({ label: `dim ${dim}`, config: { dim } })),
  } as unknown as SweepSpec;
  const { id } = store.studies.create(`sweep ${store.studies.list().length}`, spec);
  const runs = values.flatMap((ofTrial, size) =>
    ofTrial.map((value, seed) => {
      const run = addRun(store, { seed, config: { dim: size, sweep: id } }).id;
      store.studies.setRun(id, { size, share: 1, seed }, run);
      const metrics = { [METRIC]: value ?? 0, 'test/ndcg@10': 0.9 };
      if (value !== undefined)
        completeRun(store, run, { metrics, protocol: { ...protocol, ...protocols[size] } });
      return run;
    }),
  );
  return { id, spec, runs };
}

/** What the table, the list and the page of a sweep say of its best trial: the runs of each. */
function answers(store: Store, { id, spec }: { id: string; spec: SweepSpec }): string[][] {
  const { rows } = store.table.page(runTableQuery.parse({ limit: 1000 }));
  const cells = store.studies.runs(id);
  const known = cells.map(({ run, ...cell }) => ({ cell, run: store.runs.get(run) as OwnRun }));
  const [best] = sweepResult(spec, known).trials;
  return [
    rows
      .filter(({ chosen, runs }) => chosen && cells.some(({ run }) => run === runs[0].id))
      .map(({ id: run }) => run),
    [...(store.sweeps.chosen([{ id, spec }]).get(id) ?? [])],
    best.rank === 1 ? best.runs.map((run) => run.id) : [],
  ].map((runs) => runs.sort());
}

it('the trial that a sweep chose is the same wherever it is asked for', () => {
  const store = temporaryStore();
  const usual = addSweep(store, [
    [0.1, 0.2],
    [0.3, 0.3],
    [0.9, undefined],
  ]);
  const best = usual.runs.slice(2, 4).sort();
  expect(answers(store, usual)).toEqual([best, best, best]);
  const none: [string, ReturnType<typeof addSweep>][] = [
    ['measured in two ways', addSweep(store, [[0.1], [0.2]], {}, [{}, { historyFilter: 'none' }])],
    ['what it varies changes the evaluation', addSweep(store, [[0.1], [0.2]], { incomparable: 'beams' })],
    ['not a number', addSweep(store, [[Number.NaN], [Number.POSITIVE_INFINITY]])],
    ['nothing has completed', addSweep(store, [[undefined], [undefined]])],
  ];
  for (const [why, sweep] of none) expect(answers(store, sweep), why).toEqual([[], [], []]);
});

it('counts again once a run has ended or was deleted, and not for what a training writes', () => {
  const store = temporaryStore();
  const sweep = addSweep(store, [[0.1], [0.2], [undefined]]);
  const [, second, third] = sweep.runs;
  expect(answers(store, sweep)[0]).toEqual([second]);
  store.lifecycle.begin(third, null);
  const [before] = store.sweeps.states([sweep]).values();
  store.series.append(third, [{ metric: 'train/loss', steps: [1], epochs: [1], times: [1], values: [1] }]);
  expect([...store.sweeps.states([sweep]).values()][0]).toBe(before);
  store.runs.setResult(
    third,
    {
      status: 'completed',
      epochs: 1,
      selectedEpoch: 1,
      seconds: 1,
      metrics: { [METRIC]: 0.4 },
      ranks: [],
      protocol,
    },
    'other',
  );
  store.lifecycle.end(third, 'completed', null);
  expect(store.sweeps.states([sweep]).get(sweep.id)?.done).toBe(3);
  store.trash.put('run', [third, second]);
  expect(store.sweeps.chosen([sweep]).get(sweep.id)).toEqual([sweep.runs[0]]);
});

it('knows what was spent on the settings of a chosen trial, and of whatever has the same settings', () => {
  const store = temporaryStore();
  const sweep = addSweep(store, [[0.1], [0.3], [undefined], [0.2]]);
  const bigger = addSweep(store, [[0.1], [0.2]]);
  const alike = addRun(store, { seed: 9, config: { dim: 1, sweep: sweep.id } });
  completeRun(store, alike.id);
  const other = addRun(store, { seed: 9, config: { dim: 1, sweep: sweep.id, more: 1 } });
  const titled = { ...datasetSummary('titled'), fingerprint: datasetSummary('beauty').fingerprint };
  store.datasets.add(titled);
  const elsewhere = addRun(store, { dataset: titled, seed: 9, config: alike.config });
  const asked = [sweep.runs[1], alike.id, other.id, sweep.runs[0], bigger.runs[1], elsewhere.id];
  const tunings = store.sweeps.tunings(asked, store.studies.sweeps());
  const spent = { sweep: 'sweep 0', trials: 3, epochs: 3 * RESULT.epochs, seconds: 3 * RESULT.seconds };
  expect([...tunings.keys()].sort()).toEqual([sweep.runs[1], alike.id, bigger.runs[1]].sort());
  expect(tunings.get(alike.id)).toEqual(spent);
  expect(tunings.get(sweep.runs[1])).toEqual(spent);
  expect(tunings.get(bigger.runs[1])).toMatchObject({ sweep: 'sweep 1', trials: 2 });
  const { rows } = store.table.page(runTableQuery.parse({ runs: [alike.id, other.id] }));
  expect(rows.map(({ id, tuning }) => [id, tuning])).toEqual(
    expect.arrayContaining([
      [alike.id, spent],
      [other.id, null],
    ]),
  );
  expect(store.sweeps.tunings([], store.studies.sweeps()).size).toBe(0);
});

const keysIn = (sql: string, shape: object) => Object.keys(shape).filter((key) => sql.includes(`"${key}"`));

it('old sweeps of what changes the evaluation have no best trial: the migration knows what each model said of that', () => {
  const sql = readFileSync(join(shippedMigrations(), '026-sweeps.sql'), 'utf8').split('CREATE INDEX')[0];
  const database = new Database(':memory:');
  database.exec('CREATE TABLE studies (id TEXT, spec TEXT)');
  const add = database.prepare('INSERT INTO studies VALUES (?, ?)');
  // A key of later versions is in no old sweep; language models alone had this one.
  const isLater = (group: string, key: string) => key === 'testUsers' && group !== 'language';
  const expected = models.flatMap(({ id, group, watched, configSchema }) =>
    keysIn(sql, configSchema.shape).flatMap((key) => {
      if (isLater(group, key)) return [];
      const spec = { kind: 'sweep', sweep: { metric: watched.metric, vary: [{ key, values: 'a,b' }] } };
      add.run(`${id} ${key}`, JSON.stringify(spec));
      return [[`${id} ${key}`, watched.dependsOn.includes(key) ? key : null]];
    }),
  );
  database.exec(sql);
  const found = database.prepare(`SELECT id, spec ->> '$.sweep.incomparable' FROM studies`).raw().all();
  expect(found).toEqual(expected);
});

it('a trial of which a run diverged is at its end, and is never the best', () => {
  const store = temporaryStore();
  const sweep = addSweep(store, [
    [0.1, 0.2],
    [0.3, undefined],
    [undefined, undefined],
  ]);
  const done = () => store.sweeps.states([sweep]).get(sweep.id)?.done;
  expect(done()).toBe(1);
  for (const run of [sweep.runs[3], sweep.runs[4]]) {
    store.lifecycle.begin(run, null);
    store.lifecycle.end(run, 'diverged', 'the loss is NaN at step 1: the run has diverged');
  }
  expect(done()).toBe(3);
  const best = sweep.runs.slice(0, 2).sort();
  expect(answers(store, sweep)).toEqual([best, best, best]);
});
