import { expect, it } from 'vitest';
import { protocol, someRun } from '../../../../../test/reports/runs.ts';
import type { Significance } from '../../../evaluation/paired/types.ts';
import { markedCell } from '../../document.ts';
import type { Comparison } from '../../types.ts';
import { drawOnPaper } from '../../writers/draw.ts';
import { writeComparison } from '../../writers/write.ts';
import { compareRuns } from '../comparison.ts';
import { besideSection, summarySections } from './summary.ts';

const dataset = { name: 'Toys', fingerprint: 'ab12' };

/** Rows of one NDCG@10 each, SASRec first as the baseline, with an interval and a finding for the others. */
function comparison(
  rows: Record<string, [ndcg: number, interval?: [number, number], significant?: boolean]>,
): Comparison {
  const runs = Object.entries(rows).map(([model, [ndcg]]) =>
    someRun(`${model}-Toys-seed1`, model, 1, 1, {
      dataset,
      ranks: null,
      metrics: { 'test/ndcg@10': ndcg, 'test/hr@10': 2 * ndcg },
    }),
  );
  const made = compareRuns(runs, { names: 'short', metrics: ['ndcg@10', 'hr@10'] });
  const base = made.rows[0].cells[0].mean ?? 0;
  for (const row of made.rows) {
    const [ndcg, interval, significant = false] = rows[row.model];
    if (!interval) continue;
    const tested = {
      interval,
      significant,
      difference: ndcg - base,
      holm: significant ? 0.01 : 0.06,
      unit: 'users',
    };
    row.cells[0].delta = ndcg - base;
    row.cells[0].significance = tested as Significance;
  }
  return made;
}

const MANY = {
  sasrec: [0.05],
  hstu: [0.052, [0.0003, 0.0037], false],
  tiger: [0.049, [-0.002, 0.0005], false],
  itemknn: [0.045, [-0.007, -0.003], true],
  popularity: [0.001, [-0.06, -0.04], true],
} satisfies Parameters<typeof comparison>[0];

it('the first table is sorted by the main metric and says where interval and test disagree', () => {
  const [main] = summarySections(comparison(MANY));
  expect(main.title).toBe('Test results, sorted by NDCG@10');
  expect(main.table?.headings).toEqual([
    'Model',
    'Seeds',
    'NDCG@10',
    'Δ',
    '95 % interval',
    'p',
    'HR@10',
    'p',
  ]);
  const lines = main.table?.lines.map((line) => line.map((cell) => markedCell(cell).text)) ?? [];
  expect(lines.map(([name]) => name)).toEqual(['HSTU', 'SASRec', 'TIGER', 'ItemKNN', 'Popularity']);
  expect(lines[0].slice(1)).toEqual(['1', '0.0520', '+0.0020', '[+0.0003, +0.0037]', '0.060', '0.1040', '–']);
  expect(lines[1].slice(2)).toEqual(['0.0500', '–', 'baseline', '', '0.1000', '']);
  expect(main.notes).toContain(
    'For HSTU the 95 % interval of NDCG@10 excludes 0 but the corrected test is not significant: counted as not significant.',
  );
  expect(main.notes?.join()).not.toContain('±');
});

it('the forest has hollow tiles where an interval crosses zero, and an arrow for what is off its scale', () => {
  const [, forest] = summarySections(comparison(MANY));
  const [{ spec }] = forest.figures ?? [];
  const points = spec.series.flatMap((one) => one.points);
  expect(points.map(({ y, hollow = false, shape, beyond }) => [y, shape ?? beyond ?? hollow])).toEqual([
    ['HSTU', false],
    ['TIGER', true],
    ['ItemKNN', false],
    ['Popularity', -1],
    ['SASRec', 'diamond'],
  ]);
  expect(spec.y).toMatchObject({
    strong: 'SASRec',
    names: ['HSTU', 'SASRec', 'TIGER', 'ItemKNN', 'Popularity'],
  });
  const svg = drawOnPaper(spec, 600);
  expect(svg).toContain('−0.0490, off the scale');
  expect(svg).not.toContain('<circle');
  // Nothing but numbers: one value leaves no mark out of the figure.
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

it('without a baseline there are values alone, and a single run has its table and protocol', () => {
  const alone = compareRuns([someRun('a', 'sasrec', 1, 1, { dataset })], { metrics: ['ndcg@10'] });
  expect(summarySections(alone).map(({ title }) => title)).toEqual([
    'Test results, sorted by NDCG@10',
    'Protocol',
  ]);
  expect(summarySections(alone)[0].table?.headings).toEqual(['Model', 'Seeds', 'NDCG@10']);
});

it('has a box for every protocol of its rows, that of the baseline first', () => {
  const ofFilter = (id: string, historyFilter: 'all' | 'none') =>
    someRun(id, 'sasrec', 1, 1, { dataset, protocol: { ...protocol, historyFilter } });
  const runs = [ofFilter('a', 'all'), ofFilter('b', 'none')];
  const two = compareRuns(runs, { metrics: ['ndcg@10'], baseline: 'b' });
  const boxes = summarySections(two).filter(({ isBox }) => isBox);
  expect(boxes.map(({ title }) => title)).toEqual(['Protocol B', 'Protocol A']);
  const [first, second] = boxes.map(({ blocks }) => JSON.stringify(blocks));
  expect(first).not.toBe(second);
});

it('beside a model stand its own paper and the range of all who ran it again', () => {
  const made = comparison({ sasrec: [0.05], hstu: [0.052] });
  const row = (isPaper: boolean, title: string, value: number) => ({
    ...{ isPaper, source: title, title, where: '' },
    values: { 'test/ndcg@10': value },
  });
  const beside = [[row(true, 'Paper', 0.04), row(false, 'Far', 0.02), row(false, 'Near', 0.049)], []];
  const [section] = besideSection(made, beside);
  expect(section.table?.lines.map((line) => line.map((cell) => markedCell(cell).text))).toEqual([
    ['SASRec', '0.0500', '0.0400', '0.0200 to 0.0490', 'Far; Near'],
  ]);
  expect(besideSection(made, [[], []])).toEqual([]);
});

it('a page opens with the answer, and has what was not asked for in no appendix', () => {
  const html = writeComparison(comparison(MANY), 'html', { draw: drawOnPaper });
  expect(html).toMatch(
    /<p class="kicker">Comparison of 5 models on Toys<\/p><h1>This run of HSTU and this run of SASRec cannot be told apart: no significant difference in NDCG@10<\/h1>/,
  );
  expect(html).toMatch(/<span class="soft">Table 1\.<\/span> Test results/);
  // Table and forest are one: a row has its interval, the baseline its mark, and what is off the scale its number.
  const cells = [...html.matchAll(/<td class="forest">(.*?)<\/td>/g)].map(([, cell]) => cell);
  expect(
    cells.map((cell) => [cell.includes('<rect'), cell.includes('<text'), cell.includes('var(--ink)')]),
  ).toEqual([
    [true, false, false],
    [false, false, true],
    [true, false, false],
    [true, false, false],
    [false, true, false],
  ]);
  expect(cells[2]).toContain('fill: var(--page)');
  expect(cells.join()).not.toMatch(/NaN|undefined|Infinity/);
  expect(html).not.toContain('Difference from SASRec in');
  expect(html).toContain('<h2>What should be doubted</h2>');
  expect(writeComparison(comparison(MANY), 'md')).toContain('\\[\\+0.0003, \\+0.0037\\]');
  expect(html).not.toContain('Appendix');
  expect(writeComparison(comparison(MANY), 'html', { parts: ['differences'] })).toMatch(
    /<h1 class="appendix">Appendix<\/h1><section><h2><span class="soft">Table 2\./,
  );
});
