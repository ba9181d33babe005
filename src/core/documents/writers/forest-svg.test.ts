import { expect, it } from 'vitest';
import { forestCell, forestHead } from './forest-svg.ts';

it('writes the ticks of a forest as they are, whatever decimals its metric has', () => {
  const textsOf = (most: number) => {
    const scale = { low: -most, high: most, ticks: [-most, 0, most], clipped: new Set<string>() };
    const head = forestHead({ decimals: 1, scale });
    return [...head.matchAll(/>([^<]*)<\/text>/g)].map(([, text]) => text);
  };
  expect([20, 0.1, 100].map(textsOf)).toEqual([
    ['−20', '0', '20'],
    ['−0.1', '0', '0.1'],
    ['−100', '0', '100'],
  ]);
});

it('leaves out the number of an end that another one is too near to', () => {
  const ticks = [-0.05, -0.045, -0.04, 0, 0.01];
  const scale = { low: -0.051, high: 0.015, ticks, clipped: new Set<string>() };
  const head = forestHead({ decimals: 4, scale, width: 600 });
  const places = [...head.matchAll(/x="([\d.]+)"/g)].map(([, x]) => Number(x));
  const apart = places.slice(1).map((x, at) => x - places[at]);
  expect(Math.min(...apart)).toBeGreaterThanOrEqual(44);
});

it('draws an interval filled where it leaves out 0, and without one or off the axis no ends', () => {
  const scale = { low: -1, high: 1, ticks: [0], clipped: new Set(['far']) };
  const row = { id: 'a', difference: 0.5, low: 0.2, high: 0.8, colour: 'var(--c2)' };
  const tile = (changes: Partial<typeof row>) => {
    const drawn = forestCell({ scale, decimals: 2, width: 200 }, { ...row, ...changes });
    return [drawn.match(/<rect.*fill: ([^;]*)/)?.[1], drawn.match(/<path/g)?.length];
  };
  // The line of no difference, the interval and its ends.
  expect(tile({})).toEqual(['var(--c2)', 4]);
  expect(tile({ low: -0.1 })).toEqual(['var(--page)', 4]);
  expect(tile({ low: 0.5, high: 0.5 })).toEqual(['var(--page)', 1]);
  expect(tile({ id: 'far' })).toEqual([undefined, 3]);
  const published = (at: number) =>
    forestCell({ scale, decimals: 2 }, { published: at }).match(/<path/g)?.length;
  expect([0.5, 1.5].map(published)).toEqual([2, 1]);
});
