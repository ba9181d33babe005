/** Kernel cases for products, reductions, indexing and changes of shape. */
import * as tf from '../../src/core/engine/tf.ts';
import type { Case } from './conformance.ts';
import { b, f, given, i } from './conformance.ts';

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

function reductions(): Case[] {
  const ops: Record<string, Reduction> = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };
  const axes: (number | number[] | undefined)[] = [undefined, 0, 1, -1, [0, 2], [-1, -3], []];
  return Object.entries(ops).flatMap(([name, op]) => [
    ...axes.flatMap((axis) =>
      [false, true].map(
        (keep): Case => ({
          name: `${name} axis ${JSON.stringify(axis)} keep ${keep}`,
          inputs: { x: f([2, 3, 4]) },
          run: ({ x }) => op(x, axis, keep),
        }),
      ),
    ),
    { name: `${name} of a scalar`, inputs: { x: f([]) }, run: ({ x }) => op(x) },
    { name: `${name} of size one`, inputs: { x: f([1, 1, 3]) }, run: ({ x }) => op(x, 1) },
    { name: `${name} int32`, inputs: { x: i([3, 4], -5, 6) }, run: ({ x }) => op(x, -1) },
    {
      name: `${name} of filled`,
      inputs: { x: f([3, 4]) },
      run: ({ x }) => tf.mul(op(tf.fill([3, 4], 1.5), 1, true), x),
    },
  ]);
}

const extremes: Case[] = [
  { name: 'sum bool', inputs: { x: b([3, 4]) }, run: ({ x }) => tf.sum(x, 0) },
  { name: 'argMax axis 0', inputs: { x: f([3, 4]) }, run: ({ x }) => tf.argMax(x, 0) },
  { name: 'argMax axis -1', inputs: { x: f([3, 4, 5]) }, run: ({ x }) => tf.argMax(x, -1) },
  {
    name: 'argMax ties',
    inputs: { x: given('float32', [2, 3], [1, 1, 0, 0, 2, 2]) },
    run: ({ x }) => tf.argMax(x, 1),
  },
  {
    name: 'max ties',
    inputs: { x: given('float32', [2, 3], [1, 1, 0, 0, 2, 2]) },
    run: ({ x }) => tf.max(x, 1),
  },
  {
    name: 'topk',
    inputs: { x: f([3, 8]) },
    run: ({ x }) => {
      const { values, indices } = tf.topk(x, 3);
      return [values, indices];
    },
  },
  {
    name: 'topk ties',
    inputs: { x: given('float32', [1, 6], [2, 3, 3, 1, 3, 2]) },
    run: ({ x }) => {
      const { values, indices } = tf.topk(x, 5);
      return [values, indices];
    },
  },
];

const products: Case[] = [
  { name: 'matMul', inputs: { a: f([3, 4]), b: f([4, 5]) }, run: (x) => tf.matMul(x.a, x.b) },
  ...[
    [true, false],
    [false, true],
    [true, true],
  ].flatMap(([left, right]): Case[] => [
    {
      name: `matMul transposed ${left} ${right}`,
      inputs: { a: f(left ? [4, 3] : [3, 4]), b: f(right ? [5, 4] : [4, 5]) },
      run: (x) => tf.matMul(x.a, x.b, left, right),
    },
    {
      name: `batched matMul transposed ${left} ${right}`,
      inputs: { a: f(left ? [2, 4, 3] : [2, 3, 4]), b: f(right ? [2, 5, 4] : [2, 4, 5]) },
      run: (x) => tf.matMul(x.a, x.b, left, right),
    },
    {
      name: `four axes matMul transposed ${left} ${right}`,
      inputs: { a: f(left ? [2, 3, 4, 2] : [2, 3, 2, 4]), b: f(right ? [2, 3, 5, 4] : [2, 3, 4, 5]) },
      run: (x) => tf.matMul(x.a, x.b, left, right),
    },
  ]),
  // tfjs's own gradient of a broadcast product has the wrong shape, so only the forward pass is compared.
  {
    name: 'matMul over a broadcast batch',
    inputs: { a: f([4, 2, 3]), b: f([1, 3, 2]) },
    run: (x) => tf.matMul(x.a, x.b),
    gradients: [],
  },
  {
    name: 'matMul over a broadcast batch, transposed',
    inputs: { a: f([1, 2, 3]), b: f([4, 5, 3]) },
    run: (x) => tf.matMul(x.a, x.b, false, true),
    gradients: [],
  },
  { name: 'matMul of ones', inputs: { a: f([3, 4]) }, run: ({ a }) => tf.matMul(a, tf.ones([4, 2])) },
  { name: 'matMul of size one', inputs: { a: f([1, 1]), b: f([1, 1]) }, run: (x) => tf.matMul(x.a, x.b) },
  { name: 'dot', inputs: { a: f([5]), b: f([5]) }, run: (x) => tf.dot(x.a, x.b) },
  { name: 'softmax', inputs: { x: f([2, 3, 4]) }, run: ({ x }) => tf.softmax(x) },
  { name: 'softmax far apart', inputs: { x: f([3, 4], -200, 200) }, run: ({ x }) => tf.softmax(x) },
  { name: 'logSoftmax', inputs: { x: f([3, 4]) }, run: ({ x }) => tf.logSoftmax(x) },
  { name: 'logSoftmax far apart', inputs: { x: f([3, 4], -200, 200) }, run: ({ x }) => tf.logSoftmax(x) },
  { name: 'softmax of one', inputs: { x: f([3, 1]) }, run: ({ x }) => tf.softmax(x) },
];

const gathers: Case[] = [
  ...[0, 1, 2, -1, -3].map(
    (axis): Case => ({
      name: `gather axis ${axis}`,
      inputs: { x: f([4, 4, 4]), ids: i([6], 0, 4) },
      run: ({ x, ids }) => tf.gather(x, ids, axis),
    }),
  ),
  {
    name: 'gather a matrix of ids',
    inputs: { x: f([4, 3]), ids: i([2, 5], 0, 4) },
    run: ({ x, ids }) => tf.gather(x, ids),
  },
  {
    name: 'gather one id',
    inputs: { x: f([4, 3]), ids: i([], 0, 4) },
    run: ({ x, ids }) => tf.gather(x, ids),
  },
  {
    name: 'gather int32',
    inputs: { x: i([7], 0, 99), ids: i([5], 0, 7) },
    run: ({ x, ids }) => tf.gather(x, ids),
  },
  {
    name: 'segment sum',
    inputs: { x: f([9, 2]), ids: i([9], 0, 3) },
    run: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
  },
  {
    name: 'segment sum of a vector',
    inputs: { x: f([9]), ids: i([9], 0, 3) },
    run: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3),
  },
  {
    name: 'segment sum of three axes',
    inputs: { x: f([5, 2, 3]), ids: i([5], 0, 2) },
    run: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 2),
  },
];

const reshapes: Case[] = [
  { name: 'reshape', inputs: { x: f([2, 3, 4]) }, run: ({ x }) => tf.reshape(x, [6, 4]) },
  { name: 'reshape inferred', inputs: { x: f([2, 3, 4]) }, run: ({ x }) => tf.reshape(x, [4, -1]) },
  { name: 'reshape to a scalar', inputs: { x: f([1, 1]) }, run: ({ x }) => tf.reshape(x, []) },
  {
    name: 'reshape of ones',
    inputs: { x: f([6, 2]) },
    run: ({ x }) => tf.mul(x, tf.reshape(tf.ones([3, 4]), [6, 2])),
  },
  { name: 'expandDims', inputs: { x: f([2, 3]) }, run: ({ x }) => tf.expandDims(x, 1) },
  { name: 'expandDims -1', inputs: { x: f([2, 3]) }, run: ({ x }) => tf.expandDims(x, -1) },
  { name: 'squeeze', inputs: { x: f([2, 1, 3]) }, run: ({ x }) => tf.squeeze(x, [1]) },
  { name: 'transpose', inputs: { x: f([2, 3, 4]) }, run: ({ x }) => tf.transpose(x, [2, 0, 1]) },
  { name: 'transpose by default', inputs: { x: f([2, 3, 4]) }, run: ({ x }) => tf.transpose(x) },
  { name: 'transpose bool', inputs: { x: b([2, 3]) }, run: ({ x }) => tf.transpose(x) },
  { name: 'concat', inputs: { x: f([2, 3]), y: f([2, 2]) }, run: ({ x, y }) => tf.concat([x, y], -1) },
  {
    name: 'concat of three',
    inputs: { x: f([1, 3]), y: f([2, 3]) },
    run: ({ x, y }) => tf.concat([x, y, tf.ones([2, 3])], 0),
  },
  { name: 'tile', inputs: { x: f([2, 3]) }, run: ({ x }) => tf.tile(x, [2, 3]) },
  { name: 'broadcastTo', inputs: { x: f([2, 1]) }, run: ({ x }) => tf.broadcastTo(x, [3, 2, 4]) },
  {
    name: 'broadcastTo of ones',
    inputs: { x: f([3, 2]) },
    run: ({ x }) => tf.mul(x, tf.broadcastTo(tf.ones([1, 2]), [3, 2])),
  },
];

const slices: Case[] = [
  { name: 'slice', inputs: { x: f([4, 5]) }, run: ({ x }) => tf.slice(x, [1, 2], [2, 3]) },
  { name: 'slice to the end', inputs: { x: f([4, 5]) }, run: ({ x }) => tf.slice(x, [1, 0], [-1, 2]) },
  { name: 'slice of a vector', inputs: { x: f([5]) }, run: ({ x }) => tf.slice(x, [4], [1]) },
  { name: 'slice of an axis', inputs: { x: f([4, 5, 2]) }, run: ({ x }) => tf.slice(x, [2]) },
  { name: 'slice int32', inputs: { x: i([4, 5], 0, 9) }, run: ({ x }) => tf.slice(x, [0, 1], [4, 2]) },
  { name: 'split', inputs: { x: f([2, 6]) }, run: ({ x }) => tf.split(x, 3, -1) },
  { name: 'split by sizes', inputs: { x: f([5, 2]) }, run: ({ x }) => tf.split(x, [1, 4], 0) },
  // More than the buffers that a shader may have.
  { name: 'split into many', inputs: { x: f([2, 40]) }, run: ({ x }) => tf.split(x, 20, -1) },
  {
    name: 'many put together in another order',
    inputs: { x: f([40, 2]) },
    run: ({ x }) => tf.concat(tf.split(x, 20, 0).reverse(), 0),
  },
  { name: 'split the rest', inputs: { x: f([5, 2]) }, run: ({ x }) => tf.split(x, [2, -1], 0) },
  {
    name: 'pad',
    inputs: { x: f([2, 3]) },
    run: ({ x }) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  },
  { name: 'pad int32', inputs: { x: i([3], 1, 9) }, run: ({ x }) => tf.pad(x, [[2, 1]], 7) },
];

export const shapeCases: Case[] = [
  ...reductions(),
  ...extremes,
  ...products,
  ...gathers,
  ...reshapes,
  ...slices,
];
