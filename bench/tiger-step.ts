/**
 * One training step of TIGER small on histories as short as Amazon Beauty's: lengths of 1 + a geometric draw of mean 5, at
 * most 20 items, four codes of 256 an item. A step of `causal` trains on all positions of 256 users, one of `prefixes` on
 * 256 prefixes; `targets` is how many items a step predicts.
 *
 * usage: node bench/tiger-step.ts THREADS STEPS causal|prefixes [key=value ...]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss, "targets": …}.
 */
import type { Interactions } from '../src/core/data/types.ts';
import { openDevice } from '../src/core/engine/index.ts';
import { CodeBatches } from '../src/core/families/generative/batches.ts';
import { catalogueOf } from '../src/core/families/generative/catalogue.ts';
import { itemTokens } from '../src/core/families/generative/code-tokens.ts';
import { Tiger, type TigerConfig } from '../src/core/families/generative/tiger.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { Random } from '../src/core/math/random.ts';
import { collisionTokens } from '../src/core/semantic-ids/types.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const [threads, steps] = process.argv.slice(2, 4).map(Number);
const [encoding, ...settings] = process.argv.slice(4);
const [users, items, levels, codes] = [2048, 12_000, 4, 256];
const WARM_UP = 2;

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

let step = 0;
let targets = 0;
const next = () => {
  const batch = batches.step(0, step % batches.stepsPerEpoch);
  targets = batch.reduce(
    (sum, { inputs }) => sum + (inputs.weights as Float32Array).filter((weight) => weight > 0).length,
    0,
  );
  return runner.step(++step, config.learningRate, batch);
};
const times = await timeSteps(next, { warmUp: WARM_UP, steps });
console.log(JSON.stringify({ ...times, targets }));
await context.dispose();
