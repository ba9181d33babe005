import { expect, test } from 'vitest';
import { learningRateAt } from './schedule.ts';

const base = { learningRate: 2, warmupSteps: 10 };

test.each(['constant', 'linear', 'cosine', 'inverse-sqrt'] as const)(
  '%s grows to its peak and never passes it',
  (schedule) => {
    const rates = Array.from({ length: 100 }, (_, i) => learningRateAt({ ...base, schedule }, i + 1, 100));
    expect(rates[0]).toBeCloseTo(0.2, 12);
    expect(rates[9]).toBe(2);
    expect(Math.max(...rates)).toBe(2);
    for (let i = 11; i < 100; i++) expect(rates[i]).toBeLessThanOrEqual(rates[i - 1]);
  },
);

test('linear and cosine end at zero, inverse-sqrt halves at four times the warm-up', () => {
  expect(learningRateAt({ ...base, schedule: 'linear' }, 100, 100)).toBe(0);
  expect(learningRateAt({ ...base, schedule: 'cosine' }, 100, 100)).toBeCloseTo(0, 12);
  expect(learningRateAt({ ...base, schedule: 'inverse-sqrt' }, 40, 100)).toBeCloseTo(1, 12);
  expect(learningRateAt({ learningRate: 2, warmupSteps: 0, schedule: 'constant' }, 1, 100)).toBe(2);
});
