import { expect, test } from 'vitest';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import {
  type DeviceContext,
  float32,
  type HostArrays,
  maskOf,
  type Program,
  type Tensors,
} from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import { attentionMasks, causalAttention } from './attention.ts';
import { maskBlocks, queryBlocks } from './causal-blocks.ts';
import { drawInputs, type MaskForm, type RandomInput, randomSpecs } from './random-inputs.ts';
import { namedLeaves } from './tree.ts';

const [rows, heads, dim, rate] = [2, 2, 4, 0.3];

/** Softmax attention written down as in the paper, with the masks of the blocks put side by side. */
function plain(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, masks: tf.Tensor[], length: number): tf.Tensor {
  const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(dim));
  const lower = Float32Array.from({ length: length * length }, (_, cell) =>
    cell % length <= Math.floor(cell / length) ? 1 : 0,
  );
  const causal = tf.tensor(lower, [length, length]);
  const weights = tf.softmax(tf.add(scores, tf.mul(tf.sub(1, causal), -1e9)));
  const mask = tf.concat(
    masks.map((m, at) => {
      const [start, end] = maskBlocks(length)[at];
      const kept = maskOf(m, [rows, heads, end - start, end], rate);
      return tf.pad(tf.cast(kept, 'float32'), [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, length - end],
      ]);
    }),
    2,
  );
  return tf.matMul(tf.div(tf.mul(weights, mask), 1 - rate), v);
}

function program(length: number, attention: typeof plain, form: MaskForm): Program {
  const spec = float32(rows, heads, length, dim);
  const random = namedLeaves<RandomInput>(attentionMasks(rows, heads, length, rate), 'mask');
  return {
    name: 'attention',
    state: {},
    inputs: { q: spec, k: spec, v: spec, out: spec, ...randomSpecs(random, form) },
    run: (_, inputs) => {
      const masks = Object.keys(random).map((name) => inputs[name]);
      const objective = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
        tf.sum(tf.mul(attention(q, k, v, masks, length), inputs.out)) as tf.Scalar;
      const { value, grads } = tf.valueAndGrads(objective as never)([inputs.q, inputs.k, inputs.v]);
      const outputs: Tensors = { value, dq: grads[0], dk: grads[1], dv: grads[2] };
      return { state: {}, outputs };
    },
  };
}

async function runOn(device: DeviceContext, step: Program, inputs: HostArrays): Promise<HostArrays> {
  const executable = await device.compile(step);
  const results = await executable.run(inputs);
  await device.dispose();
  return results;
}

test.each(
  [1, 5, 64, 150, 1030].flatMap((length) =>
    (['words', 'drawn'] as const).map((form) => [length, form] as const),
  ),
)(
  'blocked attention of length %i equals the formula, with its gradients; masks as %s',
  async (length, form) => {
    const random = new Random(length);
    const draw = () => Float32Array.from({ length: rows * heads * length * dim }, () => random.normal());
    const masks = drawInputs(namedLeaves(attentionMasks(rows, heads, length, rate), 'mask'), {
      seed: 1,
      step: 1,
      micro: 0,
      users: new Int32Array(rows),
      masks: form,
    });
    const inputs = { q: draw(), k: draw(), v: draw(), out: draw(), ...masks };
    const ours = program(length, (q, k, v, given) => causalAttention(q, k, v, given, rate), form);
    const cpu = () => new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    // Eagerly, broadcasts of a long formula take a minute.
    const device = length > 200 ? cpu() : new EagerDeviceContext('tfjs-gpu', 'cpu');
    const expected = await runOn(device, program(length, plain, form), inputs);
    const actual = await runOn(cpu(), ours, inputs);
    for (const [name, values] of Object.entries(expected)) {
      // With one key the gradients of q and k are zero up to rounding.
      const scale = Math.max(...values.map(Math.abs), 0.1);
      const worst = Math.max(...values.map((value, i) => Math.abs(value - actual[name][i])));
      expect(worst / scale, name).toBeLessThan(1e-5);
    }
  },
);

test('masks of long histories are drawn as ever, 32 blocks of query rows, whatever blocks are computed', () => {
  for (const [length, size] of [
    [1, 1],
    [150, 75],
    [4096, 128],
    [4200, 132],
    [8192, 256],
  ]) {
    const shapes = attentionMasks(1, 1, length, rate).map(({ spec }) => spec.shape);
    const ends = Array.from({ length: Math.ceil(length / size) }, (_, at) =>
      Math.min(length, (at + 1) * size),
    );
    expect(shapes).toEqual(ends.map((end, at) => [1, 1, end - at * size, end]));
    expect(Math.max(...queryBlocks(length).map(([start, end]) => end - start))).toBeLessThanOrEqual(128);
  }
});

test.each(['words', 'drawn'] as const)(
  'several blocks share a mask, each by its rows, with equal scores and masks as %s',
  async (form) => {
    const length = 4200;
    const random = namedLeaves<RandomInput>(attentionMasks(1, 1, length, rate), 'mask');
    const given = { seed: 1, step: 1, micro: 0, users: new Int32Array(1), masks: form };
    const masks = drawInputs(random, given);
    const spec = float32(1, 1, length, 1);
    const step: Program = {
      name: 'attention',
      state: {},
      inputs: { v: spec, out: spec, ...randomSpecs(random, form) },
      run: (_, inputs) => {
        const drawn = Object.keys(random).map((name) => inputs[name]);
        const none = tf.zeros(spec.shape as number[]);
        const objective = (v: tf.Tensor) =>
          tf.sum(tf.mul(causalAttention(none, none, v, drawn, rate), inputs.out)) as tf.Scalar;
        const { value, grads } = tf.valueAndGrads(objective as never)([inputs.v]);
        return { state: {}, outputs: { value, dv: grads[0] } };
      },
    };
    const normal = new Random(3);
    const [v, out] = [0, 1].map(() => Float32Array.from({ length }, () => normal.normal()));
    const cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    const { value, dv } = await runOn(cpu, step, { v, out, ...masks });

    let sum = 0;
    const gradient = new Float64Array(length);
    for (const [at, [start, end]] of maskBlocks(length).entries()) {
      const mask = Object.values(masks)[at];
      const lowest = Math.round((rate - 0.5) * 2 ** 32);
      for (let query = start; query < end; query++)
        for (let key = 0; key <= query; key++) {
          const row = query - start;
          const isKept =
            form === 'words'
              ? Math.imul(mask[row], mask[end - start + key]) >= lowest
              : mask[row * end + key] > 0;
          if (!isKept) continue;
          const weight = out[query] / (query + 1) / (1 - rate);
          sum += weight * v[key];
          gradient[key] += weight;
        }
    }
    expect(value[0]).toBeCloseTo(sum, 3);
    expect(Math.max(...dv.map((x, key) => Math.abs(x - gradient[key])))).toBeLessThan(1e-4);
  },
);

test('several sequences in one long row attend as each does alone', async () => {
  const [first, length] = [500, 1030];
  const alone = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => {
    const part = (from: number, to: number) => {
      const [a, b, c] = [q, k, v].map((x) => tf.slice(x, [0, 0, from, 0], [rows, heads, to - from, dim]));
      return causalAttention(a, b, c);
    };
    return tf.concat([part(0, first), part(first, length)], 2);
  };
  const segments = () =>
    tf.tensor(
      Array.from({ length: rows * length }, (_, at) => (at % length < first ? 0 : 1)),
      [rows, length],
      'int32',
    );
  const random = new Random(5);
  const step = (attention: typeof plain): Program => {
    const { inputs, ...others } = program(length, attention, 'words');
    const { q, k, v, out } = inputs;
    return { ...others, inputs: { q, k, v, out } };
  };
  const draw = () => Float32Array.from({ length: rows * heads * length * dim }, () => random.normal());
  const inputs = { q: draw(), k: draw(), v: draw(), out: draw() };
  const cpu = () => new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const expected = await runOn(cpu(), step(alone), inputs);
  const together = step((q, k, v) => causalAttention(q, k, v, [], 0, segments()));
  const actual = await runOn(cpu(), together, inputs);
  for (const [name, values] of Object.entries(expected)) {
    const worst = Math.max(...values.map((value, i) => Math.abs(value - actual[name][i])));
    expect(worst, name).toBeLessThan(1e-4);
  }
});
