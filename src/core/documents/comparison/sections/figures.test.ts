import { expect, it } from 'vitest';
import { differencesFigure } from './figures.ts';

const POINTS = [
  { id: 'head', name: 'Head', difference: 0.01, low: 0.002, high: 0.018 },
  { id: 'tail', name: 'Tail', difference: 0, low: 0, high: 0 },
];

it.each([
  { numbered: true, drawn: ['+0.0100', '0.0000'] },
  { numbered: false, drawn: [undefined] },
])('a row without any difference is drawn where numbers say so: $numbered', ({ numbered, drawn }) => {
  const words = { title: 'Differences', description: '', fileName: '' };
  const { series } = differencesFigure({ ...words, points: POINTS, colours: new Map(), sign: 1, numbered });
  expect(series.flatMap(({ points }) => points.map(({ label }) => label))).toEqual(drawn);
});
