import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, difference, evaluate, f, given, i } from '../../../test/engine/conformance.ts';
import { deviceChecks } from '../engine/devices/checks.ts';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { openDevice, realRows, type Tensors } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { record } from '../engine/tracer.ts';
import { catalogueCrossEntropy, sampledCrossEntropy } from './losses.ts';

type Loss = (states: Tensor, vectors: Tensor, targets: Tensor, negatives: Tensor, weights: Tensor) => Tensor;

/** The definition, with a vector for every class of every token. */
const plainSampled: Loss = (states, vectors, targets, negatives, weights) => {
  const classes = tf.concat([tf.expandDims(targets, 1), negatives], 1);
  const logits = tf.sum(tf.mul(tf.gather(vectors, classes), tf.expandDims(states, 1)), -1);
  const same = tf.cast(tf.equal(negatives, tf.expandDims(targets, 1)), 'float32');
  const masked = tf.add(
    logits,
    tf.mul(
      -1e9,
      tf.pad(same, [
        [0, 0],
        [1, 0],
      ]),
    ),
  );
  return weightedFirst(tf.logSoftmax(masked), weights);
};

const plainKept: Loss = (states, vectors, targets, negatives, weights) => {
  const classes = tf.concat([tf.expandDims(targets, 1), negatives], 1);
  const logits = tf.sum(tf.mul(tf.gather(vectors, classes), tf.expandDims(states, 1)), -1);
  return weightedFirst(tf.logSoftmax(logits), weights);
};

const plainCatalogue: Loss = (states, vectors, targets, _, weights) => {
  const logProbabilities = tf.logSoftmax(tf.matMul(states, vectors, false, true));
  const items = tf.tensor(
    Int32Array.from({ length: vectors.shape[0] }, (_, k) => k),
    [1, vectors.shape[0]],
    'int32',
  );
  const ofTarget = tf.cast(tf.equal(tf.expandDims(targets, 1), items), 'float32');
  return weightedFirst(tf.sum(tf.mul(logProbabilities, ofTarget), -1, true), weights);
};

function weightedFirst(logProbabilities: Tensor, weights: Tensor): Tensor {
  const first = tf.slice(logProbabilities, [0, 0], [weights.shape[0], 1]);
  return tf.neg(tf.sum(tf.mul(tf.reshape(first, [-1]) as Tensor1D, weights)));
}

const kinds: [string, Loss, Loss][] = [
  ['sampled', sampledCrossEntropy, plainSampled],
  ['sampled, targets kept', (...given) => sampledCrossEntropy(...given, { keepsTarget: true }), plainKept],
  ['catalogue', (h, v, targets, _, weights) => catalogueCrossEntropy(h, v, targets, weights), plainCatalogue],
  [
    'catalogue, of real tokens alone',
    (h, v, targets, _, weights) => {
      const real = realRows(weights);
      return catalogueCrossEntropy(real(h), v, real(targets), real(weights), { allReal: true });
    },
    plainCatalogue,
  ],
];

/** Enough rows for three chunks of 256 tokens; the real tokens end inside the second, so that the last is empty. */
const [tokens, rows] = [700, 4100];
const inChunks: Case['inputs'] = {
  states: f([tokens, 4]),
  vectors: f([rows, 4]),
  targets: i([tokens], 0, rows),
  negatives: i([tokens, 5], 0, rows),
  weights: given(
    'float32',
    [tokens],
    Array.from({ length: tokens }, (_, k) => (k % 2) * 0.01),
  ),
};

/** Rows of a few tokens are gathered at a time, and added for a few of those. */
const inGroups: Case['inputs'] = {
  states: f([120, 256], -0.2, 0.2),
  vectors: f([33_000, 256], -0.2, 0.2),
  targets: i([120], 0, 33_000),
  negatives: i([120, 100], 0, 33_000),
  weights: given('float32', [120], new Array<number>(120).fill(0.01)),
};

/** So many negatives that products with the whole table are cheaper than to gather rows. */
const many: Case['inputs'] = { ...inChunks, negatives: i([tokens, 120], 0, rows) };

/** So few that the rows are gathered; some repeat, some equal their positive. */
const few: Case['inputs'] = {
  states: f([5, 3]),
  vectors: f([300, 3]),
  targets: given('int32', [5], [2, 0, 299, 1, 3]),
  negatives: given('int32', [5, 3], [2, 4, 4, 1, 1, 1, 0, 299, 0, 1, 1, 1, 0, 2, 4]),
  weights: given('float32', [5], [0.5, 0.25, 0, 0.125, 0]),
};

/** Padding between the tokens, repeated negatives, some equal to their positive, a token without another class. */
const padded: Case['inputs'] = {
  states: f([5, 3]),
  vectors: f([6, 3]),
  targets: given('int32', [5], [2, 0, 5, 1, 3]),
  negatives: given('int32', [5, 3], [2, 4, 4, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 2, 4]),
  weights: given('float32', [5], [0.5, 0.25, 0, 0.125, 0]),
};

function cases(inputs: Case['inputs'], chosen: (fused: Loss, plain: Loss) => Loss): Case[] {
  return kinds.map(([name, fused, plain]) => ({
    name,
    inputs,
    run: (fed) => {
      const loss = chosen(fused, plain)(fed.states, fed.vectors, fed.targets, fed.negatives, fed.weights);
      // The gradient that arrives is not 1.
      return tf.mul(loss, 3);
    },
    gradients: ['states', 'vectors'],
  }));
}

const webgpu = await deviceChecks.check('webgpu');

describe('softmax losses', () => {
  let cpu: OnnxDeviceContext;
  beforeAll(() => {
    cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 2, stateOnDevice: false });
  });
  afterAll(() => cpu.dispose());

  it.each([
    ['eagerly', padded, () => new EagerDeviceContext('tfjs-gpu', 'cpu')],
    ['traced', padded, () => cpu],
    ['eagerly, gathered', few, () => new EagerDeviceContext('tfjs-gpu', 'cpu')],
    ['traced, gathered', few, () => cpu],
    ['traced, gathered in chunks', inChunks, () => cpu],
    ['traced, in chunks', many, () => cpu],
  ] as const)('equal their definitions %s, gradients included', async (_, inputs, device) => {
    const actual = await evaluate(
      device(),
      cases(inputs, (fused) => fused),
    );
    const expected = await evaluate(
      cpu,
      cases(inputs, (_fused, plain) => plain),
    );
    expect(Object.keys(expected)).toHaveLength(3 * kinds.length);
    for (const [name, { values }] of Object.entries(expected)) {
      expect(difference(actual[name].values, values, 1e-5), name).toBeNull();
    }
  });

  it('of a table whose first rows are only read equals that of the whole one, gradients of the others included', async () => {
    const large = { ...inChunks, vectors: f([100, 4]), before: f([rows - 100, 4]) };
    const short = { ...padded, vectors: f([2, 3]), before: f([4, 3]) };
    const run = (whole: boolean, inputs: Case['inputs']): Case => ({
      ...{ name: 'before', gradients: ['states', 'vectors'], inputs },
      run: ({ states, vectors, before, targets, weights }) =>
        tf.mul(
          whole
            ? catalogueCrossEntropy(states, tf.concat([before, vectors], 0), targets, weights)
            : catalogueCrossEntropy(states, vectors, targets, weights, { before }),
          3,
        ),
    });
    const eager = new EagerDeviceContext('tfjs-gpu', 'cpu');
    for (const [device, inputs] of [
      [cpu, large],
      [cpu, short],
      [eager, short],
    ] as const) {
      const whole = await evaluate(cpu, [run(true, inputs)]);
      const found = await evaluate(device, [run(false, inputs)]);
      for (const [name, { values }] of Object.entries(whole))
        expect(difference(found[name].values, values, 1e-5), name).toBeNull();
    }
  });

  it('of a table that is only read computes no gradient for it', async () => {
    const run = (frozen: boolean): Case => ({
      ...{ name: 'frozen', inputs: inChunks, gradients: ['states'] },
      run: ({ states, vectors, targets, weights }) =>
        catalogueCrossEntropy(states, vectors, targets, weights, { frozen }),
    });
    const [frozen, whole] = await Promise.all([true, false].map((of) => evaluate(cpu, [run(of)])));
    for (const [name, { values }] of Object.entries(whole))
      expect(difference(frozen[name].values, values, 1e-6), name).toBeNull();
    // A chunk is one product of states and table; what the gradient of the table is the sum of are others.
    const products = (of: boolean) => {
      const { inputs } = run(of);
      const toStates = (_: Tensors, fed: Tensors) => {
        const loss = (states: Tensor) => run(of).run({ ...fed, states }) as tf.Scalar;
        return { outputs: { toStates: tf.grad(loss)(fed.states) } };
      };
      const program = { name: 'products', state: {}, inputs, run: toStates };
      const { nodes } = record(program, { dynamicSizes: true }).graph;
      return nodes.filter(({ opType }) => opType === 'FusedMatMul').length;
    };
    expect([products(true), products(false)]).toEqual([3, 6]);
  });

  it('equals its definition where few tokens are gathered at a time, and added for a few of those', async () => {
    const [sampled, plain] = [cases(inGroups, (fused) => fused), cases(inGroups, (_fused, plain) => plain)];
    const actual = await evaluate(cpu, sampled.slice(0, 1));
    const expected = await evaluate(cpu, plain.slice(0, 1));
    expect(Object.keys(expected)).toHaveLength(3);
    for (const [name, { values }] of Object.entries(expected))
      expect(difference(actual[name].values, values, 1e-5), name).toBeNull();
  });

  it('give the same bits on one thread and on two, though negatives repeat', async () => {
    const crowded = { ...inChunks, negatives: i([tokens, 40], 0, 6) };
    const one = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    const both = await Promise.all(
      [one, cpu].map((device) =>
        evaluate(
          device,
          cases(crowded, (fused) => fused),
        ),
      ),
    );
    for (const [name, { values }] of Object.entries(both[0]))
      expect(both[1][name].values, name).toEqual(values);
    await one.dispose();
  });

  it.skipIf(!webgpu.usable)('equal their definitions on a GPU, where padding is computed too', async () => {
    const { context } = await openDevice('webgpu', { threads: 1 });
    for (const inputs of [padded, inChunks]) {
      const actual = await evaluate(
        context,
        cases(inputs, (fused) => fused),
      );
      const expected = await evaluate(
        cpu,
        cases(inputs, (_fused, plain) => plain),
      );
      for (const [name, { values }] of Object.entries(expected)) {
        expect(difference(actual[name].values, values, 1e-4), name).toBeNull();
      }
    }
    await context.dispose();
  });
});
