import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { type DeviceContext, float32, type HostArrays, type Program } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import { gru } from './gru.ts';

interface Sizes {
  rows: number;
  length: number;
  inner: number;
  hidden: number;
}

/** One step after the other as the formula stands, with the derivatives left to tfjs. */
function plain(x: tf.Tensor, input: tf.Tensor, recurrent: tf.Tensor, start: tf.Tensor): tf.Tensor {
  const [, length, inner] = x.shape as [number, number, number];
  const hidden = recurrent.shape[0];
  const [xReset, xUpdate, xNew] = tf.split(input, 3, 1) as tf.Tensor2D[];
  const [hReset, hUpdate, hNew] = tf.split(recurrent, 3, 1) as tf.Tensor2D[];
  let h = start as tf.Tensor2D;
  const states: tf.Tensor[] = [];
  for (let t = 0; t < length; t++) {
    const at = tf.reshape(tf.slice(x, [0, t, 0], [-1, 1, inner]), [-1, inner]) as tf.Tensor2D;
    const reset = tf.sigmoid(tf.add(tf.matMul(at, xReset), tf.matMul(h, hReset)));
    const update = tf.sigmoid(tf.add(tf.matMul(at, xUpdate), tf.matMul(h, hUpdate)));
    const candidate = tf.tanh(tf.add(tf.matMul(at, xNew), tf.mul(reset, tf.matMul(h, hNew))));
    h = tf.add(tf.mul(tf.sub(1, update), candidate), tf.mul(update, h));
    states.push(tf.reshape(h, [-1, 1, hidden]));
  }
  return tf.concat(states, 1);
}

function program({ rows, length, inner, hidden }: Sizes, layer: typeof plain): Program {
  return {
    name: 'gru',
    state: {},
    inputs: {
      x: float32(rows, length, inner),
      input: float32(inner, 3 * hidden),
      recurrent: float32(hidden, 3 * hidden),
      start: float32(rows, hidden),
      out: float32(rows, length, hidden),
    },
    run: (_, { x, input, recurrent, start, out }) => {
      const objective = (...of: tf.Tensor[]) =>
        tf.sum(tf.mul(layer(of[0], of[1], of[2], start), out)) as tf.Scalar;
      const { value, grads } = tf.valueAndGrads(objective)([x, input, recurrent]);
      const states = layer(x, input, recurrent, start);
      return { state: {}, outputs: { value, states, dx: grads[0], dInput: grads[1], dRecurrent: grads[2] } };
    },
  };
}

async function runOn(device: DeviceContext, step: Program, inputs: HostArrays): Promise<HostArrays> {
  const results = await (await device.compile(step)).run(inputs);
  await device.dispose();
  return results;
}

const unit: typeof plain = (x, input, recurrent, start) => gru(x, { input, recurrent }, start);

test('the states and hand-written gradients are those of the formula', async () => {
  const size = (max: number) => fc.integer({ min: 1, max });
  const sizes = fc.record({ rows: size(4), length: size(9), inner: size(5), hidden: size(6) });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (shape, seed) => {
      const random = new Random(seed);
      const expected = program(shape, plain);
      const inputs = Object.fromEntries(
        Object.entries(expected.inputs).map(([name, spec]) => {
          const count = spec.shape.reduce((product, n) => product * n, 1);
          return [name, Float32Array.from({ length: count }, () => random.normal())];
        }),
      );
      const reference = await runOn(new EagerDeviceContext('tfjs-gpu', 'cpu'), expected, inputs);
      const cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
      const found = await runOn(cpu, program(shape, unit), inputs);
      for (const [name, values] of Object.entries(reference)) {
        const scale = Math.max(1, ...values.map(Math.abs));
        const worst = Math.max(...values.map((value, i) => Math.abs(value - found[name][i])));
        expect(worst / scale, name).toBeLessThan(1e-5);
      }
    }),
    { numRuns: 12 },
  );
});

test('states and gradients are the same bits on one thread and on two', async () => {
  const step = program({ rows: 32, length: 4, inner: 64, hidden: 96 }, unit);
  const random = new Random(2);
  const inputs = Object.fromEntries(
    Object.entries(step.inputs).map(([name, { shape }]) => {
      const count = shape.reduce((product, n) => product * n, 1);
      return [name, Float32Array.from({ length: count }, () => 0.1 * random.normal())];
    }),
  );
  const on = (threads: number) =>
    runOn(new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads, stateOnDevice: false }), step, inputs);
  const [one, two] = [await on(1), await on(2)];
  for (const [name, values] of Object.entries(one)) {
    expect(
      values.every((value, i) => value === two[name][i]),
      name,
    ).toBe(true);
  }
});
