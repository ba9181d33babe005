import { expect, it } from 'vitest';
import { metricLayout, metricsBeside } from './metric-layout.ts';

it('gives a wide window to the forest, and what that does not take to further metrics', () => {
  const beside = (width: number, least = 1) => metricsBeside(width, { least, all: 4, rows: 8 });
  expect([1232, 1766, 1996, 2226, 4000].map((width) => beside(width))).toEqual([1, 1, 2, 3, 4]);
  expect(beside(900, 3)).toBe(3);
  expect(metricLayout(2226, 3, 8)).toMatchObject({ forest: 720, total: 2226 });
  expect(metricLayout(2352, 3, 8)).toMatchObject({ forest: 720, total: 2352 });
});

it('leaves out what only tests fill, where no row was tested', () => {
  const ids = (hasTests: boolean) => metricLayout(1232, 0, 3, { hasTests }).columns.map(({ id }) => id);
  expect(ids(true)).toEqual([
    'run',
    'seeds',
    'mean',
    'delta',
    'percent',
    'interval',
    'forest',
    'p',
    'verdict',
  ]);
  expect(ids(false)).toEqual(['run', 'seeds', 'mean', 'delta', 'percent', 'forest']);
  expect(metricLayout(1232, 1, 3, { hasTests: false }).total).toBe(1232);
});

it('gives the names of many rows the room that is left, and never makes a table of 1,440 pixels wider than its window', () => {
  const run = (width: number, rows: number) => metricLayout(width, 1, rows).columns[0].width;
  expect([run(1232, 8), run(1232, 20), run(2226, 20)]).toEqual([196, 218, 440]);
  expect(metricLayout(1232, 1, 20)).toMatchObject({ forest: 164, total: 1232 });
  const marked = metricLayout(1232, 1, 3, { isMarked: true });
  expect(marked).toMatchObject({ hasPercent: false, total: 1232 });
  expect(marked.columns[0].width).toBe(272);
  // A narrower one scrolls under the names.
  expect([run(900, 8), run(900, 20)]).toEqual([200, 264]);
});
