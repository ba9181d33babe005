import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import { UserError } from '../../errors.ts';
import type { StudySpec } from '../../studies/study.ts';
import { databaseOf } from '../home/home-paths.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';
import { type RunTableQuery, runTableQuery } from './run-table-types.ts';

const [NDCG, VALID] = ['test/ndcg@10', 'valid/ndcg@10'];
const folded = { fold: true, foldStudies: true, trials: 'chosen' as const, outline: true, metrics: [NDCG] };
const QUERIES: RunTableQuery[] = [
  { ...folded, groupBy: 'dataset', sort: [{ field: `metric:${NDCG}`, descending: true }] },
  { ...folded, groupBy: 'project', sort: [{ field: 'seconds', descending: false }] },
  { outline: true, search: 'one', archived: 'all' as const },
  {
    outline: true,
    tags: ['a'],
    sort: [
      { field: 'tags', descending: true },
      { field: 'name', descending: false },
    ],
  },
  { ...folded, filters: [{ field: `metric:${NDCG}`, operator: '>=' as const, value: 0.5 }] },
].map((query) => runTableQuery.parse(query));

const seen = (store: Store) => QUERIES.map((query) => [store.table.page(query), store.table.places(query)]);

/** As measures that a later version counts come to runs of earlier ones. */
function countAlone(store: Store, run: string, value: number): void {
  const database = new Database(databaseOf(store.home));
  const sql =
    'INSERT INTO run_metrics (run, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
  database.prepare(sql).run(run, NDCG, value);
  database.close();
}

type Change = (store: Store, at: number, value: number) => void | Promise<void>;

const runsOf = (store: Store) => store.runs.newest(100, { metrics: [] });
const pick = <T>(all: readonly T[], at: number): T | undefined => all[at % Math.max(1, all.length)];
const ofRun = (change: (store: Store, run: string, value: number) => void): Change => {
  return (store, at, value) => {
    const run = pick(runsOf(store), at);
    if (run) change(store, run.id, value);
  };
};
const ofProject = (change: (store: Store, project: string, value: number) => void): Change => {
  return (store, at, value) => {
    const project = pick(store.projects.list(), at);
    if (project) change(store, project.id, value);
  };
};

/** What is gone comes back, or goes for good. */
const fromTrash = (
  change: (store: Store, kind: 'run' | 'project' | 'study', id: string) => unknown,
): Change => {
  return async (store, at) => {
    const item = pick(await store.trash.list(), at);
    if (item && (item.kind === 'run' || item.kind === 'project' || item.kind === 'study'))
      await change(store, item.kind, item.id);
  };
};

const CHANGES: Record<string, Change> = {
  add: (store, at, value) => void addRun(store, { seed: at % 3, config: { dim: value < 0.5 ? 8 : 16 } }),
  complete: ofRun((store, run, value) => {
    if (store.runs.get(run).status !== 'queued') return;
    completeRun(store, run, { seconds: value, metrics: { [NDCG]: value, [VALID]: 1 - value } });
  }),
  measure: ofRun((store, run, value) => {
    const { protocol } = RESULT;
    store.runs.setMeasured(run, {
      metrics: { [NDCG]: value },
      protocol,
      protocolFingerprint: 'a1b2c3d4e5f6',
    });
  }),
  count: ofRun(countAlone),
  rename: ofRun((store, run, value) => store.runs.rename(run, value < 0.5 ? 'one' : 'another')),
  tag: ofRun((store, run, value) => store.table.annotate(run, { tags: value < 0.5 ? ['a'] : ['b', 'one'] })),
  note: ofRun((store, run, value) => store.table.annotate(run, { notes: 'one', archived: value < 0.3 })),
  file: ofRun((store, run, value) => store.table.annotate(run, { project: value < 0.5 ? 'one' : null })),
  renameProject: ofProject((store, id, value) => {
    store.projects.change(id, { name: value < 0.5 ? `p${value}` : 'one' });
  }),
  dropProject: ofProject((store, id) => store.trash.put('project', [id])),
  drop: ofRun((store, run) => store.trash.put('run', [run])),
  gather: ofRun((store, run, value) => {
    const spec = {
      ...(value < 0.5
        ? { kind: 'sweep', sweep: { metric: VALID, vary: [{ key: 'dim', values: '8,16' }] } }
        : {}),
      ...{
        sizes: [
          { label: '1', config: { dim: 8 } },
          { label: '2', config: { dim: 16 } },
        ],
        seeds: [1],
      },
    } as unknown as StudySpec;
    const study = pick(store.studies.list(), Math.floor(4 * value)) ?? store.studies.create('widths', spec);
    const taken = store.studies.runs(study.id).map((cell) => cell.size);
    const size = [0, 1].find((one) => !taken.includes(one));
    if (size !== undefined) store.studies.setRun(study.id, { size, share: 1, seed: 1 }, run);
  }),
  dropStudy: (store, at) => {
    const study = pick(store.studies.list(), at);
    if (study) store.trash.put('study', [study.id]);
  },
  restore: fromTrash((store, kind, id) => store.trash.restore([{ kind, id }])),
  purge: fromTrash((store, kind, id) => store.trash.purge([{ kind, id }])),
};

/** A name may be given already, and a run may be running. */
async function unlessRefused(change: () => void | Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

/** Runs, two of which are in a project, one of which is in a study, and one of which has results. */
const START = ['add', 'add', 'file', 'add', 'add', 'complete', 'gather', 'file'];

it('shows what a store shows that has just been opened, whatever two programs have changed since', async () => {
  const change = fc.record({
    what: fc.constantFrom(...Object.keys(CHANGES)),
    by: fc.nat(1),
    at: fc.nat(50),
    value: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const property = fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 30 }), async (changes) => {
    const home = temporaryHome();
    const stores = [temporaryStore(home), temporaryStore(home)];
    for (const what of START) await CHANGES[what](stores[1], 1, 0.4);
    seen(stores[0]);
    for (const { what, by, at, value } of changes) {
      await unlessRefused(() => CHANGES[what](stores[by], at, value));
      const fresh = openStore(home);
      const expected = seen(fresh);
      fresh.close();
      expect([what, seen(stores[0])]).toEqual([what, expected]);
    }
  });
  await fc.assert(property, { numRuns: 20, seed: 5 });
});

it('sees a metric alone of the run that changed before it', () => {
  const store = temporaryStore();
  const runs = [0.1, 0.2].map((value, dim) => {
    const { id } = addRun(store, { config: { dim } });
    completeRun(store, id, { metrics: { [NDCG]: value } });
    return id;
  });
  const best = () => store.table.page(QUERIES[0]).rows[0]?.id;
  store.runs.rename(runs[0], 'renamed');
  expect(best()).toBe(runs[1]);
  countAlone(store, runs[0], 0.3);
  expect(best()).toBe(runs[0]);
});

it('forgets what it has read in a change that was taken back', () => {
  const store = temporaryStore();
  const [first, second] = [0, 1].map((dim) => addRun(store, { config: { dim } }).id);
  const ids = () => store.table.page(runTableQuery.parse({})).rows.map(({ id }) => id);
  const refused = () =>
    store.transaction(() => {
      store.table.annotate(first, { archived: true });
      expect(ids()).toEqual([second]);
      throw new UserError('refused');
    });
  expect(refused).toThrow('refused');
  // Its change has the number of the one that was taken back.
  store.table.annotate(second, { notes: 'noted' });
  expect(ids()).toEqual([second, first]);
});
