/**
 * One SASRec training step of ours, the peer of torch/sasrec_step.py: batch 32 x 200, width 64, 2 blocks,
 * 2 heads, 128 negatives shared by the batch, dropout 0.2 with fresh masks every step, Adam.
 *
 * usage: node bench/sasrec-step.ts THREADS STEPS
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
 */
import { openDevice } from '../src/core/engine/index.ts';
import { type SasRecConfig, sasRecModel } from '../src/core/families/next-item/models/sasrec.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { Random } from '../src/core/math/random.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const [threads, steps] = process.argv.slice(2).map(Number);
const [rows, length, items] = [32, 200, 3705];
const WARM_UP = 3;

const config = resolveConfig('sasrec', {
  overrides: {
    maxLength: length,
    affineNorms: true,
    l2Normalize: false,
    temperature: 1,
    negativeSharing: 'batch',
    optimiser: 'adam',
    microBatchTokens: rows * length,
  },
}) as SasRecConfig;

const { context } = await openDevice('cpu', { threads });
const model = sasRecModel(config, { users: rows, items });
const runner = new StepRunner(model, config, context, 1);
await runner.load(initialise(model.parameters, 1));

const random = new Random(3);
const ids = new Int32Array(rows * length);
const targets = new Int32Array(rows * length);
random.fillIntegers(ids, 1, items + 1);
random.fillIntegers(targets, 0, items);
const batch = {
  shape: { rows, length },
  users: Int32Array.from({ length: rows }, (_, row) => row),
  inputs: {
    ids,
    targets,
    lengths: new Int32Array(rows).fill(length),
    weights: new Float32Array(rows * length).fill(1 / (rows * length)),
  },
  tokens: rows * length,
};

let step = 0;
const next = () => runner.step(++step, config.learningRate, [batch]);
console.log(JSON.stringify(await timeSteps(next, { warmUp: WARM_UP, steps })));
await context.dispose();
