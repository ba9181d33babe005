import { expect, test } from 'vitest';
import { openDevice } from '../engine/index.ts';
import { invertSymmetric } from './invert.ts';
import { Random } from './random.ts';

test.each([1, 7, 300, 700])('inverts a random positive definite matrix of size %i', async (n) => {
  const random = new Random(n);
  const factor = Float64Array.from({ length: n * n }, () => random.normal());
  const matrix = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? n : 0;
      for (let k = 0; k < Math.min(n, 20); k++) sum += factor[i * n + k] * factor[j * n + k];
      matrix[i * n + j] = sum;
    }
  }
  const inverse = matrix.slice();
  const { context } = await openDevice('cpu', { threads: 2 });
  await invertSymmetric(inverse, n, context, () => {});
  await context.dispose();
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += matrix[i * n + k] * inverse[k * n + j];
      worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
    }
  }
  expect(worst).toBeLessThan(1e-4);
});
