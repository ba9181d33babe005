import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { UserError } from '../../errors.ts';
import { protocolFingerprint } from '../../evaluation/protocol.ts';
import type { NextItemProtocol } from '../../evaluation/types.ts';
import type { StudySpec } from '../../studies/study.ts';
import { Connection } from '../db/connection.ts';
import type { Store } from '../store.ts';
import type { ResultFacts } from '../types.ts';
import type { RunTableQuery } from './run-table-types.ts';

const EVERYTHING: RunTableQuery = {
  runs: [],
  search: '',
  filters: [],
  statuses: [],
  tags: [],
  project: null,
  starred: false,
  archived: 'hide',
  sort: [],
  groupBy: null,
  fold: false,
  foldStudies: false,
  trials: 'all',
  outline: false,
  metrics: ['test/ndcg@10'],
  config: ['dim'],
  offset: 0,
  limit: 100,
};

function addResult(
  store: Store,
  changes: Parameters<typeof addRun>[1],
  ndcg: number,
  protocol: Partial<NextItemProtocol> = {},
  metrics: Record<string, number> = {},
  seconds = 1,
): string {
  const { id } = addRun(store, changes);
  store.lifecycle.begin(id, null);
  const measured: NextItemProtocol = {
    ...{ dataset: 'd', split: 'leave-last-out', target: 'test', ties: 'file', historyFilter: 'all' },
    ...{ candidates: 'catalogue', rankTies: 'pessimistic', cutoffs: [10], selection: 'final-epoch' },
    ...{ testHistory: 'with-validation-item', ...protocol },
  };
  store.runs.setResult(
    id,
    {
      ...{ status: 'completed', epochs: 3, selectedEpoch: 2, seconds, ranks: [], protocol: measured },
      metrics: { 'test/ndcg@10': ndcg, 'test/hr@10': 1 - ndcg, ...metrics },
    },
    protocolFingerprint(measured),
  );
  store.lifecycle.end(id, 'completed', null);
  return id;
}

/** Takes the statements that any store has asked its database for rows since the last call. */
function listen(): () => string[] {
  const all = vi.spyOn(Connection.prototype, 'all');
  const each = vi.spyOn(Connection.prototype, 'each');
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  return () => {
    const texts = [
      ...all.mock.calls.map(([text]) => text),
      ...each.mock.calls.map(([, text]) => String(text)),
    ];
    vi.clearAllMocks();
    return texts;
  };
}

describe('the table of runs', () => {
  it('folds seeds into mean and deviation, and keeps other configs apart', () => {
    const store = temporaryStore();
    const seeds = [0.1, 0.2, 0.3].map((ndcg, seed) => addResult(store, { seed }, ndcg));
    const wide = addResult(store, { config: { epochs: 3, dim: 128 } }, 0.15);
    const { total, rows } = store.table.page({
      ...EVERYTHING,
      fold: true,
      sort: [{ field: 'metric:test/ndcg@10', descending: true }],
    });
    expect(total).toBe(2);
    expect(rows.map((row) => row.runs.map(({ id }) => id))).toEqual([[...seeds].reverse(), [wide]]);
    expect(rows[0].metrics['test/ndcg@10'].mean).toBeCloseTo(0.2, 12);
    expect(rows[0].metrics['test/ndcg@10'].std).toBeCloseTo(0.1, 12);
    expect(rows[1].metrics['test/ndcg@10']).toEqual({ mean: 0.15, std: null, count: 1 });
    expect(rows.map(({ config }) => config)).toEqual([{ dim: 64 }, { dim: 128 }]);
  });

  it('shows of folded numbers the mean by which it sorts them', () => {
    const store = temporaryStore();
    const add = (dim: number, seed: number, seconds: number) =>
      addResult(store, { seed, config: { dim } }, 0.1, {}, {}, seconds);
    const times = [[100, 20], [50], [90, 40, 5]];
    for (const [dim, seconds] of times.entries())
      for (const [seed, one] of seconds.entries()) add(dim, seed, one);
    const sort = [{ field: 'seconds', descending: true }];
    const { rows } = store.table.page({ ...EVERYTHING, fold: true, sort });
    expect(rows.map(({ seconds }) => seconds)).toEqual([60, 50, 45]);
  });

  it('knows the settings that differ between runs', () => {
    const store = temporaryStore();
    for (const [seed, dim] of [64, 64, 128].entries())
      addResult(
        store,
        { seed, config: { epochs: 3, dim, window: dim === 64 ? null : 5, layers: [1, 2] } },
        0.1,
      );
    expect(store.table.fields()).toMatchObject({
      config: ['dim', 'epochs', 'layers', 'window'],
      differing: ['dim', 'window'],
    });
  });

  it('names the metric that decides on most runs first', () => {
    const store = temporaryStore();
    addResult(store, { seed: 1 }, 0.1, {}, { 'test/auc': 0.8 });
    addResult(store, { seed: 2 }, 0.1);
    expect(store.table.totals().decisive).toEqual(['test/hr@10', 'test/ndcg@10', 'test/auc']);
  });

  it('says which rows were measured alike, however a model generates its lists', () => {
    const store = temporaryStore();
    const changes = [{}, { generation: 'a beam' }, { historyFilter: 'none' }] as const;
    for (const [dim, protocol] of changes.entries()) addResult(store, { config: { dim } }, 0.1, protocol);
    const [unfiltered, beam, plain] = store.table.page(EVERYTHING).rows.map((row) => row.comparisonKey);
    expect(beam).toBe(plain);
    expect(unfiltered).not.toBe(plain);
  });

  it('keeps the runs of a project together, and gives them back when its deletion is undone', async () => {
    const store = temporaryStore();
    const [first, second, third] = [1, 2, 3].map((seed) => addResult(store, { seed }, seed / 10));
    for (const run of [first, second]) store.table.annotate(run, { project: 'Long histories' });
    const [project] = store.projects.list();
    expect(project).toMatchObject({ name: 'Long histories', description: '', runs: 2 });
    const rows = (changes: Partial<RunTableQuery> = {}) => {
      const page = store.table.page({ ...EVERYTHING, fold: true, ...changes });
      return page.rows.map((row) => [row.project, row.group, row.runs.map(({ id }) => id)]);
    };
    const together = [second, first];
    expect(rows()).toEqual([
      [null, null, [third]],
      ['Long histories', null, together],
    ]);
    expect(rows({ groupBy: 'project' })).toEqual([
      ['Long histories', 'Long histories', together],
      [null, null, [third]],
    ]);
    expect(rows({ project: project.id })).toEqual([['Long histories', null, together]]);
    expect(rows({ search: 'HISTORIES' })).toEqual([['Long histories', null, together]]);
    expect(rows({ filters: [{ field: 'project', operator: '!=', value: 'Long histories' }] })).toEqual([
      [null, null, [third]],
    ]);
    expect(store.runs.newest(10, { project: project.id }).map(({ id }) => id)).toEqual(together);

    const reference = { kind: 'project' as const, id: project.id };
    store.trash.put('project', [project.id]);
    expect(store.projects.list()).toEqual([]);
    expect(store.table.annotations(first).project).toBeNull();
    expect(store.table.fields().projects).toEqual([]);
    const other = store.projects.create('Long histories');
    store.projects.change(other.id, { name: 'Others', description: 'What else there is' });
    expect(() => store.projects.create('Others')).toThrow('there is a project "Others" already');
    store.trash.restore([reference]);
    expect(store.table.annotations(first).project).toBe('Long histories');

    store.trash.put('project', [project.id]);
    await store.trash.purge([reference]);
    expect(() => store.trash.restore([reference])).toThrow('it has been deleted permanently');
    expect(store.projects.list().map(({ name }) => name)).toEqual(['Others']);
    expect(rows()).toEqual([[null, null, [third, second, first]]]);
  });

  it('folds the runs of a study into one row without metrics, and those of none as ever', () => {
    const store = temporaryStore();
    const grid = [8, 16].map((dim) => addResult(store, { config: { dim } }, dim / 100));
    const alone = addResult(store, { config: { dim: 8 } }, 0.5);
    const study = store.studies.create('law of widths', {
      sizes: [{ label: '8' }, { label: '16' }],
    } as StudySpec);
    grid.forEach((run, size) => {
      store.studies.setRun(study.id, { size, share: 1, seed: 1 }, run);
    });
    const { total, rows } = store.table.page({ ...EVERYTHING, fold: true, foldStudies: true });
    expect(total).toBe(2);
    expect(rows.map((row) => [row.study, row.runs.map(({ id }) => id)])).toEqual([
      [null, [alone]],
      [{ id: study.id, name: 'law of widths', kind: 'study', sizes: 2 }, grid.toReversed()],
    ]);
    expect(rows.map(({ metrics }) => Object.keys(metrics))).toEqual([['test/ndcg@10'], []]);
    const apart = store.table.page({ ...EVERYTHING, fold: true }).rows;
    expect(apart.map(({ study: of, runs }) => [of, runs.length])).toEqual(Array(3).fill([null, 1]));
  });

  it('pages, sorts and filters as the same done in memory', () => {
    const store = temporaryStore();
    const results = fc.sample(
      fc.record({ ndcg: fc.double({ min: 0, max: 1, noNaN: true }), dim: fc.nat(3) }),
      {
        numRuns: 40,
        seed: 7,
      },
    );
    const runs = results.map(({ ndcg, dim }) => ({
      id: addResult(store, { config: { dim } }, ndcg),
      ndcg,
      dim,
    }));
    const query: RunTableQuery = {
      ...EVERYTHING,
      filters: [{ field: 'config:dim', operator: '>=', value: 1 }],
      sort: [{ field: 'metric:test/ndcg@10', descending: false }],
    };
    const pages = [0, 7, 14, 21, 28, 35].flatMap(
      (offset) => store.table.page({ ...query, offset, limit: 7 }).rows,
    );
    const expected = runs
      .filter(({ dim }) => dim >= 1)
      .sort((a, b) => a.ndcg - b.ndcg || (a.id < b.id ? 1 : -1));
    expect(pages.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });

  it('finds by words, tags and stars, and hides what is archived or deleted', () => {
    const store = temporaryStore();
    const [plain, noted, archived, deleted] = [1, 2, 3, 4].map((seed) => addRun(store, { seed }).id);
    store.table.annotate(noted, { tags: ['paper', 'Table 2'], notes: "it's 100% fine", starred: true });
    store.table.annotate(archived, { archived: true });
    store.trash.put('run', [deleted]);
    const ids = (changes: Partial<RunTableQuery>) =>
      store.table.page({ ...EVERYTHING, ...changes }).rows.map(({ id }) => id);
    expect(ids({})).toEqual([noted, plain]);
    expect(ids({ search: 'table SASREC' })).toEqual([noted]);
    expect(ids({ search: "it's 100%" })).toEqual([noted]);
    expect(ids({ search: '1%0' })).toEqual([]);
    expect(ids({ tags: ['paper'] })).toEqual([noted]);
    expect(ids({ starred: true })).toEqual([noted]);
    expect(ids({ archived: 'only' })).toEqual([archived]);
    expect(store.table.fields()).toMatchObject({ runs: 2, archived: 1, tags: ['Table 2', 'paper'] });
    store.trash.restore([{ kind: 'run', id: deleted }]);
    expect(ids({})).toEqual([deleted, noted, plain]);
    addResult(store, {}, 0.5);
    addResult(store, {}, 0.6);
    expect(store.table.fields().metrics).toEqual(['test/hr@10', 'test/ndcg@10']);
    expect(() => store.table.page({ ...EVERYTHING, groupBy: 'id; DROP TABLE runs' })).toThrow(UserError);
  });

  it('says what is noted about many runs at once, without those that are in the trash or gone', () => {
    const store = temporaryStore();
    const [noted, plain, deleted] = [1, 2, 3].map((seed) => addRun(store, { seed }).id);
    store.table.annotate(noted, { tags: ['paper'], notes: 'good', starred: true });
    store.trash.put('run', [deleted]);
    const none = { tags: [], notes: '', starred: false, archived: false, project: null };
    expect(store.table.annotationsOf([noted, plain, deleted, 'never'])).toEqual({
      [noted]: { ...none, tags: ['paper'], notes: 'good', starred: true },
      [plain]: none,
    });
  });

  it('finds names in any alphabet, whatever their case', () => {
    const store = temporaryStore();
    const [über, fuxi, straße] = ['Über 1', 'ФУКСИ Ω', 'Straße'].map((name) => addRun(store, { name }).id);
    store.table.annotate(fuxi, { tags: ['Été'] });
    const found = (search: string) => store.table.page({ ...EVERYTHING, search }).rows.map(({ id }) => id);
    expect([found('über'), found('ÜBER'), found('Über')]).toEqual([[über], [über], [über]]);
    expect([found('фукси ω'), found('éTÉ'), found('strasse')]).toEqual([[fuxi], [fuxi], [straße]]);
    const filters: RunTableQuery['filters'] = [{ field: 'name', operator: 'contains', value: 'üB' }];
    expect(store.table.page({ ...EVERYTHING, filters }).rows.map(({ id }) => id)).toEqual([über]);
  });

  it('counts the rows of each group in the order of the rows, those without a value last', () => {
    const store = temporaryStore();
    for (const dim of [64, 8, 64, null]) addRun(store, { config: dim === null ? {} : { dim } });
    const { total, groups, rows } = store.table.page({ ...EVERYTHING, groupBy: 'config:dim' });
    expect([total, groups]).toEqual([
      4,
      [
        { key: '8', value: '8', rows: 1, protocol: null },
        { key: '64', value: '64', rows: 2, protocol: null },
        { key: '', value: null, rows: 1, protocol: null },
      ],
    ]);
    expect(rows.map(({ group }) => group)).toEqual(['8', '64', '64', null]);
    expect(store.table.page(EVERYTHING).groups).toBeNull();
  });
});

describe('the outline of the table', () => {
  const none = Int32Array.of();
  const OUTLINE: RunTableQuery = {
    ...EVERYTHING,
    fold: true,
    foldStudies: true,
    trials: 'chosen',
    outline: true,
    sort: [{ field: 'metric:test/ndcg@10', descending: true }],
  };

  it('names all rows in order, however few a page has, and the best of three or more that were measured alike', () => {
    const store = temporaryStore();
    const [low, high, middle] = [0.1, 0.3, 0.2].map((ndcg, dim) =>
      addResult(store, { config: { dim } }, ndcg),
    );
    const other = [0.4, 0.5].map((ndcg, dim) =>
      addResult(store, { config: { dim } }, ndcg, { historyFilter: 'none' }),
    );
    const seed = addResult(store, { seed: 7, config: { dim: 1 } }, 0.3);
    const { outline, rows, total } = store.table.page({ ...OUTLINE, limit: 1 });
    expect([rows.length, total]).toEqual([1, 5]);
    expect(outline).toEqual([other[1], other[0], `${seed} ${high}`, middle, low]);
    expect(store.table.places(OUTLINE)).toEqual({
      [seed]: { 'test/ndcg@10': 'best' },
      [middle]: { 'test/ndcg@10': 'second' },
    });
    expect(store.table.page({ ...OUTLINE, outline: false }).outline).toBeNull();
  });

  it('puts no result of another program first or second of which something is unknown, nor one in its way', () => {
    const store = temporaryStore();
    const own = [0.1, 0.3, 0.2].map((ndcg, dim) => addResult(store, { config: { dim } }, ndcg));
    const { dataset, protocol } = store.runs.own(own[0]);
    const unknown = [['tuning' as const], []];
    const others = unknown.map((facts, at) =>
      store.foreign.addExternal([
        {
          ...{ program: 'RecBole', model: 'SASRec', config: null, seed: 1, name: `theirs ${at}`, stated: {} },
          ...{ result: { file: 'a.csv', unknown: facts } as unknown as ResultFacts },
          ...{ metrics: { 'test/ndcg@10': 0.9 - at / 2 }, protocol: protocol as NextItemProtocol },
          ...{
            dataset: { ...dataset, id: dataset.id ?? '' },
            ranks: {
              ...{ split: 'test', candidates: 1, topK: 0, users: none, targets: none, ranks: none },
              historyLengths: none,
              topItems: none,
            },
          },
        },
      ]),
    );
    expect(store.table.places(OUTLINE)).toEqual({
      [others[1][0].id]: { 'test/ndcg@10': 'best' },
      [own[1]]: { 'test/ndcg@10': 'second' },
    });
  });

  it('reads the runs once for all pages, and then those alone that this program or another one has changed', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const [low, high] = [0.1, 0.3].map((ndcg, dim) => addResult(store, { config: { dim } }, ndcg));
    const texts = listen();
    const asked = () =>
      texts()
        .filter((text) => /AS kin|SELECT run AS id/.test(text))
        .map((text) => (text.includes('@changed') ? 'changed' : 'all'));
    const pages = () =>
      [0, 1].flatMap((offset) => store.table.page({ ...OUTLINE, offset, limit: 1 }).rows.map(({ id }) => id));
    expect([pages(), asked()]).toEqual([
      [high, low],
      ['all', 'all'],
    ]);
    store.table.annotate(high, { archived: true });
    expect([pages(), asked()]).toEqual([[low], ['changed', 'changed']]);
    store.settings.write('shown', true);
    expect([pages(), asked()]).toEqual([[low], []]);
    const other = temporaryStore(home);
    const best = addResult(other, { config: { dim: 8 } }, 0.9);
    expect([pages(), asked()]).toEqual([
      [best, low],
      ['changed', 'changed'],
    ]);
  });

  it('searches and names rows by what it has read, until this program or another one changes something', () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const [first, second] = [1, 2].map((dim) => addResult(store, { config: { dim } }, dim / 10));
    const texts = listen();
    const found = (search: string) => {
      const { rows } = store.table.page({ ...OUTLINE, search });
      return rows.map(({ id, label }) => `${id} ${label.detail}`);
    };
    expect(found('sasrec')).toEqual([`${second} dim 2`, `${first} dim 1`]);
    texts();
    expect([found('no such word'), found(second)]).toEqual([[], [`${second} dim 2`]]);
    // Of each page alone: studies, and the runs in its rows.
    expect(texts().filter((text) => /AS kin|AS value|GROUP BY model/.test(text))).toEqual([]);
    store.table.annotate(first, { tags: ['no such word'] });
    expect(found('no such word')).toEqual([`${first} dim 1`]);
    const other = temporaryStore(home);
    other.table.annotate(second, { notes: 'no such word' });
    const third = addResult(other, { config: { dim: 2, layers: 3 } }, 0.9);
    expect(found('such')).toEqual([`${second} dim 2`, `${first} dim 1`]);
    expect(found(third)).toEqual([`${third} dim 2, layers 3`]);
  });

  it('groups by data set and protocol, and puts what has no results to the most of its data set', () => {
    const store = temporaryStore();
    const strict = [1, 2].map((dim) => addResult(store, { config: { dim } }, 0.1 * dim));
    const plain = addResult(store, { config: { dim: 3 } }, 0.3, { historyFilter: 'none' });
    const waiting = addRun(store, { config: { dim: 4 } }).id;
    const { groups, outline } = store.table.page({ ...OUTLINE, groupBy: 'dataset' });
    const { dataset } = store.runs.own(waiting);
    expect(groups).toMatchObject([
      { key: dataset.name, value: dataset.name, rows: 3, protocol: { historyFilter: 'all' } },
      { value: dataset.name, rows: 1, protocol: { historyFilter: 'none' } },
    ]);
    expect(groups?.[1].key).not.toBe(dataset.name);
    expect(outline).toEqual([strict[1], strict[0], waiting, plain]);
  });

  it('shows of a sweep the test result of the trial that it chose on validation items alone', () => {
    const store = temporaryStore();
    const trials = [0.3, 0.2].map((ndcg, dim) =>
      addResult(store, { config: { dim } }, ndcg, {}, { 'valid/ndcg@10': 0.5 - ndcg }),
    );
    const sweep = store.studies.create('tuned', {
      kind: 'sweep',
      sweep: { metric: 'valid/ndcg@10', vary: [{ key: 'dim', values: '0,1' }] },
      sizes: [
        { label: '1', config: { dim: 0 } },
        { label: '2', config: { dim: 1 } },
      ],
      seeds: [1],
    } as unknown as StudySpec);
    for (const [size, run] of trials.entries())
      store.studies.setRun(sweep.id, { size, share: 1, seed: 1 }, run);
    const alone = addResult(store, { config: { dim: 8 } }, 0.25);
    const { rows, outline } = store.table.page(OUTLINE);
    expect(outline).toEqual([alone, trials.toReversed().join(' ')]);
    expect(rows[1]).toMatchObject({ study: { kind: 'sweep', sizes: 2 }, label: { title: 'tuned' } });
    expect(rows[1].metrics['test/ndcg@10'].mean).toBeCloseTo(0.2, 12);
    const members = store.table.page({ ...EVERYTHING, runs: trials, trials: 'chosen' }).rows;
    expect(members.map(({ chosen, label, metrics }) => [chosen, label.detail, Object.keys(metrics)])).toEqual(
      [
        [true, 'dim 1', ['test/ndcg@10']],
        [false, 'dim 0', []],
      ],
    );
  });

  it('names a row by its model and by what differs, unless its user has named it', () => {
    const store = temporaryStore();
    const [{ model, dataset }] = [addRun(store, {})];
    const name = (seed: number) => `${model}-${dataset.name}-seed${seed}`;
    addRun(store, { name: name(8), config: { epochs: 3, dim: 8 }, seed: 8 });
    addRun(store, { name: name(9), config: { epochs: 3, dim: 16 }, seed: 9 });
    addRun(store, { name: 'the floor', config: { epochs: 3, dim: 32 } });
    const labels = (fold: boolean) =>
      store.table.page({ ...EVERYTHING, fold }).rows.map(({ label }) => [label.title, label.detail]);
    expect(labels(true).slice(0, 3)).toEqual([
      ['the floor', ''],
      ['SASRec', 'dim 16'],
      ['SASRec', 'dim 8'],
    ]);
    expect(labels(false)[1]).toEqual(['SASRec', 'dim 16, seed 9']);
    addRun(store, { name: 'sizes-trial3-seed4', seed: 4 });
    expect([labels(true)[0], labels(false)[0]]).toEqual([
      ['sizes', 'trial 3'],
      ['sizes', 'trial 3, seed 4'],
    ]);
    for (const given of ['wide', 'seed9-final']) {
      addRun(store, { name: `${model}-${dataset.name}-${given}` });
      expect(labels(false)[0]).toEqual([`${model}-${dataset.name}-${given}`, '']);
    }
  });

  it('tells a row from runs whose study was deleted, and not from those of one that is there', () => {
    const store = temporaryStore();
    const trial = addRun(store, { config: { dim: 8 } }).id;
    const study = store.studies.create('widths', { sizes: [{ label: '8' }] } as StudySpec);
    store.studies.setRun(study.id, { size: 0, share: 1, seed: 1 }, trial);
    const { model, dataset } = addRun(store, {});
    addRun(store, { name: `${model}-${dataset.name}-seed5`, config: { dim: 16 }, seed: 5 });
    const detail = () => store.table.page({ ...EVERYTHING, fold: true }).rows[0].label.detail;
    store.trash.put('run', [store.table.page(EVERYTHING).rows[1].id]);
    expect(detail()).toBe('');
    store.trash.put('study', [study.id]);
    expect(detail()).toBe('dim 16');
  });

  it('says which runs are paused, and counts them all', () => {
    const store = temporaryStore();
    const [held, waiting] = [1, 2].map((seed) => addRun(store, { seed }).id);
    store.queue.put(held, 'end', true);
    store.queue.put(waiting, 'end');
    const rows = store.table.page(EVERYTHING).rows.map(({ id, paused }) => [id, paused]);
    expect(rows).toEqual([
      [waiting, false],
      [held, true],
    ]);
    store.table.annotate(waiting, { archived: true });
    expect(store.table.totals()).toEqual({ runs: 1, archived: 1, metrics: [], decisive: [] });
  });
});

describe('the queue', () => {
  it('keeps its order over restarts, and forgets deleted runs', async () => {
    const store = temporaryStore();
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => addRun(store, { seed }).id);
    for (const run of [a, b, c]) store.queue.put(run, 'end');
    store.queue.put(d, 'front', true);
    store.queue.reorder([c, a]);
    store.trash.put('run', [b]);
    const again = temporaryStore(store.home);
    expect(again.queue.list()).toEqual([
      { run: c, held: false },
      { run: a, held: false },
      { run: d, held: true },
    ]);
    await store.trash.purgeAll();
    await store.trash.purgeDirectly('run', a);
    expect(again.queue.list().map(({ run }) => run)).toEqual([c, d]);
    expect(again.externalChanges()).not.toBe(temporaryStore().externalChanges());
  });
});
