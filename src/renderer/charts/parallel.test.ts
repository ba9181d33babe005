import { expect, it } from 'vitest';
import { keeps, keptBetween, keptBeyond, labelRows, lineAt, parallelScale, valueText } from './parallel.ts';

const rates = { id: 'lr', label: 'Learning rate', values: [0.001, 0.1, null, 0.01, 0.1], log: true };

it('keeps values, whatever the height at which they stand', () => {
  const low = parallelScale(rates, 0, 100);
  const high = parallelScale(rates, 40, 900);
  const kept = keptBetween(low, 0, 60);
  expect(kept).toEqual([0.01, 0.1]);
  for (const scale of [low, high]) {
    expect(rates.values.map((value) => keeps(scale, kept ?? undefined, value))).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  }
});

it('is moved and widened by keys, value by value', () => {
  const scale = parallelScale(rates, 0, 100);
  const first = keptBeyond(scale, undefined, 1, false);
  expect(first).toEqual([0.001, 0.001]);
  expect(keptBeyond(scale, first, 1, false)).toEqual([0.01, 0.01]);
  expect(keptBeyond(scale, first, 1, true)).toEqual([0.001, 0.01]);
  expect(keptBeyond(scale, first, -1, false)).toEqual(first);
  expect(keptBeyond(scale, undefined, -1, false)).toEqual([0.1, 0.1]);
});

it('tells what was set as it was set, and what was measured in even steps', () => {
  const scaleOf = (values: number[]) => parallelScale({ id: 'x', label: 'x', values }, 0, 380);
  expect(scaleOf([0.1, 0.2, 0.5]).ticks.map(({ text }) => text)).toEqual(['0.1', '0.2', '0.5']);
  expect(scaleOf([0.3281, 0.3679, 0.4012]).ticks.map(({ text }) => text)).toEqual([
    '0.34',
    '0.36',
    '0.38',
    '0.40',
  ]);
});

it('writes a value as it was set, or as its axis says', () => {
  const axis = { id: 'x', label: 'x', values: [2048, 1e-4, 512] };
  expect(parallelScale(axis, 0, 380).ticks.map(({ text }) => text)).toEqual(['0.0001', '512', '2048']);
  expect([2048, 'gelu', null].map((value) => valueText(axis, value))).toEqual(['2048', 'gelu', '–']);
  const measured = { ...axis, text: (value: number) => value.toFixed(4) };
  expect(valueText(measured, 0.0724857735595719)).toBe('0.0725');
});

it('keeps numbers among words', () => {
  const scale = parallelScale({ id: 'k', label: 'k', values: ['all', 10, 50, null] }, 0, 90);
  expect(['all', 10, 50, null].map((value) => keeps(scale, ['all', '10'], value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('labels that would print over each other stand in several rows', () => {
  expect(labelRows([50, 150, 250], [60, 80, 40])).toEqual([0, 0, 0]);
  expect(labelRows([64, 119, 174, 229], [32, 66, 58, 32])).toEqual([0, 1, 0, 0]);
  expect(labelRows([50, 60, 70], [90, 90, 90])).toEqual([0, 1, 2]);
  expect(labelRows([], [])).toEqual([]);
});

it('points at the nearest line, between the axes where it has values', () => {
  const level = (y: number | null) => [0, 100, 200].map((x) => [x, y] as const);
  const rising = [
    [0, 100],
    [100, 0],
    [200, null],
  ] as const;
  const lines = [level(60), rising, level(null)];
  expect([lineAt(lines, 50, 52), lineAt(lines, 20, 63), lineAt(lines, 150, 4)]).toEqual([1, 0, null]);
  expect([lineAt(lines, 50, 90), lineAt(lines, 250, 60), lineAt([], 5, 5)]).toEqual([null, null, null]);
});
