/**
 * One training step of TIGER small on histories as short as Amazon Beauty's: lengths of 1 + a geometric draw of mean 5, at
 * most 20 items, four codes of 256 an item. A step of `causal` trains on all positions of 256 users, one of `prefixes` on
 * 256 prefixes; `targets` is how many items a step predicts.
 *
 * usage: node bench/tiger-step.ts THREADS STEPS causal|prefixes [key=value ...] [--exchange FOLDER]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss, "targets": …,
 * "gflop": of a step's matrix products, padding included, "rate" and "plain": GFLOP a second of CPU of the fastest step and
 * of the fastest of the square products between them, "share": rate / plain}. --exchange: as in next-item-step.ts, for
 * torch/tiger_step.py.
 */

import { parseArgs } from 'node:util';
import { type Executable, float32, openDevice, type Tensors } from '../src/core/engine/index.ts';
import * as tf from '../src/core/engine/tf.ts';
import { CodeBatches } from '../src/core/families/generative/generative-batches.ts';
import { Tiger, type TigerConfig } from '../src/core/families/generative/models/tiger.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import type { BatchShape } from '../src/core/training/step-model.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { codeData, settingsOf } from './code-data.ts';
import { exchange, plainOf } from './exchange.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { exchange: { type: 'string' } },
});
const [threads, steps] = positionals.slice(0, 2).map(Number);
const [encoding, ...settings] = positionals.slice(2);
const sizes = { users: 2048, items: 12_000, levels: 4, codes: 256 };
const { levels, codes } = sizes;
const WARM_UP = 2;
/** Side of the plain product. */
const SIDE = 768;
const PRODUCTS = 5;

const overrides = {
  ...{ tokeniser: 'none', encoding, collisionToken: false },
  ...settingsOf(settings),
};
const configOf = (more: object) =>
  resolveConfig('tiger', { overrides: { ...overrides, ...more } }) as TigerConfig;
const config = configOf({});
const { data, catalogue } = codeData(sizes, config);
const { tokens } = catalogue;
const { context } = await openDevice('cpu', { threads });
const tiger = new Tiger(config, tokens.levels);
const batches = new CodeBatches(data, data.offsets.slice(1), tiger, catalogue, { seed: 1 });
const dealt = (index: number) => batches.step(0, index % batches.stepsPerEpoch);
if (values.exchange) {
  const told = { ...config, levels: tokens.levels, before: config.userTokens > 0 ? 1 : 0 };
  const model = new Tiger(configOf(plainOf(config)), tokens.levels);
  console.log(
    JSON.stringify(await exchange(values.exchange, { model, config: told, context, step: dealt }, steps)),
  );
  await context.dispose();
  process.exit();
}
const runner = new StepRunner(tiger, config, context, 1);
await runner.load(initialise(tiger.parameters, 1));

/** Floating-point operations of the matrix products of a training step, whose backward pass has two for each forward one. */
function productsOf(shape: BatchShape): number {
  const { dim, heads, headDim, ffnDim, encoderBlocks, decoderBlocks } = config;
  const inner = heads * headDim;
  const [source, targets] = [tiger.sourceLength(shape.length), tiger.targets(shape)];
  const sources = shape.rows * source;
  const decoded = shape.rows * targets * levels;
  const encoder = sources * (4 * dim * inner + 2 * source * inner + 2 * dim * ffnDim);
  const self = decoded * (4 * dim * inner + 2 * levels * inner);
  const cross = decoded * (2 * dim * inner + 2 * source * inner) + sources * 2 * dim * inner;
  const decoder = self + cross + decoded * 2 * dim * ffnDim;
  const head = decoded * dim * (config.softmax === 'vocabulary' ? tokens.levels.outputs : codes);
  return 3 * 2 * (encoderBlocks * encoder + decoderBlocks * decoder + head);
}

function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

async function plainProduct(): Promise<Executable> {
  const side = float32(SIDE, SIDE);
  await context.load({ side: { spec: side, data: new Float32Array(SIDE * SIDE).fill(1 / SIDE) } });
  const run = ({ side: x }: Tensors) => ({ state: {}, outputs: { total: tf.sum(tf.matMul(x, x)) } });
  return context.compile({ name: 'plain product', state: { side }, inputs: {}, run });
}

const plain = await plainProduct();
const sums = { cpu: 0, wall: 0, gflop: 0 };
let [rate, plainRate] = [0, 0];
let loss = 0;
let targets = 0;
for (let step = 1; step <= WARM_UP + steps; step++) {
  const batch = dealt(step - 1);
  const cpu = process.cpuUsage();
  const start = performance.now();
  loss = await runner.step(step, config.learningRate, batch);
  const wall = (performance.now() - start) / 1000;
  const own = secondsSince(cpu);
  for (let product = 0; product < PRODUCTS; product++) {
    const before = process.cpuUsage();
    await plain.run({});
    plainRate = Math.max(plainRate, (2 * SIDE ** 3) / secondsSince(before) / 1e9);
  }
  if (step <= WARM_UP) continue;
  const gflop = batch.reduce((sum, { shape }) => sum + productsOf(shape), 0) / 1e9;
  rate = Math.max(rate, gflop / own);
  sums.cpu += own;
  sums.wall += wall;
  sums.gflop += gflop;
  targets = batch.reduce(
    (sum, { inputs }) => sum + (inputs.weights as Float32Array).filter((weight) => weight > 0).length,
    0,
  );
}
const [cpu, wall, gflop] = [sums.cpu, sums.wall, sums.gflop].map((sum) => sum / steps);
console.log(
  JSON.stringify({ cpu, wall, loss, targets, gflop, rate, plain: plainRate, share: rate / plainRate }),
);
await context.dispose();
