/**
 * One training step of TIGER small on histories as short as Amazon Beauty's: lengths of 1 + a geometric draw of mean 5, at
 * most 20 items, four codes of 256 an item. A step of `causal` trains on all positions of 256 users, one of `prefixes` on
 * 256 prefixes; `targets` is how many items a step predicts.
 *
 * usage: node bench/tiger-step.ts THREADS STEPS causal|prefixes [key=value ...]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss, "targets": …,
 * "gflop": of a step's matrix products, padding included, "rate" and "plain": GFLOP a second of CPU of the fastest step and
 * of the fastest of the square products between them, "share": rate / plain}.
 */

import type { Interactions } from '../src/core/data/types.ts';
import { type Executable, float32, openDevice, type Tensors } from '../src/core/engine/index.ts';
import * as tf from '../src/core/engine/tf.ts';
import { catalogueOf, itemTokens } from '../src/core/families/generative/code-tokens.ts';
import { CodeBatches } from '../src/core/families/generative/generative-batches.ts';
import { Tiger, type TigerConfig } from '../src/core/families/generative/models/tiger.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { Random } from '../src/core/math/random.ts';
import { collisionTokens } from '../src/core/semantic-ids/types.ts';
import type { BatchShape } from '../src/core/training/step-model.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';

const [threads, steps] = process.argv.slice(2, 4).map(Number);
const [encoding, ...settings] = process.argv.slice(4);
const [users, items, levels, codes] = [2048, 12_000, 4, 256];
const WARM_UP = 2;
/** Side of the plain product. */
const SIDE = 768;
const PRODUCTS = 5;

const random = new Random(3);
const offsets = new Int32Array(users + 1);
for (let user = 0; user < users; user++) {
  const drawn = 2 + Math.floor(Math.log(1 - random.uniform()) / Math.log(5 / 6));
  offsets[user + 1] = offsets[user] + Math.min(21, drawn);
}
const itemIds = new Int32Array(offsets[users]);
random.fillIntegers(itemIds, 0, items);
const data: Interactions = {
  users,
  items,
  catalogueItems: items,
  offsets,
  itemIds,
  times: null,
  ratings: null,
};
const drawn = new Int32Array(items * levels);
random.fillIntegers(drawn, 0, codes);

const overrides = Object.fromEntries(
  settings.map((setting) => {
    const [key, value] = setting.split('=');
    return [key, Number.isNaN(Number(value)) ? value : Number(value)];
  }),
);
const config = resolveConfig('tiger', {
  overrides: { tokeniser: 'none', encoding, collisionToken: false, ...overrides },
}) as TigerConfig;
const tokens = itemTokens(
  {
    levels,
    codebookSizes: Array<number>(levels).fill(codes),
    items,
    codes: drawn,
    collisionTokens: collisionTokens(drawn, levels),
  },
  config,
);
const { context } = await openDevice('cpu', { threads });
const tiger = new Tiger(config, tokens.levels);
const batches = new CodeBatches(data, offsets.slice(1), tiger, catalogueOf(tokens, items, null), 1);
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
  const batch = batches.step(0, (step - 1) % batches.stepsPerEpoch);
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
