import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { type DeviceContext, float32, type HostArrays, type Program } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import {
  balancedCodes,
  countCodes,
  gumbelMixture,
  nearestCodes,
  quantiseResidually,
  type ResidualQuantiserOptions,
  rotateTo,
  sinkhornLogPlan,
  squaredDistances,
} from './vector-quantisation.ts';

const device = (): DeviceContext =>
  new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });

/** One run of ops on a device. */
async function compute(
  inputs: Record<string, { shape: number[]; data: Float32Array }>,
  run: Program['run'] extends (state: never, fed: infer T) => unknown
    ? (fed: T) => Record<string, tf.Tensor>
    : never,
  on: DeviceContext = device(),
): Promise<HostArrays> {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, float32(...shape)]),
  );
  const program: Program = {
    name: 'test',
    state: {},
    inputs: specs,
    run: (_, fed) => ({ state: {}, outputs: run(fed) }),
  };
  try {
    const executable = await on.compile(program);
    return await executable.run(
      Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])),
    );
  } finally {
    await on.dispose();
  }
}

function normals(seed: number, ...shape: number[]): { shape: number[]; data: Float32Array } {
  const random = new Random(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, () => random.normal()) };
}

const distance = (a: Float32Array, i: number, b: Float32Array, j: number, dim: number) =>
  Array.from({ length: dim }, (_, axis) => (a[i * dim + axis] - b[j * dim + axis]) ** 2).reduce(
    (s, d) => s + d,
    0,
  );

const sizes = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 30 }),
  codes: fc.integer({ min: 1, max: 20 }),
  dim: fc.integer({ min: 1, max: 6 }),
});

test('each level takes a code that none is nearer than, and leaves the difference', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async ({ seed, rows, codes, dim }) => {
      const [x, first, second] = [
        normals(seed, rows, dim),
        normals(seed + 1, codes, dim),
        normals(seed + 2, codes, dim),
      ];
      const options = { estimator: 'straight-through', crossing: 'once', sinkhorn: [null, null] } as const;
      const found = await compute({ x, first, second }, (fed) => {
        const quantised = quantiseResidually(fed.x, [fed.first, fed.second], options);
        const counts = countCodes(quantised.codes[0], codes);
        return {
          c0: quantised.codes[0],
          c1: quantised.codes[1],
          r1: quantised.residuals[1],
          sum: quantised.sum,
          counts,
        };
      });
      for (let row = 0; row < rows; row++) {
        for (const [residual, codebook, chosen] of [
          [x.data, first.data, found.c0[row]],
          [found.r1 as Float32Array, second.data, found.c1[row]],
        ] as const) {
          const own = distance(residual, row, codebook, chosen, dim);
          for (let code = 0; code < codes; code++) {
            expect(own).toBeLessThanOrEqual(distance(residual, row, codebook, code, dim) + 1e-5);
          }
        }
        for (let axis = 0; axis < dim; axis++) {
          const parts = first.data[found.c0[row] * dim + axis] + second.data[found.c1[row] * dim + axis];
          expect(found.sum[row * dim + axis]).toBeCloseTo(parts, 5);
        }
      }
      const expected = Array.from({ length: codes }, (_, code) => found.c0.filter((c) => c === code).length);
      expect([...found.counts]).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});

test('the balanced plan gives every code the same share and every row its whole weight', async () => {
  const [rows, codes, dim] = [24, 6, 3];
  const on = device();
  const executable = await on.compile({
    name: 'sinkhorn',
    state: {},
    inputs: { x: float32(rows, dim), codebook: float32(codes, dim) },
    run: (_, fed) => {
      const distances = squaredDistances(fed.x, fed.codebook);
      const plan = tf.exp(sinkhornLogPlan(distances, { epsilon: 0.2, iterations: 60 }));
      return { state: {}, outputs: { byRow: tf.sum(plan, 1), byCode: tf.sum(plan, 0) } };
    },
  });
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const [x, codebook] = [normals(seed, rows, dim).data, normals(seed + 1, codes, dim).data];
      const found = await executable.run({ x, codebook });
      for (const sum of found.byCode) expect(sum).toBeCloseTo(rows / codes, 3);
      for (const sum of found.byRow) expect(sum).toBeCloseTo(1, 2);
    }),
  );
  await on.dispose();
});

test('balancing spreads rows over codes of which one is nearest to all', async () => {
  const [rows, codes, dim] = [64, 8, 4];
  const codebook = normals(2, codes, dim);
  // All codes but the first are far away.
  for (let i = dim; i < codebook.data.length; i++) codebook.data[i] = codebook.data[i] * 0.1 + 5;
  const found = await compute({ x: normals(1, rows, dim), codebook }, (fed) => ({
    nearest: countCodes(nearestCodes(fed.x, fed.codebook), codes),
    balanced: countCodes(balancedCodes(fed.x, fed.codebook, { epsilon: 0.003, iterations: 100 }), codes),
  }));
  expect([...found.nearest]).toEqual([rows, 0, 0, 0, 0, 0, 0, 0]);
  for (const count of found.balanced) expect(count).toBeGreaterThan(0);
});

test('the rotation takes x to the vector and its gradient back, lengths scaled', async () => {
  const [x, vector, dy] = [normals(1, 5, 4), normals(2, 5, 4), normals(3, 5, 4)];
  const found = await compute({ x, vector, dy }, (fed) => ({
    value: rotateTo(fed.x, fed.vector),
    gradient: tf.grad((input: tf.Tensor) => tf.sum(tf.mul(rotateTo(input, fed.vector), fed.dy)))(fed.x),
  }));
  expect([...found.value]).toEqual([...vector.data]);
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>, row: number) =>
    [0, 1, 2, 3].reduce((sum, axis) => sum + a[row * 4 + axis] * b[row * 4 + axis], 0);
  for (let row = 0; row < 5; row++) {
    const scale = Math.sqrt(dot(vector.data, vector.data, row) / dot(x.data, x.data, row));
    // A rotation keeps lengths, and angles: dy stands to the vector as the gradient stands to x.
    expect(dot(found.gradient, found.gradient, row)).toBeCloseTo(scale ** 2 * dot(dy.data, dy.data, row), 3);
    expect(dot(found.gradient, x.data, row)).toBeCloseTo(dot(dy.data, vector.data, row), 3);
  }
});

const noise = {
  shape: [6, 5],
  data: Float32Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) / 30 + 0.01),
};

describe.each(['once', 'each-level'] as const)('gumbel-softmax, crossing %s', (crossing) => {
  test('the graph and its gradients are those of eager tfjs', async () => {
    const inputs = { x: normals(1, 6, 3), a: normals(2, 5, 3), b: normals(3, 5, 3), noise };
    const run = (fed: Record<string, tf.Tensor>) => {
      const options: ResidualQuantiserOptions = {
        estimator: 'gumbel-softmax',
        crossing,
        sinkhorn: [null, null],
        noise: { uniform: [fed.noise, fed.noise], temperature: tf.scalar(0.7) },
      };
      const sum = (...[x, a, b]: tf.Tensor[]) =>
        tf.sum(tf.square(quantiseResidually(x, [a, b], options).sum));
      const [x, a, b] = tf.grads(sum)([fed.x, fed.a, fed.b]);
      return { x, a, b };
    };
    const [traced, eager] = [
      await compute(inputs, run),
      await compute(inputs, run, new EagerDeviceContext('cpu', 'cpu')),
    ];
    for (const name of ['x', 'a', 'b']) {
      expect(Math.max(...traced[name].map(Math.abs))).toBeGreaterThan(0.01);
      for (const [i, value] of traced[name].entries()) expect(value).toBeCloseTo(eager[name][i], 4);
    }
  });
});

test('a cold mixture is the vector of the most likely code', async () => {
  const inputs = { x: normals(1, 6, 3), codebook: normals(2, 5, 3), noise };
  const found = await compute(inputs, (fed) => ({
    mixture: gumbelMixture(fed.x, fed.codebook, fed.noise, tf.scalar(1e-3)),
    distances: squaredDistances(fed.x, fed.codebook),
  }));
  for (let row = 0; row < 6; row++) {
    const scores = [0, 1, 2, 3, 4].map(
      (code) => -Math.log(-Math.log(noise.data[row * 5 + code])) - found.distances[row * 5 + code],
    );
    const code = scores.indexOf(Math.max(...scores));
    for (let axis = 0; axis < 3; axis++) {
      expect(found.mixture[row * 3 + axis]).toBeCloseTo(inputs.codebook.data[code * 3 + axis], 3);
    }
  }
});
