import { expect, it } from 'vitest';
import { curvePanels, panelsOf } from './curve-panels.ts';

const series = (metric: string) => ({ metric, steps: [1, 2], epochs: [1, 2], times: [0, 9], values: [3, 4] });
const METRICS = ['train/loss', 'valid/hr@10', 'valid/mrr', 'valid/ndcg@10', 'valid/ndcg@50'];

it('shows the metric that says how good a run is first and its loss last, with other runs dashed beside it', () => {
  const run = { id: 'a', name: 'sasrec-1', model: 'sasrec', dataset: null, selectedEpoch: 2 };
  const added = [{ id: 'b', label: { title: 'HSTU', detail: 'dim 64' }, model: 'hstu' }];
  const data = ['a', 'b'].map((id) => ({ run: id, series: METRICS.map(series) }));
  const panels = curvePanels(run, added, METRICS, data, 'light');
  expect(panels.map(({ title }) => title)).toEqual(['NDCG', 'HR', 'MRR', 'Loss']);
  const [ndcg, hr] = panels;
  expect(hr.series.map(({ label, dashed, chosen }) => [label, dashed, chosen])).toEqual([
    ['sasrec-1', false, 2],
    ['HSTU, dim 64', true, null],
  ]);
  expect(ndcg.series.map(({ label }) => label)).toEqual([
    'validation @10',
    'validation @50',
    'HSTU, dim 64, validation @10',
    'HSTU, dim 64, validation @50',
  ]);
  const colours = new Set(hr.series.map(({ colour }) => colour));
  expect(colours.size).toBe(2);
});

it('draws no other run in the colour of a further metric', () => {
  const run = { id: '2a', name: 'sasrec-1', model: 'sasrec', dataset: null, selectedEpoch: 2 };
  const added = [{ id: '2b', label: { title: 'SASRec', detail: 'seed 2' }, model: 'sasrec' }];
  const data = ['2a', '2b'].map((id) => ({ run: id, series: METRICS.map(series) }));
  const [ndcg] = curvePanels(run, added, METRICS, data, 'light');
  const [first, second, other] = ndcg.series.map(({ colour }) => colour);
  expect(new Set([first, second, other]).size).toBe(3);
});

it('of one measure share a panel, whatever their split and cut-off', () => {
  const panels = panelsOf(['train/loss', 'valid/ndcg@10', 'valid/hr@10', 'valid/ndcg@50']);
  expect(panels.map(({ title, metrics }) => [title, metrics.length])).toEqual([
    ['Loss', 1],
    ['NDCG', 2],
    ['HR', 1],
  ]);
});

it('calls a panel what its metric is called', () => {
  expect(panelsOf(['valid/id-hr@10', 'valid/logloss']).map(({ title }) => title)).toEqual([
    'ID HR',
    'Log-loss',
  ]);
});

it('draws the limits of a training by reward as level lines, where it has some', () => {
  const run = { id: 'a', name: 'r', model: 'rewarded', dataset: null, selectedEpoch: null };
  const metrics = ['train/kl', 'train/distinct'];
  const data = [{ run: 'a', series: metrics.map(series) }];
  const levels = (config: Record<string, unknown>) =>
    curvePanels({ ...run, config }, [], metrics, data, 'light').map(({ title, levels: drawn = [] }) => [
      title,
      ...drawn.map(({ value }) => value),
    ]);
  expect(levels({ klLimit: 0.08, leastDistinct: 0 })).toEqual([
    ['Divergence from the start', 0.08],
    ['Distinct IDs'],
  ]);
});
