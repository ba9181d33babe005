import type { Tensor } from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { difference } from '../../../../test/engine/conformance.ts';
import { Random } from '../../math/random.ts';
import { dropout, gatherRows, layerNormalize } from '../ops/index.ts';
import { applyUpdate, type OptimiserConfig, slotSpecs, updateScalars } from '../optimisers.ts';
import * as tf from '../tf.ts';
import type { DeviceContext, HostArray, HostArrays, Program, Specs, Tensors } from '../types.ts';
import { bool, float32, hostArray, int32, sizeOf } from '../types.ts';
import { EagerDeviceContext } from './eager.ts';
import { OnnxDeviceContext } from './onnx-session.ts';

const BATCH = 12;
const CLASSES = 5;
const STEPS = 10;

const config: OptimiserConfig = {
  optimiser: 'adamw',
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

const parameters: Specs = {
  table: float32(20, 8),
  w1: float32(8, 16),
  b1: float32(16),
  w2: float32(16, CLASSES),
  b2: float32(CLASSES),
};
const slots = slotSpecs(config, parameters);
const scalars = { stepSize: float32(), epsilon: float32(), decay: float32() };

function loss(weights: Tensors, { ids, target, mask }: Tensors): Tensor {
  const x = layerNormalize(gatherRows(weights.table, ids), 1e-5);
  const hidden = dropout(tf.relu(tf.add(tf.matMul(x, weights.w1), weights.b1)), mask, 0.25);
  const logits = tf.logSoftmax(tf.add(tf.matMul(hidden, weights.w2), weights.b2));
  return tf.neg(tf.mean(tf.sum(tf.mul(logits, target), -1)));
}

/** A whole training step: gradients, clipping, AdamW with its state. */
const step: Program = {
  name: 'multilayer perceptron',
  state: { ...parameters, ...slots },
  inputs: { ids: int32(BATCH), target: float32(BATCH, CLASSES), mask: bool(BATCH, 16), ...scalars },
  run: (state, inputs) => {
    const names = Object.keys(parameters);
    const weights = names.map((name) => state[name]);
    const named = (tensors: Tensor[]) => Object.fromEntries(names.map((name, k) => [name, tensors[k]]));
    const { value, grads } = tf.valueAndGrads((...w: Tensor[]) => loss(named(w), inputs) as tf.Scalar)(
      weights,
    );
    const { stepSize, epsilon, decay } = inputs;
    const scalars = { stepSize, epsilon, decay };
    const next = applyUpdate(config, named(weights), named(grads), state, scalars, parameters);
    return { state: { ...next.parameters, ...next.slots }, outputs: { loss: value } };
  },
};

function batch(k: number): Record<string, HostArray> {
  const random = new Random(1, k);
  const [ids, mask] = [hostArray(int32(BATCH)) as Int32Array, hostArray(bool(BATCH, 16)) as Uint8Array];
  random.fillIntegers(ids, 0, 20);
  random.fillMask(mask, 0.25);
  const target = new Float32Array(BATCH * CLASSES);
  for (let row = 0; row < BATCH; row++) target[row * CLASSES + (ids[row] % CLASSES)] = 1;
  const { stepSize, epsilon, decay } = updateScalars(config, 0.05, k + 1);
  const host = { stepSize, epsilon, decay };
  const fed = Object.entries(host).map(([name, value]) => [name, Float32Array.of(value)] as const);
  return { ids, mask, target, ...Object.fromEntries(fed) };
}

async function train(context: DeviceContext): Promise<{ losses: number[]; state: HostArrays }> {
  const random = new Random(7);
  const initial = Object.entries(step.state).map(([name, spec]) => {
    const data = new Float32Array(sizeOf(spec.shape));
    return [name, { spec, data: name in parameters ? data.map(() => 0.3 * random.normal()) : data }] as const;
  });
  await context.load(Object.fromEntries(initial));
  const executable = await context.compile(step);
  const losses: number[] = [];
  for (let k = 0; k < STEPS; k++) losses.push((await executable.run(batch(k))).loss[0]);
  const state = await context.read(Object.keys(step.state));
  await context.dispose();
  return { losses, state };
}

it('trains a perceptron eagerly as the compiled graph does', async () => {
  const eager = await train(new EagerDeviceContext('tfjs-gpu', 'cpu'));
  const settings = { id: 'cpu', provider: 'cpu', threads: 2, stateOnDevice: false } as const;
  const compiled = await train(new OnnxDeviceContext(settings));
  expect(eager.losses[STEPS - 1]).toBeLessThan(0.7 * eager.losses[0]);
  for (const [k, value] of eager.losses.entries()) expect(compiled.losses[k]).toBeCloseTo(value, 5);
  for (const [name, values] of Object.entries(eager.state)) {
    expect(difference(compiled.state[name], values, 2e-5), name).toBeNull();
  }
});

it('keeps no tensors eagerly beyond the state', async () => {
  await tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  const context = new EagerDeviceContext('tfjs-gpu', 'cpu');
  await train(context);
  expect(tf.memory().numTensors).toBe(before);
});
