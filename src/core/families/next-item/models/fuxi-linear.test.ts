import { expect, it } from 'vitest';
import { resolveConfig } from '../../registry.ts';

const given = (overrides: Record<string, unknown>) => () => resolveConfig('fuxi-linear', { overrides });

it('refuses periods that cannot share the values or are longer than times, and odd vectors of positions', () => {
  expect(given({ periods: 5 })).toThrow('set periods to a divisor of half of it');
  expect(given({ heads: 2, dv: 5, periods: 5 })).not.toThrow();
  expect(given({ dv: 1, periods: 1 })).toThrow(/"periods"/);
  expect(given({ positionDim: 7 })).toThrow(/"positionDim".*set an even width/);
  // 2^31 seconds with the default base and periods; times reach to a second less.
  expect(given({ firstPeriod: 9 })).not.toThrow();
  expect(given({ firstPeriod: 10 })).toThrow('set fewer periods, or a lower periodStride');
  expect(given({ periodBase: 1 })).toThrow(/"periodBase"/);
  expect(given({ normaliser: 211 })).toThrow(/normaliser/);
});
