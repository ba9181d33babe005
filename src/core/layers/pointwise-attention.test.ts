import { expect, test } from 'vitest';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { type DeviceContext, float32, type HostArrays, type Program, type Specs } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import { causalMix, type PairMaps, pointwiseAttention } from './pointwise-attention.ts';
import { rotary } from './rotary.ts';

const [rows, heads, dqk, dv, normaliser] = [2, 2, 3, 4, 7];

type Formula = (inputs: Record<string, tf.Tensor>, length: number) => tf.Tensor;

/** 1 where the key does not come after the query. */
function lower(length: number): tf.Tensor {
  const ones = Float32Array.from({ length: length * length }, (_, cell) =>
    cell % length <= Math.floor(cell / length) ? 1 : 0,
  );
  return tf.tensor(ones, [length, length]);
}

/** The parts of a whole [.., length, length] map that the query blocks ask for. */
function blocksOf(map: tf.Tensor): PairMaps {
  const lead = map.shape.slice(0, -2);
  return {
    tables: [map],
    constants: () => [],
    of: ([start, end], [whole]) =>
      tf.slice(whole, [...lead.map(() => 0), start, 0], [...lead, end - start, end]),
  };
}

/** [as written in the papers, ours] */
const operations: Record<string, [Formula, Formula]> = {
  'attention with one bias for all heads': [
    ({ q, k, v, bias }, length) => {
      const scores = tf.add(tf.matMul(q, k, false, true), bias);
      const weights = tf.mul(tf.div(tf.mul(scores, tf.sigmoid(scores)), normaliser), lower(length));
      return tf.matMul(weights, v);
    },
    ({ q, k, v, bias }) => pointwiseAttention(q, k, v, blocksOf(bias), normaliser),
  ],
  'attention without bias': [
    ({ q, k, v }, length) => {
      const scores = tf.matMul(q, k, false, true);
      return tf.matMul(tf.mul(tf.div(tf.mul(scores, tf.sigmoid(scores)), normaliser), lower(length)), v);
    },
    ({ q, k, v }) => pointwiseAttention(q, k, v, null, normaliser),
  ],
  'values mixed by a map': [
    ({ bias, v }, length) => mixed(v, (values) => tf.matMul(tf.mul(flat(bias), lower(length)), values)),
    ({ bias, v }, length) =>
      mixed(v, (values) => causalMix(blocksOf(tf.mul(flat(bias), lower(length))), values)),
  ],
};

const flat = (bias: tf.Tensor) => tf.reshape(bias, [rows, ...bias.shape.slice(2)]);

/** Runs on head 0, for values of rank 3, and gives the result its rank back. */
function mixed(v: tf.Tensor, mix: (values: tf.Tensor) => tf.Tensor): tf.Tensor {
  const length = v.shape[2] as number;
  const first = tf.reshape(tf.slice(v, [0, 0, 0, 0], [rows, 1, length, dv]), [rows, length, dv]);
  return tf.tile(tf.expandDims(mix(first), 1), [1, heads, 1, 1]);
}

function specs(length: number): Specs {
  const byHead = (width: number) => float32(rows, heads, length, width);
  return { q: byHead(dqk), k: byHead(dqk), v: byHead(dv), bias: float32(rows, 1, length, length) };
}

function program(formula: Formula, length: number): Program {
  const names = Object.keys(specs(length));
  return {
    name: 'pointwise attention',
    state: {},
    inputs: { ...specs(length), out: float32(rows, heads, length, dv) },
    run: (_, inputs) => {
      const objective = (...values: tf.Tensor[]) => {
        const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
        const kept = values.reduce((sum, x) => tf.add(sum, tf.mul(0, tf.sum(x))), tf.scalar(0) as tf.Tensor);
        return tf.add(tf.sum(tf.mul(formula(named, length), inputs.out)), kept) as tf.Scalar;
      };
      const { grads } = tf.valueAndGrads(objective)(names.map((name) => inputs[name]));
      const gradients = names.map((name, i) => [`d${name}`, grads[i]]);
      return { state: {}, outputs: { result: formula(inputs, length), ...Object.fromEntries(gradients) } };
    },
  };
}

async function runOn(device: DeviceContext, step: Program, inputs: HostArrays): Promise<HostArrays> {
  const executable = await device.compile(step);
  const results = await executable.run(inputs);
  await device.dispose();
  return results;
}

const cases = Object.keys(operations).flatMap((name) =>
  [1, 5, 64, 150, 1030].map((length) => ({ name, length })),
);

test.each(cases)(
  '$name, of length $length, equals the formula with its gradients',
  async ({ name, length }) => {
    const [written, ours] = operations[name];
    const random = new Random(length);
    const step = program(ours, length);
    const draw = (shape: readonly number[]) =>
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
    const inputs = Object.fromEntries(
      Object.entries(step.inputs).map(([key, { shape }]) => [key, draw(shape)]),
    );
    const cpu = () => new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    // Eagerly, broadcasts of a long formula take a minute.
    const plain = length > 200 ? cpu() : new EagerDeviceContext('tfjs-gpu', 'cpu');
    const expected = await runOn(plain, program(written, length), inputs);
    const actual = await runOn(cpu(), step, inputs);
    for (const [key, values] of Object.entries(expected)) {
      let [scale, worst] = [1e-3, 0];
      for (const [i, x] of values.entries()) {
        scale = Math.max(scale, Math.abs(x));
        worst = Math.max(worst, Math.abs(x - actual[key][i]));
      }
      expect(worst / scale, key).toBeLessThan(1e-5);
    }
  },
);

test('one map for many rows has the same gradient on one thread and on two', async () => {
  const length = 100;
  const [map, wide] = [float32(1, length, length), float32(1, length, 1600)];
  const step: Program = {
    name: 'gradient of a map',
    state: {},
    inputs: { map, values: wide, out: wide },
    run: (_, { map: whole, values, out }) => {
      const objective = (weights: tf.Tensor) =>
        tf.sum(tf.mul(causalMix(blocksOf(weights), values), out)) as tf.Scalar;
      return { state: {}, outputs: { gradient: tf.grad(objective)(whole) } };
    },
  };
  const random = new Random(3);
  const draw = (cells: number) => Float32Array.from({ length: cells }, () => random.normal());
  const inputs = { map: draw(length * length), values: draw(length * 1600), out: draw(length * 1600) };
  const on = (threads: number) => {
    const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads, stateOnDevice: false });
    return runOn(device, step, inputs);
  };
  expect(await on(2)).toEqual(await on(1));
});

test('products of rotated vectors depend on the distance of their positions alone', async () => {
  await tf.setBackend('cpu');
  const random = new Random(1);
  const repeated = () => {
    const vector = Array.from({ length: 6 }, () => random.normal());
    return tf.tensor(
      Array.from({ length: 40 }, () => vector),
      [40, 6],
    );
  };
  const [q, k] = [repeated(), repeated()];
  const turned = (x: tf.Tensor) => rotary(tf.reshape(x, [1, 1, 40, 6]), 100);
  const products = tf
    .reshape(tf.matMul(turned(q), turned(k), false, true), [40, 40])
    .arraySync() as number[][];
  const plain = tf.sum(tf.mul(q, k), 1).arraySync() as number[];
  for (let i = 0; i < 39; i++) {
    expect(products[i][i]).toBeCloseTo(plain[i], 4);
    for (let j = 0; j < 39; j++) expect(products[i + 1][j + 1]).toBeCloseTo(products[i][j], 4);
  }
  expect(Math.abs(products[10][0] - products[0][0])).toBeGreaterThan(0.1);
});
