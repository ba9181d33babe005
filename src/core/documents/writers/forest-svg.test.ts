import { expect, it } from 'vitest';
import { forestHead } from './forest-svg.ts';

it('writes the ticks of a forest as they are, whatever decimals its metric has', () => {
  const textsOf = (most: number) => {
    const scale = { low: -most, high: most, ticks: [-most, 0, most], clipped: new Set<string>() };
    const head = forestHead({ at: 0, decimals: 1, marks: [], scale });
    return [...head.matchAll(/>([^<]*)<\/text>/g)].map(([, text]) => text);
  };
  expect([20, 0.1, 100].map(textsOf)).toEqual([
    ['−20', '0', '20'],
    ['−0.1', '0', '0.1'],
    ['−100', '0', '100'],
  ]);
});
