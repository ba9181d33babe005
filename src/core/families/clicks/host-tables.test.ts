import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { IdBags, OptimiserConfig } from '../../engine/index.ts';
import { float32, gatherRows, int32, openDevice } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  bindTree,
  embeddingTable,
  mlp,
  mlpSpecs,
  namedLeaves,
  type ParameterSpec,
} from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { readCheckpoint, writeCheckpoint } from '../../training/checkpoints.ts';
import type { StepModel } from '../../training/step-model.ts';
import { type StepBatch, StepRunner } from '../../training/step-runner.ts';

const [ITEMS, DIM, ROWS, WIDTH] = [40, 8, 16, 3];
const tree = { mlp: mlpSpecs([DIM, 6, 1]) };
const dense = namedLeaves<ParameterSpec>(tree);
const init = { kind: 'uniform', limit: 0.3 } as const;

/** (sum of three item vectors through an MLP) squared, less the target. */
function loss(parameters: tf.Tensor[] | Record<string, tf.Tensor>, pooled: tf.Tensor, weights: tf.Tensor) {
  const p = bindTree(tree, parameters as Record<string, tf.Tensor>);
  const out = mlp(pooled, p.mlp, { activateLast: false });
  return tf.sum(tf.mul(tf.square(tf.sub(tf.reshape(out, [-1]), 1)), weights));
}

const onDevice: StepModel = {
  batches: { kind: 'custom', inputs: ({ rows }) => ({ ids: int32(rows, WIDTH), weights: float32(rows) }) },
  parameters: { ...dense, items: embeddingTable([ITEMS, DIM], init) },
  randomInputs: () => ({}),
  loss: (parameters, inputs) =>
    loss(parameters, tf.sum(gatherRows(parameters.items, inputs.ids), 1), inputs.weights),
};

const onHost: StepModel = {
  batches: {
    kind: 'custom',
    inputs: ({ rows }) => ({ weights: float32(rows) }),
    pooled: ({ rows }) => ({ pooled: float32(rows, DIM) }),
  },
  parameters: dense,
  hostTables: { items: { rows: ITEMS, dim: DIM, init } },
  randomInputs: () => ({}),
  loss: (parameters, inputs) => loss(parameters, inputs.pooled, inputs.weights),
  predict: (_, inputs) => inputs.pooled,
};

const base: OptimiserConfig = {
  optimiser: 'sgd',
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
};

/** Random ids, many of them twice, from `items` items on. */
function batch(step: number, micro: number, ids: (random: Random) => number): StepBatch {
  const random = new Random(5, step, `${micro}`);
  const drawn = Int32Array.from({ length: ROWS * WIDTH }, () => ids(random));
  const weights = new Float32Array(ROWS).fill(1 / ROWS);
  const offsets = Int32Array.from({ length: ROWS + 1 }, (_, row) => row * WIDTH);
  const bags: IdBags = { ids: drawn, offsets };
  return {
    shape: { rows: ROWS, length: 1 },
    users: new Int32Array(ROWS).fill(-1),
    inputs: { ids: drawn, weights },
    lookups: [{ table: 'items', input: 'pooled', bags, placement: { offset: 0, stride: DIM } }],
    tokens: ROWS,
  };
}

type Ids = (random: Random) => number;
const some: Ids = (random) => random.below(ITEMS / 2);

async function train(model: StepModel, config: OptimiserConfig, micros: number, ids: Ids, steps = 8) {
  const { context } = await openDevice('cpu', { threads: 1 });
  const runner = new StepRunner(model, config, context, 3);
  await runner.initialise();
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const drawn = Array.from({ length: micros }, (_, micro) => batch(step, micro, ids));
    const batches = drawn.map((one) => (model.hostTables ? one : { ...one, lookups: [] }));
    losses.push(await runner.step(step, 0.05, batches));
  }
  const { items, ...stored } = await runner.tensors('parameters');
  const table = 'chunks' in items ? items.chunks[0] : items.data;
  const others = Object.values(stored).flatMap((one) => ('data' in one ? [...one.data] : []));
  await context.dispose();
  return { losses, values: [...table, ...others] };
}

function expectClose(actual: number[], expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  expect(worst).toBeLessThan(1e-5);
}

describe('a table on the host', () => {
  it.each([
    ['sgd', 1],
    ['adagrad', 1],
    ['rowwise-adagrad', 1],
    ['rowwise-adagrad', 3],
    ['adam', 1],
    ['adamw', 3],
  ] as const)('trains as one on the device with %s in %i micro-batches', async (optimiser, micros) => {
    const config = { ...base, optimiser };
    const [host, device] = [
      await train(onHost, config, micros, some),
      await train(onDevice, config, micros, some),
    ];
    expectClose(host.losses, device.losses);
    expectClose(host.values, device.values);
    expect(host.losses[7]).toBeLessThan(host.losses[0] * 0.9);
  });

  it('has lazy Adam: as the dense one where every step sees every row', async () => {
    const config = { ...base, optimiser: 'lazy-adam' as const };
    let next = 0;
    const all: Ids = () => next++ % ITEMS;
    const host = await train(onHost, config, 1, all);
    next = 0;
    const device = await train(onDevice, { ...config, optimiser: 'adam' }, 1, all);
    expectClose(host.losses, device.losses);
    expectClose(host.values, device.values);
  });
});

describe('a checkpoint with host tables', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read back into the tables, and training goes on bit for bit', async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-tables-'));
    const path = join(folder, 'last-4.safetensors');
    const config = { ...base, optimiser: 'rowwise-adagrad' as const };
    const { context } = await openDevice('cpu', { threads: 1 });
    const first = new StepRunner(onHost, config, context, 3);
    await first.initialise();
    const state = { epoch: 0, step: 4, bestValue: null, bestEpoch: 0, validationsSinceBest: 0, seconds: 1 };
    const losses: number[] = [];
    for (let step = 1; step <= 8; step++) {
      losses.push(await first.step(step, 0.05, [batch(step, 0, some)]));
      if (step === 4) writeCheckpoint(path, await first.tensors('all'), state);
    }
    const second = new StepRunner(onHost, config, context, 3);
    const { tensors } = readCheckpoint(path, second.hostTables.targets('all'));
    expect(Object.keys(tensors)).not.toContain('items');
    await second.load(Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data])));
    for (let step = 5; step <= 8; step++) {
      expect(await second.step(step, 0.05, [batch(step, 0, some)])).toBe(losses[step - 1]);
    }
    expect(await second.predict(batch(9, 0, some))).toEqual(await first.predict(batch(9, 0, some)));
    await context.dispose();
  });
});
