/**
 * Lists of 10 for many users by TIGER small with random parameters, on histories as short as Amazon Beauty's: constrained beam
 * search without the items of the history.
 *
 * usage: node bench/tiger-lists.ts USERS BEAMS THREADS [LENGTHS_FILE]
 * Prints one JSON line: {"cpu": seconds of process CPU, "wall": seconds}; compiling is not counted. Writes the lengths of the
 * histories into the file, for the peer (torch/tiger_lists.py).
 */
import { writeFileSync } from 'node:fs';
import { openDevice } from '../src/core/engine/index.ts';
import { Tiger, type TigerConfig } from '../src/core/families/generative/models/tiger.ts';
import { UserLister } from '../src/core/families/generative/search/generative-ranker.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { codeData } from './code-data.ts';
import { timeSteps } from './time-steps.ts';

const [users, beams, threads] = process.argv.slice(2, 5).map(Number);
const lengthsFile = process.argv[5];
const K = 10;

const overrides = { tokeniser: 'none', encoding: 'causal', collisionToken: false, beams };
const config = resolveConfig('tiger', { overrides }) as TigerConfig;
const { data, catalogue } = codeData({ users, items: 12_000, levels: 4, codes: 256 }, config);
if (lengthsFile) {
  const lengths = Array.from({ length: users }, (_, user) => data.offsets[user + 1] - data.offsets[user]);
  const read = lengths.map((length) => Math.min(length, config.maxLength));
  writeFileSync(lengthsFile, JSON.stringify(read));
}
const { context } = await openDevice('cpu', { threads });
const model = new Tiger(config, catalogue.tokens.levels);
await new StepRunner(model, config, context, 1).load(initialise(model.parameters, 1));
const lister = new UserLister(
  {
    ...{ model, catalogue, data, device: context, seed: 1 },
    users: Int32Array.from({ length: users }, (_, user) => user),
    historyEnds: data.offsets.subarray(1),
  },
  { length: K, minBeams: K, purpose: 'result', levelAccuracy: false },
);
const listAll = async () => {
  let listed = 0;
  await lister.list(
    (user) => ({
      targets: [],
      filtered: new Set(data.itemIds.subarray(data.offsets[user], data.offsets[user + 1])),
    }),
    (_, { list }) => {
      listed += Math.min(K, list.items.length);
    },
    {},
  );
  return listed;
};
const { cpu, wall } = await timeSteps(listAll, { warmUp: 1, steps: 1 });
console.log(JSON.stringify({ cpu, wall }));
await lister[Symbol.asyncDispose]();
await context.dispose();
