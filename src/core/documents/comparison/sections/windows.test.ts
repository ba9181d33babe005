import { expect, it } from 'vitest';
import { protocol, someRun } from '../../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison.ts';
import { windowSections } from './windows.ts';

const inWindow = (name: string, model: string, skill: number, window: number) => {
  const run = someRun(`${name}-w${window}`, model, 1, skill);
  return {
    ...run,
    id: `${run.id}-${window}`,
    config: { ...run.config, window },
    protocol: { ...protocol, split: 'windows' as const, windows: 3, window },
    metrics: { ...run.metrics, 'test/ndcg@10': 0.1 * window },
  };
};

it('a model of several windows has its values beside each other, with their mean and spread', () => {
  const runs = [1, 2, 3].flatMap((window) => [
    inWindow('a', 'sasrec', 2, window),
    inWindow('b', 'hstu', 3, window),
  ]);
  const [section, ...others] = windowSections(
    compareRuns(runs.slice(0, 5), { resamples: 50, metrics: ['ndcg@10'] }),
  );
  expect(others).toEqual([]);
  expect(section.table?.headings.slice(2)).toEqual([
    'Window 1',
    'Window 2',
    'Window 3',
    'Mean',
    'Spread',
    'Windows',
  ]);
  expect(section.table?.lines.map((line) => line.slice(2))).toEqual([
    ['0.1000', '0.2000', '0.3000', '0.2000', '0.1000', '3 of 3'],
    ['0.1000', '0.2000', '–', '0.1500', '0.0707', '2 of 3'],
  ]);
});

it('rows of one window, of other settings and of other splits make no such table', () => {
  const [one, other] = [inWindow('a', 'sasrec', 2, 1), inWindow('a', 'sasrec', 3, 2)];
  for (const runs of [[one], [one, other], [one, someRun('c', 'sasrec', 1, 2)]])
    expect(windowSections(compareRuns(runs, { resamples: 50, metrics: ['ndcg@10'] }))).toEqual([]);
});
