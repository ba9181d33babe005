import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DatasetSummary } from '../../src/core/data/types.ts';
import { compareRuns } from '../../src/core/documents/comparison/comparison.ts';
import { protocolFingerprint } from '../../src/core/evaluation/protocol.ts';
import type { NextItemProtocol } from '../../src/core/evaluation/types.ts';
import { newRunId } from '../../src/core/store/runs/run-id.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { RunTableQuery } from '../../src/core/store/table/run-table-types.ts';
import type { ResultFacts } from '../../src/core/store/types.ts';
import { comparedRuns } from '../../src/main/services/analysis/compared-runs.ts';
import { protocol } from '../reports/runs.ts';
import { addRun, temporaryStore } from './home.ts';
import { datasetSummary } from './records.ts';

const NDCG = 'test/ndcg@10';
const QUERY: RunTableQuery = {
  ...{
    runs: [],
    search: '',
    filters: [],
    statuses: [],
    tags: [],
    project: null,
    starred: false,
    archived: 'hide',
  },
  ...{
    sort: [],
    groupBy: null,
    fold: true,
    foldStudies: false,
    trials: 'all',
    outline: false,
    metrics: [NDCG],
    config: [],
    offset: 0,
    limit: 100,
  },
};

interface Sketch {
  seed: number;
  dim: number;
  /** Whether it trained, or which checkpoint of another run it measured. */
  measures: 'training' | 'best' | 'last';
  /** Null for a run without results. */
  selection: NextItemProtocol['selection'] | null;
  /** Of the result of another program the file that it was read from; `logged`: what another program states of its own run. */
  by?: 'us' | 'a.csv' | 'b.csv' | 'logged';
  /** Which of the data sets of the same sequences. Default: the first. */
  data?: DataName;
}

type DataName = keyof typeof DATA;

/** All have the same sequences; the second one holds what the first one does, the third one other titles, and of the last one nobody knows. */
const DATA = {
  beauty: { sourceFiles: [{ name: 'a.csv', bytes: 1, sha256: 'a' }] },
  copy: { sourceFiles: [{ name: 'b.csv', bytes: 1, sha256: 'a' }] },
  titled: { sourceFiles: [{ name: 'a.csv', bytes: 1, sha256: 'c' }] },
  unrecorded: {},
};

const summaryOf = (name: DataName) => ({
  ...datasetSummary(name),
  ...{ fingerprint: 'the same sequences', ...DATA[name] },
});

function add(
  store: Store,
  { seed, dim, measures, selection, data = 'beauty', by = 'us' }: Sketch,
  value: number,
): string {
  const evaluates = {
    ...{ run: null, name: 'source', path: 'runs/source/x', epoch: 1 },
    ...{ kind: measures as 'best' | 'last', splits: ['test' as const] },
  };
  const dataset = summaryOf(data);
  if (!store.datasets.has(dataset.id)) store.datasets.add(dataset);
  if (by === 'logged') return addLogged(store, { seed, dim, data }, value);
  if (by !== 'us') return addExternal(store, { seed, dim, dataset, by }, value);
  const { id } = addRun(store, {
    ...{ dataset, seed, config: { dim }, ...(measures === 'training' ? {} : { evaluates }) },
  });
  if (selection !== null) {
    const stated = { ...protocol, selection };
    const result = {
      ...{ status: 'completed' as const, epochs: 1, selectedEpoch: 1, seconds: 1, ranks: [] },
      ...{ metrics: { [NDCG]: value }, protocol: stated },
    };
    store.runs.setResult(id, result, protocolFingerprint(stated));
  }
  return id;
}

/** A seed of 3 is one that nobody stated; settings are written with the seed among them. */
const stated = (seed: number, dim: number) =>
  seed === 3 ? { seed: null, config: { dim } } : { seed, config: { seed, dim } };

function addLogged(store: Store, { seed, dim, data }: Pick<Sketch, 'seed' | 'dim' | 'data'>, value: number) {
  const id = newRunId();
  const { config, ...rest } = stated(seed, dim);
  const run = {
    program: 'mine',
    model: 'sasrec',
    dataset: data,
    time: 1,
    config,
    seed: rest.seed ?? undefined,
  };
  store.foreign.addImported(id, run, { journal: `${id}.journal`, pid: 1 });
  store.foreign.setStated(id, { [NDCG]: value });
  return id;
}

function addExternal(
  store: Store,
  { seed, dim, dataset, by }: { seed: number; dim: number; dataset: DatasetSummary; by: string },
  value: number,
): string {
  const none = Int32Array.of();
  const [{ id }] = store.foreign.addExternal([
    {
      ...{
        program: 'mine',
        model: 'sasrec',
        name: null,
        stated: {},
        protocol,
        dataset,
        ...stated(seed, dim),
      },
      result: { file: by, sha256: by, unknown: [] } as unknown as ResultFacts,
      metrics: { [NDCG]: value },
      ranks: {
        ...{ split: 'test', candidates: 1, topK: 0, users: none, targets: none, ranks: none },
        ...{ historyLengths: none, topItems: none },
      },
    },
  ]);
  return id;
}

const foldedRows = (store: Store) =>
  store.table
    .page(QUERY)
    .rows.map(({ runs, metrics }) => ({ ids: runs.map(({ id }) => id).sort(), cell: metrics[NDCG] }));

it('keeps a repeated seed, an evaluation of another checkpoint and another protocol out of a row', () => {
  const store = temporaryStore();
  const one: Sketch = { seed: 1, dim: 8, measures: 'training', selection: 'validation' };
  const sketches: Sketch[] = [
    one,
    { ...one, seed: 2 },
    { ...one },
    { ...one, measures: 'best' },
    { ...one, measures: 'last' },
    { ...one, seed: 3, selection: 'final-epoch' },
    { ...one, seed: 4, selection: null },
    { ...one, seed: 1, selection: null },
  ];
  const ids = sketches.map((sketch, at) => add(store, sketch, at));
  const rows = foldedRows(store).map(({ ids: row }) => row.map((id) => ids.indexOf(id)));
  // Runs without results stand with the newest protocol that their kind has been measured under.
  expect(rows.map((row) => row.sort().join())).toEqual(['5,6,7', '4', '3', '2', '0,1']);
});

it('folds runs of the same data under any name, and of no others however alike their sequences are', async () => {
  const store = temporaryStore();
  const one: Sketch = { seed: 1, dim: 8, measures: 'training', selection: 'validation' };
  const data: DataName[] = ['beauty', 'titled', 'copy', 'titled', 'unrecorded', 'beauty', 'unrecorded'];
  const ids = data.map((name, at) => add(store, { ...one, seed: at, data: name }, at));
  const tabled = () =>
    foldedRows(store).map(({ ids: row }) =>
      row
        .map((id) => ids.indexOf(id))
        .sort()
        .join(),
    );
  const compared = () =>
    compareRuns(comparedRuns(store, ids), { metrics: [NDCG] }).rows.map(({ runs }) =>
      runs.map(({ id }) => ids.indexOf(id)).join(),
    );
  const rows = ['0,2,5', '1,3', '4,6'];
  expect(tabled().sort()).toEqual(rows);
  expect(compared()).toEqual(rows);
  // What its runs were trained on is known of a data set that is there no longer, too.
  for (const name of ['beauty', 'titled', 'unrecorded'] as const)
    await store.trash.purgeDirectly('dataset', summaryOf(name).id);
  expect(tabled().sort()).toEqual(rows);
  expect(compared()).toEqual(rows);
});

it('has the rows and the means of a comparison of the same runs, whatever the home', () => {
  const sketch = fc.record({
    seed: fc.integer({ min: 1, max: 3 }),
    dim: fc.constantFrom(8, 16),
    measures: fc.constantFrom('training', 'best', 'last'),
    selection: fc.constantFrom('validation', 'test', null),
    data: fc.constantFrom(...(Object.keys(DATA) as DataName[])),
    by: fc.constantFrom('us', 'us', 'a.csv', 'b.csv', 'logged'),
  });
  fc.assert(
    fc.property(fc.array(sketch, { minLength: 1, maxLength: 12 }), fc.integer(), (sketches, order) => {
      const store = temporaryStore();
      const ids = sketches.map((one, at) => add(store, one, at / 7));
      const finished = ids.filter((_, at) => sketches[at].by !== 'us' || sketches[at].selection !== null);
      const chosen = order % 2 === 0 ? finished : finished.toReversed();
      const folded = foldedRows(store).filter(({ cell }) => cell);
      if (finished.length === 0) {
        expect(folded).toEqual([]);
        return;
      }
      const { rows } = compareRuns(comparedRuns(store, chosen), { metrics: [NDCG] });
      const compared = rows.map(({ runs, cells: [{ mean, values }] }) => ({
        ids: runs.map(({ id }) => id).sort(),
        mean,
        count: values.length,
      }));
      const tabled = folded.map((row) => ({
        ids: row.ids.filter((id) => finished.includes(id)),
        mean: row.cell.mean,
        count: row.cell.count,
      }));
      const byIds = (a: { ids: string[] }, b: { ids: string[] }) =>
        String(a.ids).localeCompare(String(b.ids));
      const close = (list: typeof tabled) =>
        list.sort(byIds).map(({ mean, ...rest }) => ({ ...rest, mean: mean?.toFixed(9) }));
      expect(close(tabled)).toEqual(close(compared as typeof tabled));
    }),
    { numRuns: 45, seed: 11 },
  );
});
