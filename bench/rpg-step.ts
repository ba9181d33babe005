/**
 * One training step of RPG on histories as short as Amazon Beauty's, with IDs of 16 codes of 256, the peer of torch/rpg_step.py:
 * preset strong (width 256, 2 blocks), 256 users.
 *
 * usage: node bench/rpg-step.ts THREADS STEPS [key=value ...] [--exchange FOLDER]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}. --exchange: as in
 * next-item-step.ts.
 */
import { parseArgs } from 'node:util';
import { openDevice } from '../src/core/engine/index.ts';
import { CodeBatches } from '../src/core/families/generative/generative-batches.ts';
import { Rpg, type RpgConfig } from '../src/core/families/generative/models/rpg.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { codeData, settingsOf } from './code-data.ts';
import { exchange, plainOf } from './exchange.ts';
import { timeSteps } from './time-steps.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { exchange: { type: 'string' } },
});
const [threads, steps] = positionals.slice(0, 2).map(Number);
const overrides = {
  ...{ tokeniser: 'none', collisionToken: false },
  ...settingsOf(positionals.slice(2)),
};
const configOf = (more: object) =>
  resolveConfig('rpg', { preset: 'strong', overrides: { ...overrides, ...more } }) as RpgConfig;
const config = configOf({});
const sizes = { users: 2048, items: 12_000, levels: 16, codes: 256 };
const { data, catalogue } = codeData(sizes, { ...config, userTokens: 0, separator: false });
const { levels } = catalogue.tokens;
const model = new Rpg(config, levels);
const batches = new CodeBatches(data, data.offsets.slice(1), model, catalogue, { seed: 1 });
const dealt = (index: number) => batches.step(0, index % batches.stepsPerEpoch);
const { context } = await openDevice('cpu', { threads });
if (values.exchange) {
  const subject = { model: new Rpg(configOf(plainOf(config)), levels), context, step: dealt };
  const told = { ...config, levels };
  console.log(JSON.stringify(await exchange(values.exchange, { ...subject, config: told }, steps)));
} else {
  const runner = new StepRunner(model, config, context, 1);
  await runner.load(initialise(model.parameters, 1));
  let step = 0;
  const next = () => runner.step(step + 1, config.learningRate, dealt(step++));
  console.log(JSON.stringify(await timeSteps(next, { warmUp: 2, steps })));
}
await context.dispose();
