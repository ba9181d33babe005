/**
 * Training steps of a sequential model of ours, at its MovieLens-1M preset the peer of torch/next_item_step.py:
 * generated interactions, the batches, buckets and random inputs of real training.
 *
 * usage: node bench/next-item-step.ts MODEL THREADS STEPS BATCH LENGTHS_FILE [PRESET] [ITEMS] [apart]
 * LENGTHS_FILE holds a JSON list: the positions trained of every user. PRESET is ml-1m and ITEMS 3883 unless told.
 * "apart" computes the micro-batches of a step one after the other, as steps too large for one graph are.
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
 */
import { readFileSync } from 'node:fs';
import { SequenceBatches } from '../src/core/data/batches/sequence-batches.ts';
import { openDevice } from '../src/core/engine/index.ts';
import { buildTrained } from '../src/core/families/next-item/next-item-models.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import type { TrainingConfig } from '../src/core/training/config.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { generate } from './generated.ts';
import { timeSteps } from './time-steps.ts';

const [name, lengthsFile, preset = 'ml-1m', items = '3883', apart] = [2, 6, 7, 8, 9].map(
  (at) => process.argv[at],
);
const [threads, steps, batchSize] = process.argv.slice(3, 6).map(Number);
/** With the first step that does not fit into one graph, where there is one among as many. */
const WARM_UP = preset === 'ml-1m' ? 2 : 40;

const data = generate(JSON.parse(readFileSync(lengthsFile, 'utf8')), Number(items));
const config = resolveConfig(name, { preset, overrides: { batchSize } }) as TrainingConfig;
const model = buildTrained(name, config, data);
if (model.batches.kind !== 'sequences') throw new Error(`${name} reads no sequences`);
const { maxLength, columns } = model.batches;
const { microBatchTokens } = config;
const batches = new SequenceBatches(data, data.offsets.subarray(1), {
  batchSize,
  microBatchTokens,
  maxLength,
  columns,
  seed: 1,
  joint: apart === undefined,
});

const { context } = await openDevice('cpu', { threads });
const runner = new StepRunner(model, config, context, 1);
await runner.load(initialise(model.parameters, 1));

let step = 0;
const next = () => {
  const index = step++;
  const { stepsPerEpoch } = batches;
  const dealt = batches.step(Math.floor(index / stepsPerEpoch), index % stepsPerEpoch);
  return runner.step(step, config.learningRate, dealt);
};
console.log(JSON.stringify(await timeSteps(next, { warmUp: WARM_UP, steps })));
await context.dispose();
