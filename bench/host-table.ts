/**
 * Training steps with an embedding table on the host; ids uniform, so that nearly every row of a step is another one.
 * dlrm: a click model of a user's 10 past items and a candidate, batch 2,048, on DLRM's networks.
 * sasrec: 128 histories of 50 items, 2 blocks, 128 negatives shared by the batch, dropout 0.2.
 *
 * usage: node bench/host-table.ts MODEL ITEMS DIM THREADS STEPS OPTIMISER [CHECKPOINT]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss,
 * "initialise": seconds, "peakGiB": peak resident memory}, with a CHECKPOINT path also seconds to "write" and "read" it.
 */
import { z } from 'zod';
import { openDevice } from '../src/core/engine/index.ts';
import type { ClickSizes } from '../src/core/families/clicks/click-model.ts';
import { type ClickRows, clickStep, encodeRows } from '../src/core/families/clicks/click-step.ts';
import { Dlrm, dlrmFields } from '../src/core/families/clicks/models/dlrm.ts';
import { type SasRecConfig, sasRecModel } from '../src/core/families/next-item/models/sasrec.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { readSafetensors, writeSafetensors } from '../src/core/files/safetensors.ts';
import { Random } from '../src/core/math/random.ts';
import type { StepModel } from '../src/core/training/step-model.ts';
import { type StepBatch, StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const name = process.argv[2];
const [items, dim, threads, steps] = process.argv.slice(3, 7).map(Number);
const [optimiser, checkpoint] = process.argv.slice(7);
const WARM_UP = 3;

/** A model, and what draws its next rows and then makes a batch of them, which is part of a step. */
interface Task {
  model: StepModel;
  next(random: Random): () => StepBatch;
}

function clicks(): Task {
  const [rows, past] = [2048, 10];
  const feature = { of: 'item', vocabulary: items, counts: new Int32Array(0) } as const;
  const sizes: ClickSizes = {
    dense: [],
    features: [
      { ...feature, name: 'item', width: 1 },
      { ...feature, name: 'history', width: past },
    ],
    tasks: ['click'],
  };
  const model = new Dlrm(z.object(dlrmFields).parse({ dim, interaction: 'cat' }), sizes);
  const bags = (random: Random, width: number) => {
    const ids = new Int32Array(rows * width);
    random.fillIntegers(ids, 0, items);
    return { ids, offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * width) };
  };
  const drawn = (random: Random): ClickRows => ({
    count: rows,
    dense: new Float32Array(0),
    features: [bags(random, 1), bags(random, past)],
    labels: Float32Array.from({ length: rows }, () => random.below(2)),
    weights: new Float32Array(rows).fill(1 / rows),
    users: new Int32Array(rows).fill(-1),
  });
  return {
    model: clickStep(model, sizes),
    next: (random) => {
      const data = drawn(random);
      return () => encodeRows(model, sizes, data, rows);
    },
  };
}

function histories(): Task {
  const shape = { rows: 128, length: 50 };
  const tokens = shape.rows * shape.length;
  const overrides = { dim, itemTable: 'host', negativeSharing: 'batch', optimiser, maxLength: shape.length };
  const config = resolveConfig('sasrec', { overrides }) as SasRecConfig;
  return {
    model: sasRecModel(config, { users: shape.rows, items }),
    next: (random) => {
      const sequences = new Int32Array(shape.rows * (shape.length + 1));
      random.fillIntegers(sequences, 0, items);
      const cut = (from: number, shift: number) =>
        Int32Array.from({ length: tokens }, (_, at) => {
          const row = Math.floor(at / shape.length);
          return sequences[at + row + from] + shift;
        });
      const lengths = new Int32Array(shape.rows).fill(shape.length);
      const weights = new Float32Array(tokens).fill(1 / tokens);
      const users = Int32Array.from({ length: shape.rows }, (_, row) => row);
      const batch = {
        shape,
        users,
        tokens,
        inputs: { ids: cut(0, 1), targets: cut(1, 0), lengths, weights },
      };
      return () => batch;
    },
  };
}

const { model, next } = name === 'sasrec' ? histories() : clicks();
const random = new Random(3);
const batches = Array.from({ length: WARM_UP + steps }, () => next(random));
const { context } = await openDevice('cpu', { threads });
const config = { optimiser, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 };
const seconds = async (work: () => unknown) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
const runner = new StepRunner(model, config as ConstructorParameters<typeof StepRunner>[1], context, 1);
const initialise = await seconds(() => runner.initialise());
let step = 0;
const times = await timeSteps(() => runner.step(++step, 0.01, [batches[step - 1]()]), {
  warmUp: WARM_UP,
  steps,
});
const files = checkpoint
  ? {
      write: await seconds(async () => writeSafetensors(checkpoint, await runner.tensors('all'))),
      read: await seconds(() => readSafetensors(checkpoint, runner.hostTables.targets('all'))),
    }
  : {};
const peakGiB = process.resourceUsage().maxRSS / 2 ** 20;
console.log(JSON.stringify({ ...times, initialise, ...files, peakGiB }));
await context.dispose();
