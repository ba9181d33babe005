import type { Tensor } from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../../../test/engine/conformance.ts';
import { b, difference, disagreements, evaluate, f, given, i } from '../../../../test/engine/conformance.ts';
import { deviceChecks } from '../devices/checks.ts';
import { EagerDeviceContext } from '../devices/eager.ts';
import { deviceKinds } from '../devices/kinds.ts';
import * as tf from '../tf.ts';
import { bool, float32, int32 } from '../types.ts';
import {
  countBelow,
  dropout,
  fillAlongRows,
  gatherRows,
  gelu,
  l2Normalize,
  layerNormalize,
  maskedRelu,
  takeAlongRows,
  tanhGelu,
} from './index.ts';

/** Each op beside the plain tfjs expression that it stands for, with tfjs's own gradient. */
interface OpCase extends Case {
  plain(inputs: Record<string, Tensor>): Tensor;
}

const plainNormalize = (x: Tensor): Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-3)));
};

const plainRows = (x: Tensor, ids: Tensor): Tensor => {
  const chosen = tf.oneHot(tf.cast(ids, 'int32') as tf.Tensor2D, x.shape[1] as number);
  return tf.sum(tf.mul(tf.cast(chosen, 'float32'), tf.expandDims(x, 1)), -1);
};

const table = (): Case['inputs'][string] => f([5, 3]);

const WORDS = Array.from(new Int32Array(11), (_, at) => 0x2000001 + 2 * ((at * 7_654_321) % 0x1000000));

/** 1 / (1 - rate) where a number is kept: the products in whole numbers of any size. */
const keptByWords = (shape: number[], words: number[], rate: number) => {
  const width = shape.at(-1) as number;
  const columns = words.slice(-width);
  return words.slice(0, -width).flatMap((row) =>
    columns.map((column) => {
      const product = BigInt.asIntN(32, BigInt(row) * BigInt(column));
      return Number(product) >= (rate - 0.5) * 2 ** 32 ? 1 / (1 - rate) : 0;
    }),
  );
};

const cases: OpCase[] = [
  {
    name: 'gatherRows',
    inputs: { x: table(), ids: i([2, 4, 3], 0, 5) },
    run: ({ x, ids }) => gatherRows(x, ids),
    plain: ({ x, ids }) => tf.gather(x, ids),
  },
  {
    name: 'gatherRows, one row many times',
    inputs: { x: table(), ids: given('int32', [6], [4, 4, 4, 0, 4, 4]) },
    run: ({ x, ids }) => gatherRows(x, ids),
    plain: ({ x, ids }) => tf.gather(x, ids),
  },
  {
    name: 'gatherRows of width one',
    inputs: { x: f([5, 1]), ids: i([3, 1], 0, 5) },
    run: ({ x, ids }) => gatherRows(x, ids),
    plain: ({ x, ids }) => tf.gather(x, ids),
  },
  ...[[4, 8], [2, 3, 8], [8]].map(
    (shape): OpCase => ({
      name: `layerNormalize [${shape}]`,
      inputs: { x: f(shape) },
      run: ({ x }) => layerNormalize(x, 1e-3),
      plain: ({ x }) => plainNormalize(x),
    }),
  ),
  // ONNX Runtime joins a sum with the normalisation of it.
  {
    name: 'layerNormalize of a sum',
    inputs: { x: f([2, 3, 8]), y: f([2, 3, 8]) },
    run: ({ x, y }) => tf.square(layerNormalize(tf.add(x, y), 1e-3)),
    plain: ({ x, y }) => tf.square(plainNormalize(tf.add(x, y))),
  },
  {
    name: 'layerNormalize of equal values',
    inputs: { x: given('float32', [2, 4], [3, 3, 3, 3, 0, 0, 0, 0]) },
    run: ({ x }) => layerNormalize(x, 1e-3),
    plain: ({ x }) => plainNormalize(x),
  },
  {
    name: 'l2Normalize',
    inputs: { x: f([3, 4, 5]) },
    run: ({ x }) => l2Normalize(x, 1e-6),
    plain: ({ x }) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true))),
  },
  {
    name: 'l2Normalize of short and zero rows',
    inputs: { x: given('float32', [3, 2], [0, 0, 0.03, -0.04, 0.1, 0]) },
    run: ({ x }) => l2Normalize(x, 0.25),
    plain: ({ x }) => tf.div(x, 0.25),
  },
  {
    name: 'dropout',
    inputs: { x: f([4, 6]), mask: b([4, 6]) },
    run: ({ x, mask }) => dropout(x, mask, 0.2),
    plain: ({ x, mask }) => tf.div(tf.mul(x, tf.cast(mask, 'float32')), 0.8),
  },
  {
    name: 'dropout with a gain',
    inputs: { x: f([4, 6]), mask: b([4, 6]) },
    run: ({ x, mask }) => dropout(x, mask, 0.2, 3),
    plain: ({ x, mask }) => tf.mul(tf.mul(x, tf.cast(mask, 'float32')), 3.75),
  },
  {
    name: 'gelu',
    inputs: { x: f([4, 6], -5, 5) },
    run: ({ x }) => gelu(x),
    plain: ({ x }) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
  },
  {
    name: 'tanhGelu',
    inputs: { x: f([4, 6], -5, 5) },
    run: ({ x }) => tanhGelu(x),
    plain: ({ x }) => {
      const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
      return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
    },
  },
  {
    name: 'maskedRelu',
    inputs: { x: f([4, 6]), mask: b([4, 6]) },
    run: ({ x, mask }) => maskedRelu(x, mask, 0.5),
    plain: ({ x, mask }) => tf.mul(tf.relu(x), tf.cast(mask, 'float32')),
  },
  {
    name: 'dropout by words',
    inputs: { x: f([2, 3, 5]), mask: given('int32', [11], WORDS) },
    run: ({ x, mask }) => dropout(x, mask, 0.3),
    plain: ({ x }) => tf.mul(x, tf.tensor(keptByWords([2, 3, 5], WORDS, 0.3), [2, 3, 5])),
  },
  {
    name: 'dropout without a mask',
    inputs: { x: f([4, 6]) },
    run: ({ x }) => dropout(x, undefined, 0.2),
    plain: ({ x }) => tf.clone(x),
  },
  {
    name: 'takeAlongRows',
    inputs: { x: f([4, 6]), ids: i([4, 3], 0, 6) },
    run: ({ x, ids }) => takeAlongRows(x, ids),
    plain: ({ x, ids }) => plainRows(x, ids),
  },
  {
    name: 'takeAlongRows, one column many times',
    inputs: { x: f([2, 3]), ids: given('int32', [2, 5], [1, 1, 1, 0, 1, 2, 2, 2, 2, 2]) },
    run: ({ x, ids }) => takeAlongRows(x, ids),
    plain: ({ x, ids }) => plainRows(x, ids),
  },
];

const webgpu = await deviceChecks.check('webgpu');

describe('fused ops', () => {
  it('equal the plain tfjs expressions they stand for, gradients included', async () => {
    const context = new EagerDeviceContext('tfjs-gpu', 'cpu');
    const actual = await evaluate(context, cases);
    const expected = await evaluate(
      context,
      cases.map((one) => ({ ...one, run: one.plain })),
    );
    for (const [name, { values, type }] of Object.entries(expected)) {
      expect(actual[name].type, name).toBe(type);
      expect(difference(actual[name].values, values, 1e-5), name).toBeNull();
    }
  });

  it.each(['cpu', 'webgpu'] as const)('compute the same on %s as eagerly', async (id) => {
    if (id === 'webgpu' && !webgpu.usable) {
      process.stderr.write(`fused ops skip webgpu: ${webgpu.detail}\n`);
      return;
    }
    const kind = deviceKinds.find((candidate) => candidate.id === id);
    const context = await kind?.open({ threads: 1 });
    if (!context) throw new Error(`no device ${id}`);
    expect(await disagreements(context, cases, id === 'cpu' ? 1e-5 : 1e-4)).toEqual([]);
    await context.dispose();
  });

  it.each(['cpu', 'eager'])('count what is lower, and no NaN, on %s', async (id) => {
    const cpu = deviceKinds.find((kind) => kind.id === 'cpu');
    const context =
      id === 'cpu' ? await cpu?.open({ threads: 1 }) : new EagerDeviceContext('tfjs-gpu', 'cpu');
    const executable = await context?.compile({
      name: 'count',
      state: {},
      inputs: { x: float32(2, 700), limit: float32(2, 1) },
      run: (_, { x, limit }) => ({ outputs: { below: countBelow(x, limit) } }),
    });
    const x = Float32Array.from({ length: 1400 }, (_, at) => at % 700);
    x.fill(Number.NaN, 700, 710);
    const outputs = await executable?.run({ x, limit: Float32Array.of(650, 20) });
    expect(Array.from(outputs?.below ?? [])).toEqual([650, 10]);
    await context?.dispose();
  });

  it.each(['cpu', 'eager'])('fill the named columns of some rows on %s', async (id) => {
    const cpu = deviceKinds.find((kind) => kind.id === 'cpu');
    const context =
      id === 'cpu' ? await cpu?.open({ threads: 1 }) : new EagerDeviceContext('tfjs-gpu', 'cpu');
    const executable = await context?.compile({
      name: 'fill',
      state: {},
      inputs: { x: float32(3, 4), ids: int32(3, 3), filled: bool(3, 1) },
      run: (_, { x, ids, filled }) => ({ outputs: { y: fillAlongRows(x, ids, -9, filled) } }),
    });
    const x = Float32Array.from({ length: 12 }, (_, at) => at);
    // The second row is not filled, and names one column for want of any, as a row without a filter does.
    const ids = Int32Array.of(3, 1, 3, 0, 0, 0, 2, 2, 2);
    const outputs = await executable?.run({ x, ids, filled: Uint8Array.of(1, 0, 1) });
    expect(Array.from(outputs?.y ?? [])).toEqual([0, -9, 2, -9, 4, 5, 6, 7, 8, 9, -9, 11]);
    await context?.dispose();
  });
});
