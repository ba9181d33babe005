import { mkdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { startShell } from '../../../../test/desktop/browser-shell.ts';
import { protocol, someRanks, someRun } from '../../../../test/reports/runs.ts';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary, newRun, RESULT } from '../../../../test/store/records.ts';
import type { ComparisonSoFar } from '../../../core/api/compare.ts';
import type { ApiClient } from '../../../core/api/contract.ts';
import { compareRuns } from '../../../core/documents/comparison/comparison.ts';
import { REPORT_PARTS } from '../../../core/documents/formats.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { rankMetrics } from '../../../core/evaluation/metrics.ts';
import { recordEvents } from '../../../core/store/runs/record-events.ts';
import type { Store } from '../../../core/store/store.ts';
import { comparedRuns } from './compared-runs.ts';
import { compared, shownBaseline } from './comparisons.ts';

const dataset = datasetSummary('beauty');

/** A home with a data set, and runs in it as trainers leave them. */
function fill(store: Store, runs: readonly ComparedRun[]): string[] {
  store.datasets.add(dataset);
  mkdirSync(store.datasets.folder(dataset.id), { recursive: true });
  return runs.map((run) => {
    const { name, model, config, seed, device, metrics, ranks, series } = run;
    const { id } = store.runs.create(newRun(dataset, { name, model, config: config ?? {}, seed: seed ?? 1 }));
    store.lifecycle.begin(id, null);
    const points = (series ?? []).map(({ metric, steps, values }) => ({
      metric,
      steps: Array.from(steps),
      values: Array.from(values),
      epochs: Array.from(steps, () => 1),
      times: Array.from(steps, () => 0),
    }));
    const result = {
      status: 'completed' as const,
      epochs: 1,
      selectedEpoch: 1,
      seconds: 2,
      metrics,
      protocol: run.protocol ?? protocol,
      ranks: [...(ranks ?? [])],
      device: device ?? 'cpu',
    };
    recordEvents(store, id, [
      { type: 'series', points },
      { type: 'result', result },
    ]);
    store.lifecycle.end(id, 'completed', null);
    return id;
  });
}

/** What the window does with the answer: hears how far it is, and takes the table. */
async function table(client: ApiClient, input: Parameters<ApiClient['compare']['table']>[0]) {
  const heard: ComparisonSoFar[] = [];
  const steps = await client.compare.table(input);
  for (;;) {
    const step = await steps.next();
    if (step.done) return { heard, view: step.value };
    heard.push(step.value);
  }
}

const runs = [
  someRun('popularity', 'popularity', 1, 1),
  someRun('sasrec-seed1', 'sasrec', 1, 3),
  someRun('sasrec-seed2', 'sasrec', 2, 3),
  someRun('bprmf', 'bprmf', 1, 2),
];

describe('a comparison over the api', () => {
  it('is the comparison of the reports, tells how far it is, and leaves out what has no results', async () => {
    const { client, hub } = await startShell();
    const ids = fill(hub.store, runs);
    const waiting = hub.store.runs.create(newRun(dataset, { name: 'not-yet' })).id;
    const { heard, view } = await table(client, { runs: [waiting, ...ids], baseline: waiting });
    expect(view.withoutResults).toEqual([
      { id: waiting, name: 'not-yet', title: 'not-yet', status: 'queued' },
    ]);
    expect(view.rows.map(({ name }) => name)).toEqual(['popularity', 'sasrec', 'bprmf']);
    // What has no results yet is no baseline: the model that most others are compared with is.
    expect(view.baseline).toBe(1);
    expect(view.rows.map(({ label }) => label.title)).toEqual(['popularity', 'sasrec', 'bprmf']);
    expect(view.rows[1].published.some(({ source }) => source === 'esasrec')).toBe(true);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.every(({ done, total }) => done < total && total === 2)).toBe(true);
    // The table is there before its tests.
    const cells = heard[0].untested?.rows.flatMap((row) => row.cells) ?? [];
    expect(cells.map(({ mean }) => mean)).toEqual(
      view.rows.flatMap((row) => row.cells.map(({ mean }) => mean)),
    );
    expect(cells.every(({ significance }) => significance === null)).toBe(true);
    const whole = compareRuns(
      runs.map((run, at) => ({ ...run, id: ids[at] })),
      { baseline: ids[1] },
    );
    expect(view.rows.map(({ cells }) => cells)).toEqual(whole.rows.map(({ cells }) => cells));
    // Under another name a row has the tests that it had.
    const label = { [ids[3]]: 'Ours' };
    const renamed = await table(client, { runs: [waiting, ...ids], baseline: waiting, labels: label });
    expect(renamed.heard).toEqual([]);
    expect(renamed.view.rows.map(({ name }) => name)).toEqual(['popularity', 'sasrec', 'Ours']);
    expect(renamed.view.rows.map(({ cells }) => cells)).toEqual(view.rows.map(({ cells }) => cells));
    expect(view.configs.find(({ key }) => key === 'dim')?.values).toEqual(['16', '48', '32']);
    // The data set is called "beauty" but has other counts: its published results come with that remark.
    const [{ sections }] = view.published;
    expect(sections[0].remarks).toContainEqual(expect.stringMatching(/matched by its name but has 2 users/));
    // A comparison that was opened with its runs fills as they complete; there is nothing to report yet.
    const unfilled = (await table(client, { runs: [waiting] })).view;
    expect([unfilled.rows, unfilled.withoutResults.map(({ id }) => id)]).toEqual([[], [waiting]]);
    await expect(client.compare.report({ runs: [waiting], format: 'html' })).rejects.toThrow(
      /not-yet \(queued\)/,
    );
    const simple = await table(client, { runs: [ids[3], ids[0]] });
    expect(simple.view.rows.map(({ name, isBaseline }) => [name, isBaseline])).toEqual([
      ['bprmf', false],
      ['popularity', true],
    ]);
    const fewer = await table(client, { runs: [...ids.slice(0, 3), 'gone'], baseline: null });
    expect(fewer.view.deleted).toEqual(['gone']);
    await expect(table(client, { runs: ['gone'] })).rejects.toThrow(/have been deleted/);
  });

  it('says what differences come to in practice where that is asked, in the window and in its reports', async () => {
    const { client, hub } = await startShell();
    const ids = fill(hub.store, runs);
    const asked = { runs: ids, baseline: ids[0], metrics: ['test/ndcg@10'] };
    expect((await table(client, asked)).view.practical).toEqual([]);
    const practical = { rope: { size: 0.01, isShare: true }, power: 0.8 };
    const { view } = await table(client, { ...asked, practical });
    const own = ['Practical equivalence', 'What these differences would need'];
    expect(view.practical.map(({ title, lines }) => [title, lines.length])).toEqual(
      own.map((title) => [title, 2]),
    );
    const { text } = await client.compare.report({ ...asked, practical, format: 'html' });
    for (const title of own) expect(text).toContain(title);
  });

  it('shows what other programs state, among itself or beside ours: no test, no best, no slices', async () => {
    const { client, hub } = await startShell();
    const { store } = hub;
    const theirs = [0.1, 0.2].map((lr) => {
      const facts = { name: `run-${lr}`, program: 'W&B', model: 'SASRec', config: { lr, dim: 64 } };
      const id = store.trackers.add({ tracker: 'wandb', id: `${lr}`, path: '/logs' }, facts);
      const points = { steps: [1, 2], epochs: [0, 0], times: [0, 0], values: [lr, 2 * lr] };
      store.series.merge(id, { metric: 'valid/ndcg@10', ...points });
      store.foreign.setStated(id, { 'test/ndcg@10': lr, own: 3 });
      return id;
    });
    const alone = (await table(client, { runs: theirs })).view;
    expect([alone.baseline, alone.withoutResults]).toEqual([null, []]);
    expect(alone.columns.map(({ name }) => name)).toEqual(['own', 'test/ndcg@10']);
    expect(alone.rows.map(({ cells }) => cells[1])).toMatchObject(
      [0.1, 0.2].map((mean) => ({ mean, mark: null, significance: null, delta: null })),
    );
    expect(alone.configDifferences).toContainEqual({ key: 'lr', values: ['0.1', '0.2'] });
    expect(alone.footnotes).toEqual(['reported by W&B: nothing of it was measured here.']);
    const curves = await client.compare.report({ runs: theirs, format: 'html', parts: ['curves', 'slices'] });
    expect(JSON.stringify(curves)).toContain('run-0.1');

    const ours = fill(store, runs);
    const { view } = await table(client, { runs: [...theirs, ...ours] });
    expect(view.baseline).toBe(view.rows.findIndex(({ model }) => model === 'sasrec'));
    const stated = view.rows.filter(({ program }) => program === 'W&B');
    expect(stated.map(({ cells }) => [cells[0].mark, cells[0].significance])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(view.protocols.at(-1)).toMatchObject({ protocol: null, rows: [3, 4] });
    const best = view.rows.filter(({ cells }) => cells[0].mark === 'best');
    expect(best.map(({ program }) => program)).toEqual([null]);
    expect(await client.compare.slices({ runs: theirs })).toEqual([]);
  });

  it('sets a run against the best fitted baseline of its protocol, as the table does', async () => {
    const { client, hub } = await startShell();
    const metric = 'test/ndcg@10';
    /** A baseline with a validation value, better by the test than by that. */
    const fitted = (model: string, seed: number, skill: number, valid: number, extra: object = {}) => {
      const run = someRun(model, model, seed, skill, extra);
      return { ...run, metrics: { ...run.metrics, 'valid/ndcg@10': valid } };
    };
    const unlike = { protocol: { ...protocol, split: 'leave-last-out-without-validation' } };
    const unknown = { protocol: { ...protocol, unknownSources: ['content: a file'] } };
    const [popularity, sasrec, , bprmf, ease, elsewhere, knn] = fill(hub.store, [
      fitted('popularity', 1, 1, 0.05),
      ...runs.slice(1),
      fitted('ease', 1, 2, 0.2),
      fitted('itemknn', 1, 4, 0.9, unlike),
      // Better by the test: with less on the validation items, without any, or with sources that may have seen the test.
      fitted('itemknn', 2, 4, 0.1),
      someRun('itemknn', 'itemknn', 3, 5),
      fitted('content-knn', 1, 5, 0.9, unknown),
    ]);
    const toBaseline = (run: string) => client.compare.toBaseline({ run, metric });
    const { view } = await table(client, { runs: [ease, sasrec], baseline: ease, metrics: [metric] });
    const { delta, deltaPercent, significance } = view.rows[1].cells[0];
    const { interval, against } = await toBaseline(sasrec);
    expect(against).toEqual({ id: ease, name: 'ease', model: 'ease', delta, deltaPercent, significance });
    const { [metric]: own, ...others } = await client.compare.intervals({ run: sasrec });
    expect(own).toEqual(interval);
    expect(Object.keys(others).length).toBeGreaterThan(1);
    const [low = 1, high = 0] = interval ?? [];
    const value = hub.store.runs.get(sasrec).metrics[metric];
    expect([low < value, value < high, high - low < 0.1]).toEqual([true, true, true]);
    expect((await toBaseline(popularity)).against?.id).toBe(ease);
    // The table takes the same one where no run is of the usual model.
    const usual = await table(client, { runs: [bprmf, popularity, knn, ease] });
    expect(usual.view.rows.find(({ isBaseline }) => isBaseline)?.id).toBe(ease);
    // And so does what is made of it.
    const look = { runs: [popularity, knn, ease], baseline: undefined };
    expect(shownBaseline(hub.store, look)).toBe(ease);
    expect(shownBaseline(hub.store, { ...look, baseline: null })).toBe(null);
    // The baseline itself, and what alone has its protocol, have nothing to stand against.
    expect([(await toBaseline(ease)).against, (await toBaseline(elsewhere)).against]).toEqual([null, null]);
  });

  it('gives the curves of one metric, and reports with what was chosen of them', async () => {
    const { client, hub } = await startShell();
    const ids = fill(hub.store, runs);
    const { metrics, curves } = await client.compare.curves({ runs: ids, pixels: 10 });
    expect(metrics).toContain('train/loss');
    expect(curves.map(({ run }) => run)).toEqual(ids);
    expect(Math.max(...curves.map(({ steps }) => steps.length))).toBeLessThanOrEqual(20);
    const report = (choice: object) =>
      client.compare.report({ runs: ids, format: 'html', title: 'Ours <b>', ...choice });
    const whole = (
      await report({ published: ['tiger'], parts: REPORT_PARTS.filter((part) => part !== 'slices') })
    ).text;
    for (const heading of [
      'Ours &lt;b&gt;',
      'Validation NDCG@10 by epoch',
      'Runs and their configs',
      'Published: TIGER',
      'Seeds',
    ]) {
      expect(whole).toContain(heading);
    }
    const brief = (await report({ parts: ['curves'], facts: ['parameters'], curves: ['train/loss'] })).text;
    expect(brief).toContain('Training loss by epoch');
    for (const heading of [
      'Environment',
      'Difference to',
      '<th>Seeds',
      'Published:',
      'Validation NDCG@10 by epoch',
    ]) {
      expect(brief).not.toContain(heading);
    }
    const saved = await client.comparisons.save({
      name: 'Two of them',
      notes: 'Kept.',
      runs: ids.slice(0, 2),
    });
    expect(await client.compare.beside()).toEqual([
      { kind: 'comparison', id: saved.id, name: 'Two of them' },
    ]);
    const joined = await report({ also: [{ kind: 'comparison', id: saved.id }], text: 'Ours alone.' });
    const [page, ...chapters] = joined.text.split('<article>');
    expect(page).toMatch(/<h1>Ours &lt;b&gt;<\/h1>[\s\S]*Ours alone\.[\s\S]*Two of them/);
    expect(chapters.map((chapter) => [/Kept\./.test(chapter), /Ours alone/.test(chapter)])).toEqual([
      [false, false],
      [true, false],
    ]);
    await expect(report({ also: [{ kind: 'comparison', id: 'gone' }] })).rejects.toThrow(
      /no saved comparison/,
    );
    await expect(
      report({ format: 'latex', title: undefined, also: [{ kind: 'comparison', id: saved.id }] }),
    ).rejects.toThrow(/the format latex has no place for further parts; choose html or/);
    await expect(report({ also: [{ kind: 'sweep', id: 'gone' }] })).rejects.toThrow(/no sweep "gone"/);
    await expect(report({ published: ['nobody'] })).rejects.toThrow(/no published results of "nobody"/);
  });
});

it('a compared run knows the versions that trained it', () => {
  const store = temporaryStore();
  store.datasets.add(dataset);
  const { id } = store.runs.create(newRun(dataset, { name: 'resumed' }));
  store.lifecycle.begin(id, null, { version: '0.1.0' });
  store.lifecycle.end(id, 'interrupted', null);
  store.lifecycle.begin(id, 3, { version: '0.2.0' });
  store.runs.setResult(id, RESULT, '');
  store.lifecycle.end(id, 'completed', null);
  expect(comparedRuns(store, [id]).map(({ versions }) => versions)).toEqual([['0.1.0', '0.2.0']]);
});

it('a comparison has the ranks of two rows in memory at a time, and the result that it has with those of all', async () => {
  const store = temporaryStore();
  const users = 10_000;
  const ids = fill(
    store,
    Array.from({ length: 10 }, (_, at) => {
      const test = someRanks(at, 1 + (at % 3), users - at);
      const ranks = [{ ...someRanks(at, 1, users), split: 'valid' as const }, test];
      const metrics = Object.assign({}, ...ranks.map((split) => rankMetrics(split)));
      return someRun(`${at}`, at < 2 ? 'sasrec' : `model-${at}`, at, 2, { ranks, metrics });
    }),
  );
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const ofRun = 2 * 4 * Int32Array.BYTES_PER_ELEMENT * users;
  const before = held();
  let most = 0;
  const onProgress = () => {
    most = Math.max(most, held() - before);
  };
  const records = ids.map((id) => store.runs.get(id));
  const options = { baseline: ids[0], metrics: ['test/ndcg@10', 'valid/hr@10'] };
  const { rows, warnings } = await compared(store, options, records, { onProgress });
  // All at once would be ten; what shares the process holds some, too.
  expect(most).toBeLessThan(5 * ofRun);
  await expect.poll(() => held() - before).toBeLessThan(ofRun);
  const atOnce = comparedRuns(store, ids).map((run) => ({ ...run, ranks: [...(run.ranks ?? [])] }));
  const whole = compareRuns(atOnce, options);
  expect(rows.map(({ cells }) => cells)).toEqual(whole.rows.map(({ cells }) => cells));
  expect(rows.filter(({ cells }) => cells.every(({ significance }) => significance)).length).toBe(8);
  expect(warnings).toEqual(whole.warnings);
});

it('a comparison reads from the folder as it is open now, and not from where it was open before', async () => {
  const home = temporaryHome();
  const opened = () => temporaryStore(home);
  const before = opened();
  const ids = fill(before, runs);
  const of = (store: Store) => compared(store, {}, store.runs.named(ids), {});
  await of(before);
  before.close();
  const { rows } = await of(opened());
  expect(rows.flatMap((row) => row.runs.map(({ ranks }) => [...(ranks ?? [])].length))).toEqual([1, 1, 1, 1]);
});
