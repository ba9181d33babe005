/**
 * Training steps of a sequential model of ours, the peer of torch/next_item_step.py: generated interactions, the batches, buckets
 * and random inputs of real training.
 *
 * usage: node bench/next-item-step.ts MODEL THREADS STEPS BATCH LENGTHS_FILE [PRESET] [ITEMS] [apart] [--exchange FOLDER]
 * LENGTHS_FILE holds a JSON list: the positions trained of every user. PRESET is ml-1m and ITEMS 3883 unless told.
 * "apart" computes the micro-batches of a step one after the other, as steps too large for one graph are.
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}; with --exchange it
 * times nothing, writes what the peer reads (exchange.ts) and prints {"losses": of the first steps, without dropout}.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SequenceBatches } from '../src/core/data/batches/sequence-batches.ts';
import { openDevice } from '../src/core/engine/index.ts';
import { buildTrained } from '../src/core/families/next-item/next-item-models.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import type { TrainingConfig } from '../src/core/training/config.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { exchange, plainOf } from './exchange.ts';
import { generate } from './generated.ts';
import { timeSteps } from './time-steps.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { exchange: { type: 'string' } },
});
const [name, , , , lengthsFile, preset = 'ml-1m', items = '3883', apart] = positionals;
const [threads, steps, batchSize] = positionals.slice(1, 4).map(Number);
/** With the first step that does not fit into one graph, where there is one among as many. */
const WARM_UP = preset === 'ml-1m' ? 2 : 40;

const data = generate(JSON.parse(readFileSync(lengthsFile, 'utf8')), Number(items));
const configOf = (overrides: object) =>
  resolveConfig(name, { preset, overrides: { batchSize, ...overrides } }) as TrainingConfig;
const config = configOf({});
const modelOf = (of: TrainingConfig) => {
  const model = buildTrained(name, of, data);
  if (model.batches.kind !== 'sequences') throw new Error(`${name} reads no sequences`);
  return { model, kind: model.batches };
};
const { model, kind } = modelOf(config);
const { maxLength, columns } = kind;
const { microBatchTokens } = config;
const batches = new SequenceBatches(data, data.offsets.subarray(1), {
  batchSize,
  microBatchTokens,
  maxLength,
  columns,
  seed: 1,
  joint: apart === undefined && model.jointLoss !== undefined,
});
const dealt = (index: number) => {
  const { stepsPerEpoch } = batches;
  return batches.step(Math.floor(index / stepsPerEpoch), index % stepsPerEpoch);
};

const { context } = await openDevice('cpu', { threads });
if (values.exchange) {
  const plain = modelOf(configOf(plainOf(config))).model;
  const subject = {
    model: plain,
    config: { ...config, model: name, items: data.items },
    context,
    step: dealt,
  };
  console.log(JSON.stringify(await exchange(values.exchange, subject, steps)));
} else {
  const runner = new StepRunner(model, config, context, 1);
  await runner.load(initialise(model.parameters, 1));
  let step = 0;
  const next = () => runner.step(step + 1, config.learningRate, dealt(step++));
  console.log(JSON.stringify(await timeSteps(next, { warmUp: WARM_UP, steps })));
}
await context.dispose();
