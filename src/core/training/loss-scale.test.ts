/** Steps with float16 products: what is too small or too large for them. */
import { expect, test } from 'vitest';
import { type DeviceContext, float32, type HostArrays, onDevice, type Precision } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { xavierNormal } from '../layers/index.ts';
import { GOOD_STEPS, LossScale } from './loss-scale.ts';
import type { StepModel } from './step-model.ts';
import { type StepBatch, StepRunner } from './step-runner.ts';

const adam = {
  optimiser: 'lazy-adam',
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
} as const;

/** A product of inputs and a row of a host table with a matrix, `weight` times its sum as the loss. */
function modelOf(weight: number): StepModel {
  return {
    batches: {
      kind: 'custom',
      inputs: ({ rows }) => ({ x: float32(rows, 2) }),
      pooled: ({ rows }) => ({ pooled: float32(rows, 2) }),
    },
    parameters: { w: { ...float32(2, 2), dtype: 'float32', init: xavierNormal } },
    hostTables: { table: { rows: 4, dim: 2, init: xavierNormal } },
    randomInputs: () => ({}),
    loss: ({ w }, { x, pooled }) => tf.mul(tf.sum(tf.matMul(tf.add(x, pooled), w)), weight),
  };
}

function batch(...x: number[]): StepBatch {
  const rows = x.length / 2;
  const bags = {
    ids: new Int32Array(rows).fill(1),
    offsets: Int32Array.from({ length: rows + 1 }, (_, at) => at),
  };
  const lookups = [{ table: 'table', input: 'pooled', bags, placement: { offset: 0, stride: 2 } }];
  const inputs = { x: Float32Array.from(x) };
  return { shape: { rows, length: 1 }, inputs, lookups, users: new Int32Array(rows), tokens: rows };
}

const onCpu = <T>(work: (device: DeviceContext) => Promise<T>) => onDevice('cpu', { threads: 1 }, work);

async function runnerOf(device: DeviceContext, weight = 1 / 16, precision: Precision = 'float16') {
  const runner = new StepRunner(modelOf(weight), { ...adam, precision }, device, 1);
  await runner.initialise();
  return runner;
}

async function stateOf(runner: StepRunner): Promise<HostArrays> {
  const tensors = Object.entries(await runner.tensors('all'));
  const arrays = tensors.map(([name, tensor]) => [
    name,
    Float32Array.from('chunks' in tensor ? tensor.chunks.flatMap((chunk) => [...chunk]) : tensor.data),
  ]);
  return Object.fromEntries(arrays);
}

test('a gradient that float16 has no number for is kept by the loss scale, and lost without it', () =>
  onCpu(async (device) => {
    const found: number[][] = [];
    for (const scale of [1, 2 ** 16]) {
      const runner = await runnerOf(device, 1e-9);
      if (runner.lossScale) runner.lossScale.state = { scale, goodSteps: 0, leftOut: 0 };
      await runner.step(1, 0.1, [batch(1, 2, 3, 4)]);
      found.push(Array.from((await stateOf(runner))['m/w']));
    }
    const whole = await runnerOf(device, 1e-9, 'float32');
    await whole.step(1, 0.1, [batch(1, 2, 3, 4)]);
    const expected = Array.from((await stateOf(whole))['m/w']);
    expect(found[0]).toEqual([0, 0, 0, 0]);
    for (const [at, value] of found[1].entries()) expect(value / expected[at]).toBeCloseTo(1, 2);
  }));

const fine = batch(1, -2, 3, 4);
test.each([
  ['in one graph', [batch(3e38, 1, 1, 1)], [fine]],
  ['in parts', [fine, batch(1, 1), batch(7e4, 1, 1, 1)], [fine, batch(2, 1)]],
])('a step whose gradients are not finite changes nothing but the scale, %s', (_, large, later) =>
  onCpu(async (device) => {
    const runner = await runnerOf(device);
    await runner.step(1, 0.1, later);
    const before = await stateOf(runner);
    await runner.step(2, 0.1, large);
    expect(await stateOf(runner)).toEqual(before);
    expect(runner.lossScale?.state).toEqual({ scale: 2 ** 15, goodSteps: 0, leftOut: 1 });
    expect(runner.measures()).toMatchObject({ 'train/loss-scale': 2 ** 15, 'train/left-out-steps': 1 });
    await runner.step(3, 0.1, later);
    const after = await stateOf(runner);
    const other = await runnerOf(device);
    if (other.lossScale) other.lossScale.state.scale = 2 ** 15;
    for (const step of [1, 2]) await other.step(step, 0.1, later);
    expect(await stateOf(other)).toEqual(after);
  }),
);

test('a scale that is too large for a loss falls until its gradients are numbers; at the lowest the training ends', () =>
  onCpu(async (device) => {
    const runner = await runnerOf(device, 10);
    for (let step = 1; step <= 9; step++) await runner.step(step, 0.1, [fine]);
    const { scale = 0, goodSteps = 0, leftOut = 0 } = runner.lossScale?.state ?? {};
    // 10 times the scale goes into a product, and comes out a few times as large.
    expect(10 * scale).toBeLessThan(2 ** 16);
    expect(10 * scale).toBeGreaterThan(2 ** 12);
    expect([scale, goodSteps + leftOut]).toEqual([2 ** (16 - leftOut), 9]);
    const lost = await runnerOf(device, 7e4);
    const steps = async () => {
      for (let step = 1; step <= 100; step++) await lost.step(step, 0.1, [fine]);
    };
    await expect(steps()).rejects.toThrow(
      /^the gradients are not finite at step 17, at the lowest loss scale: the run has diverged; try a lower learningRate, or precision=float32$/,
    );
  }));

test('the scale doubles after two thousand good steps in a row', () => {
  const scale = new LossScale();
  scale.stepped(1, true);
  for (let step = 2; step <= GOOD_STEPS; step++) scale.stepped(step, false);
  expect(scale.state.scale).toBe(2 ** 15);
  scale.stepped(GOOD_STEPS + 1, false);
  expect(scale.state).toEqual({ scale: 2 ** 16, goodSteps: 0, leftOut: 1 });
});
