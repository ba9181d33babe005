import { expect, test } from 'vitest';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { type DeviceContext, float32, type HostArrays, int32, type Program } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import { linearAttention, periodicPairs } from './linear-attention.ts';

const [batch, heads, width, dv] = [2, 3, 4, 5];

const cpu = () => new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });

async function runOn(device: DeviceContext, program: Program, inputs: HostArrays): Promise<HostArrays> {
  const executable = await device.compile(program);
  const results = await executable.run(inputs);
  await device.dispose();
  return results;
}

/** The result and its gradients, in chunks of so many positions; without `rates` nothing fades. */
function program(length: number, chunk: number, fades: boolean): Program {
  const byHead = (size: number) => float32(batch, heads, length, size);
  const names = ['q', 'k', 'v', ...(fades ? ['rates'] : [])];
  const clocks = { queries: int32(batch, length), keys: int32(batch, length) };
  return {
    name: 'linear attention',
    state: {},
    inputs: {
      ...{ q: byHead(width), k: byHead(width), v: byHead(dv), out: byHead(dv) },
      ...(fades ? { rates: float32(heads), ...clocks } : {}),
    },
    run: (_, { out, queries, keys, ...inputs }) => {
      const of = ([q, k, v, rates]: tf.Tensor[]) =>
        linearAttention(q, k, v, rates ? { queries, keys, rates } : null, chunk);
      const objective = (...values: tf.Tensor[]) => tf.sum(tf.mul(of(values), out)) as tf.Scalar;
      const values = names.map((name) => inputs[name]);
      const { grads } = tf.valueAndGrads(objective)(values);
      return {
        outputs: { result: of(values), ...Object.fromEntries(grads.map((one, i) => [names[i], one])) },
      };
    },
  };
}

/** Interaction after interaction, with a state that fades: in float64. */
function recurrently({ q, k, v, queries, keys, rates }: HostArrays, length: number): Float64Array {
  const result = new Float64Array(batch * heads * length * dv);
  for (let row = 0; row < batch; row++) {
    for (let head = 0; head < heads; head++) {
      const state = new Float64Array(width * dv);
      const fade = (from: number, to: number) => Math.exp(-(rates?.[head] ?? 0) * Math.max(0, to - from));
      for (let i = 0; i < length; i++) {
        const at = (row * heads + head) * length + i;
        const [now, asked] = [keys?.[row * length + i] ?? 0, queries?.[row * length + i] ?? 0];
        const kept = i > 0 && keys ? fade(keys[row * length + i - 1], now) : 1;
        const read = fade(now, asked);
        for (let a = 0; a < width; a++) {
          for (let b = 0; b < dv; b++) {
            const cell = a * dv + b;
            state[cell] = state[cell] * kept + k[at * width + a] * v[at * dv + b];
            result[at * dv + b] += read * q[at * width + a] * state[cell];
          }
        }
      }
    }
  }
  return result;
}

/** Some pairs are at one moment, some `long` seconds apart; one head never fades. */
function drawn(length: number, fades: boolean, long = 31_536_000): HostArrays {
  const random = new Random(length);
  const { inputs } = program(length, length, fades);
  const values = (shape: readonly number[]) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  const all: HostArrays = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, values(shape)]),
  );
  if (!fades) return all;
  const keys = new Int32Array(batch * length);
  for (let row = 0; row < batch; row++) {
    for (let i = 1; i < length; i++) {
      const step = random.below(12) === 0 ? long : random.below(3);
      keys[row * length + i] = Math.min(2 ** 31 - 1, keys[row * length + i - 1] + step);
    }
  }
  const queries = keys.map((time) => Math.min(2 ** 31 - 1, time + random.below(4)));
  return { ...all, keys, queries, rates: Float32Array.of(0, 0.05, 3) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-3);
  const worst = Math.max(...Array.from(expected, (value, at) => Math.abs(value - actual[at])));
  expect(worst / scale, what).toBeLessThan(1e-5);
}

const cases = [1, 2, 7, 65, 130].flatMap((length) => [true, false].map((fades) => ({ length, fades })));

test.each(cases)(
  'sums over pairs of $length positions equal the recurrence in any chunks, fading: $fades',
  async ({ length, fades }) => {
    const inputs = drawn(length, fades);
    const whole = await runOn(
      new EagerDeviceContext('tfjs-gpu', 'cpu'),
      program(length, length, fades),
      inputs,
    );
    expectClose(whole.result, recurrently(inputs, length), 'recurrence');
    for (const chunk of [1, 3, 64]) {
      const found = await runOn(cpu(), program(length, chunk, fades), inputs);
      for (const [name, values] of Object.entries(whole)) {
        expect(found[name].every(Number.isFinite)).toBe(true);
        expectClose(found[name], values, `${name} in chunks of ${chunk}`);
      }
    }
  },
);

test('gradients are the slopes of the result', async () => {
  const length = 9;
  const inputs = drawn(length, true, 5);
  const found = await runOn(cpu(), program(length, 4, true), inputs);
  const objective = (values: HostArrays) =>
    recurrently(values, length).reduce((sum, x, at) => sum + x * values.out[at], 0);
  for (const name of ['q', 'k', 'v', 'rates']) {
    const values = Float64Array.from(inputs[name]);
    const slopes = Array.from(values, (_, at) => {
      const moved = (by: number) => {
        const other = Float64Array.from(values);
        other[at] += by;
        return objective({ ...inputs, [name]: other as unknown as Float32Array });
      };
      return (moved(1e-4) - moved(-1e-4)) / 2e-4;
    });
    expectClose(found[name], slopes, name);
  }
});

test('products of the pairs are sine and cosine of the time between, however long that is', async () => {
  const periods = [1, 60, 86_400, 2 ** 21, 2 ** 30];
  const [longest, year] = [2 ** 31 - 1, 31_556_952];
  const keys = Int32Array.of(0, 1, 59, year, 1_234_567_890, longest);
  const queries = Int32Array.of(7, 1, 86_399, year + 13, longest, longest);
  const length = keys.length;
  const step: Program = {
    name: 'pairs',
    state: {},
    inputs: { queries: int32(1, length), keys: int32(1, length) },
    run: (_, inputs) => {
      const pairs = periodicPairs(inputs.queries, inputs.keys, periods);
      return { outputs: { products: tf.matMul(pairs.queries, pairs.keys, false, true) } };
    },
  };
  for (const device of [cpu(), new EagerDeviceContext('tfjs-gpu', 'cpu')]) {
    const { products } = await runOn(device, step, { queries, keys });
    for (const [head, period] of [...periods, ...periods].entries()) {
      const part = head < periods.length ? Math.sin : Math.cos;
      for (let i = 0; i < length; i++) {
        for (let j = 0; j <= i; j++) {
          const turn = ((queries[i] % period) - (keys[j] % period)) / period;
          const found = products[(head * length + i) * length + j];
          expect(Math.abs(found - part(2 * Math.PI * turn))).toBeLessThan(3e-6);
        }
      }
    }
  }
});
