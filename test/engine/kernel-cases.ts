/** The table of kernel cases: one op or one gradient path each, with the shapes and types that break kernels. */
import * as tf from '../../src/core/engine/tf.ts';
import type { Case } from './conformance.ts';
import { b, f, given, i } from './conformance.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type Unary = (x: tf.Tensor) => tf.Tensor;

const shapePairs: [number[], number[]][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[2, 3], []],
  [
    [2, 1],
    [1, 3],
  ],
  [[1], [2, 1, 3]],
  [[], []],
];

const arithmetic: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
};

/** tfjs itself gives maximum and minimum a gradient of the wrong shape where they broadcast. */
const differentiable = (name: string, left: number[], right: number[]): boolean =>
  !(name === 'maximum' || name === 'minimum') || tf.util.arraysEqual(left, right);

function broadcastCases(): Case[] {
  return Object.entries({ ...arithmetic, div: tf.div, pow: tf.pow }).flatMap(([name, op]) =>
    shapePairs.map(([left, right]): Case => {
      const [low, high] = name === 'pow' || name === 'div' ? [0.5, 2] : [-2, 2];
      return {
        name: `${name} [${left}] [${right}]`,
        inputs: { a: f(left, low, high), b: f(right, low, high) },
        run: (x) => op(x.a, x.b),
        ...(!differentiable(name, left, right) && { gradients: [] }),
      };
    }),
  );
}

const fills: Record<string, (shape: number[]) => tf.Tensor> = {
  ones: (shape) => tf.ones(shape),
  zeros: (shape) => tf.zeros(shape),
  halves: (shape) => tf.fill(shape, 0.5),
};

/** Operands whose every value is the same never reach the graph as arrays; the shapes must come out all the same. */
function filledCases(): Case[] {
  const mirrored = shapePairs.slice(1, 3).map(([left, right]) => [right, left]);
  const pairs = [...shapePairs.slice(0, 4), ...mirrored];
  // One op for each way through the kernels: the others share the code of `add`.
  const ops = Object.entries({ add: tf.add as Binary, mul: tf.mul, div: tf.div, maximum: tf.maximum });
  return ops.flatMap(([name, op]) =>
    Object.keys(fills).flatMap((fill) =>
      pairs.flatMap(([full, filled]) => filledCase(name, op, fill, full, filled)),
    ),
  );
}

function filledCase(name: string, op: Binary, fill: string, full: number[], filled: number[]): Case[] {
  const label = `${name} ${fill} [${full}] [${filled}]`;
  const make = fills[fill];
  const gradients = differentiable(name, full, filled) ? undefined : [];
  const byZero = name === 'div' && fill === 'zeros';
  const right: Case = {
    name: `${label} right`,
    inputs: { x: f(full) },
    run: ({ x }) => op(x, make(filled)),
    gradients,
  };
  return [
    ...(byZero ? [] : [right]),
    { name: `${label} left`, inputs: { x: f(full, 1, 2) }, run: ({ x }) => op(make(filled), x), gradients },
    { name: `${label} both`, inputs: {}, run: () => op(make(full), tf.fill(filled, 2)) },
    {
      name: `${label} both, used`,
      inputs: { x: f([]) },
      run: ({ x }) => tf.mul(x, op(make(full), tf.fill(filled, 2))),
    },
  ];
}

function typedCases(): Case[] {
  const integers = Object.entries(arithmetic).map(
    ([name, op]): Case => ({
      name: `${name} int32`,
      inputs: { a: i([2, 3], -5, 6), b: i([3], -5, 6) },
      run: (x) => op(x.a, x.b),
    }),
  );
  const comparisons: Record<string, Binary> = {
    equal: tf.equal,
    notEqual: tf.notEqual,
    greater: tf.greater,
    greaterEqual: tf.greaterEqual,
    less: tf.less,
    lessEqual: tf.lessEqual,
  };
  const compared = Object.entries(comparisons).flatMap(([name, op]): Case[] => [
    { name: `${name} int32`, inputs: { a: i([4, 3], 0, 3), b: i([3], 0, 3) }, run: (x) => op(x.a, x.b) },
    { name: `${name} float`, inputs: { a: f([4, 3]), b: f([4, 1]) }, run: (x) => op(x.a, x.b) },
    { name: `${name} filled`, inputs: { a: i([4, 3], 0, 2) }, run: ({ a }) => op(a, tf.onesLike(a)) },
    {
      name: `${name} both filled`,
      inputs: { a: i([4, 3], 0, 2) },
      run: ({ a }) => op(tf.zerosLike(a), tf.ones([3], 'int32')),
    },
    {
      name: `${name} as a factor`,
      inputs: { x: f([4, 3]), a: i([4, 3], 0, 3), b: i([3], 0, 3) },
      run: ({ x, a, b: right }) => tf.mul(x, tf.cast(op(a, right), 'float32')),
    },
  ]);
  return [
    ...integers,
    ...compared,
    { name: 'and', inputs: { a: b([3, 4]), b: b([4]) }, run: (x) => tf.logicalAnd(x.a, x.b) },
    { name: 'or', inputs: { a: b([3, 1]), b: b([3, 4]) }, run: (x) => tf.logicalOr(x.a, x.b) },
    {
      name: 'and filled',
      inputs: { a: b([3, 4]) },
      run: ({ a }) => tf.logicalAnd(a, tf.ones([4], 'bool')),
    },
    { name: 'not', inputs: { a: b([3, 4]) }, run: ({ a }) => tf.logicalNot(a) },
    { name: 'equal bool', inputs: { a: b([3, 4]), b: b([3, 4]) }, run: (x) => tf.equal(x.a, x.b) },
    { name: 'isNaN', inputs: { x: given('float32', [3], [1, Number.NaN, -1]) }, run: ({ x }) => x.isNaN() },
  ];
}

function castCases(): Case[] {
  const half = () => tf.fill([2, 2], 2.5);
  return [
    { name: 'cast float int32', inputs: { x: f([3, 4], -4, 4) }, run: ({ x }) => tf.cast(x, 'int32') },
    {
      name: 'cast float bool',
      inputs: { x: given('float32', [3], [0, 2.5, -1]) },
      run: ({ x }) => tf.cast(x, 'bool'),
    },
    { name: 'cast bool float', inputs: { x: b([3, 4]) }, run: ({ x }) => tf.cast(x, 'float32') },
    { name: 'cast bool int32', inputs: { x: b([3, 4]) }, run: ({ x }) => tf.cast(x, 'int32') },
    { name: 'cast int32 float', inputs: { x: i([3, 4], -9, 9) }, run: ({ x }) => tf.cast(x, 'float32') },
    {
      name: 'cast filled int32',
      inputs: { x: f([2, 2]) },
      run: ({ x }) => tf.mul(x, tf.cast(tf.cast(half(), 'int32'), 'float32')),
    },
    {
      name: 'cast filled bool',
      inputs: { x: f([2, 2]) },
      run: ({ x }) => tf.mul(x, tf.cast(tf.cast(half(), 'bool'), 'float32')),
    },
    { name: 'cast to itself', inputs: { x: f([2, 2]) }, run: ({ x }) => tf.cast(x, 'float32') },
    {
      name: 'cast filled, then bool',
      inputs: { x: f([2, 2]) },
      run: () => tf.cast(half(), 'bool'),
      gradients: [],
    },
  ];
}

function unaryCases(): Case[] {
  const anywhere: Record<string, Unary> = {
    exp: tf.exp,
    neg: tf.neg,
    relu: tf.relu,
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    erf: tf.erf,
    abs: tf.abs,
    square: tf.square,
    softplus: tf.softplus,
    step: tf.step,
    sign: tf.sign,
    clone: tf.clone,
  };
  // Its gradient would need a sine.
  const flat: Case = {
    name: 'cos',
    inputs: { x: f([3, 4], -9, 9) },
    run: ({ x }) => tf.cos(x),
    gradients: [],
  };
  const positive: Record<string, Unary> = {
    log: tf.log,
    sqrt: tf.sqrt,
    rsqrt: tf.rsqrt,
    reciprocal: tf.reciprocal,
  };
  const shaped = (name: string, op: Unary, low: number): Case[] =>
    [[3, 4], [], [1, 1, 5]].map((shape) => ({
      name: `${name} [${shape}]`,
      inputs: { x: f(shape, low, 3) },
      run: ({ x }) => op(x),
    }));
  const integers: Record<string, Unary> = {
    neg: tf.neg,
    abs: tf.abs,
    square: tf.square,
    relu: tf.relu,
    sign: tf.sign,
  };
  return [
    flat,
    ...Object.entries(anywhere).flatMap(([name, op]) => shaped(name, op, -3)),
    ...Object.entries(positive).flatMap(([name, op]) => shaped(name, op, 0.2)),
    ...Object.entries(integers).map(
      ([name, op]): Case => ({
        name: `${name} int32`,
        inputs: { x: i([3, 4], -5, 6) },
        run: ({ x }) => op(x),
      }),
    ),
    { name: 'clip', inputs: { x: f([3, 4]) }, run: ({ x }) => tf.clipByValue(x, -0.5, 1) },
    { name: 'clip int32', inputs: { x: i([3, 4], -5, 6) }, run: ({ x }) => tf.clipByValue(x, -2, 3) },
    { name: 'step with a slope', inputs: { x: f([3, 4]) }, run: ({ x }) => tf.step(x, -0.5) },
    {
      name: 'extremes',
      inputs: { x: given('float32', [6], [0, -1, 90, -90, 30, -30]) },
      run: ({ x }) => [tf.sigmoid(x), tf.tanh(x), tf.softplus(x), tf.sqrt(x), tf.exp(tf.neg(tf.abs(x)))],
      gradients: [],
    },
    {
      name: 'infinities',
      inputs: { x: given('float32', [3], [1, 0, -1]), zero: given('float32', [3], [0, 0, 0]) },
      run: ({ x, zero }) => [tf.div(x, zero), tf.log(tf.maximum(x, 0)), tf.rsqrt(tf.relu(x))],
      gradients: [],
    },
    { name: 'fills', inputs: { x: f([2, 3]) }, run: ({ x }) => [tf.zerosLike(x), tf.onesLike(x)] },
    {
      name: 'fills typed',
      inputs: { x: i([2, 3], 0, 2), y: b([2]) },
      run: ({ x, y }) => [tf.zerosLike(x), tf.onesLike(y), tf.fill([2, 2], 3, 'int32'), tf.fill([], 7)],
    },
  ];
}

function selectCases(): Case[] {
  return [
    {
      name: 'where',
      inputs: { c: b([3, 4]), t: f([3, 4]), e: f([3, 4]) },
      run: ({ c, t, e }) => tf.where(c, t, e),
    },
    {
      name: 'where filled',
      inputs: { c: b([3, 4]), t: f([3, 4]) },
      run: ({ c, t }) => tf.where(c, t, tf.zerosLike(t)),
    },
    {
      name: 'where both filled',
      inputs: { c: b([3, 4]) },
      run: ({ c }) => tf.where(c, tf.zeros([3, 4]), tf.fill([3, 4], -1e9)),
    },
    {
      name: 'where filled scalar',
      inputs: { c: b([2, 1, 4]), t: f([2, 3, 4]) },
      run: ({ c, t }) => tf.where(c, t, tf.scalar(-1e9)),
      gradients: [],
    },
    {
      name: 'where filled condition',
      inputs: { t: f([2, 3]), e: f([2, 3]) },
      run: ({ t, e }) => tf.where(tf.ones([2, 3], 'bool'), t, e),
    },
    {
      name: 'where int32',
      inputs: { c: b([5]), t: i([5], 0, 9), e: i([5], 0, 9) },
      run: ({ c, t, e }) => tf.where(c, t, e),
    },
    {
      name: 'addN',
      inputs: { x: f([2, 3]), y: f([2, 3]), z: f([2, 3]) },
      run: ({ x, y, z }) => tf.addN([x, y, z]),
    },
    {
      name: 'addN int32 and filled',
      inputs: { x: i([2, 3], 0, 5) },
      run: ({ x }) => tf.addN([x, tf.onesLike(x), x]),
    },
    {
      name: 'same value twice',
      inputs: { x: f([2, 3]) },
      run: ({ x }) => [x, x, tf.add(x, x), tf.clone(x)],
    },
  ];
}

export const elementwiseCases: Case[] = [
  ...broadcastCases(),
  ...typedCases(),
  ...castCases(),
  ...unaryCases(),
  ...selectCases(),
];

export const filledOperandCases: Case[] = filledCases();
