import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as tf from '../engine/tf.ts';
import { sinkhornLogPlan } from '../layers/vector-quantisation.ts';
import { codesOfPlan, sinkhornPlan } from './sinkhorn.ts';

test('the plan gives every code the same share and every item nearly one whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.float({ min: 0, max: 50, noNaN: true }), { minLength: 6, maxLength: 120 }),
      (k, values) => {
        const rows = Math.floor(values.length / k);
        const distances = Float32Array.from(values.slice(0, rows * k));
        const plan = sinkhornPlan(distances, k, { epsilon: 0.5, iterations: 200 });
        for (let code = 0; code < k; code++) {
          let share = 0;
          for (let row = 0; row < rows; row++) share += plan[row * k + code];
          expect(share).toBeCloseTo(rows / k, 9);
        }
        for (let row = 0; row < rows; row++) {
          const whole = plan.subarray(row * k, (row + 1) * k).reduce((sum, part) => sum + part, 0);
          expect(whole).toBeCloseTo(1, 3);
        }
      },
    ),
  );
});

test('the plan is that of the training graph', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 5, maxLength: 60 }),
      fc.record({ epsilon: fc.constantFrom(0.1, 0.5, 1), iterations: fc.integer({ min: 1, max: 30 }) }),
      (k, values, options) => {
        const rows = Math.floor(values.length / k);
        const distances = Float32Array.from(values.slice(0, rows * k), (value) => value / 10);
        const logarithms = sinkhornLogPlan(tf.tensor2d(distances, [rows, k]), options).dataSync();
        sinkhornPlan(distances, k, options).forEach((part, at) => {
          expect(part).toBeCloseTo(Math.exp(logarithms[at]), 4);
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('items that all want one code are spread, those that want it least going first', () => {
  const distances = Float32Array.from([1, 2, 1, 3, 1, 4, 1, 5]);
  const codes = codesOfPlan(sinkhornPlan(distances, 2, { epsilon: 0.05, iterations: 500 }), 2);
  expect([...codes]).toEqual([1, 1, 0, 0]);
});
