/**
 * Full-ranking evaluation at the size of Amazon Beauty: 22,363 users x 12,101 items, width 64, generated
 * sequences, SASRec with random parameters, history filter, lists of 10.
 *
 * usage: node bench/ranking.ts THREADS [bare]
 * "bare" encodes no history: the item read first is compared with all items, what torch/ranking.py does.
 * Prints one JSON line: {"seconds", "cpu": seconds of process CPU, "usersPerSecond", "peakMiB"}; compiling is not counted.
 */
import { leaveLastOut } from '../src/core/data/splits/leave-last-out.ts';
import { gatherRows, openDevice, type Tensors } from '../src/core/engine/index.ts';
import * as tf from '../src/core/engine/tf.ts';
import { type SasRecConfig, sasRecModel } from '../src/core/families/next-item/models/sasrec.ts';
import { DeviceRanker } from '../src/core/families/next-item/ranking/device-ranker.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import { Random } from '../src/core/math/random.ts';
import { evaluationSet } from '../src/core/training/ranking/evaluation-set.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const threads = Number(process.argv[2]);
const bare = process.argv[3] === 'bare';
const [users, items] = [22_363, 12_101];

const random = new Random(1);
const offsets = new Int32Array(users + 1);
for (let user = 0; user < users; user++) {
  offsets[user + 1] = offsets[user] + 5 + Math.floor(-4 * Math.log(1 - random.uniform()));
}
const itemIds = new Int32Array(offsets[users]);
random.fillIntegers(itemIds, 0, items);
const data = { users, items, catalogueItems: items, offsets, itemIds, times: null, ratings: null };

const config = resolveConfig('sasrec') as SasRecConfig;
const { context } = await openDevice('cpu', { threads });
const model = sasRecModel(config, { users, items });
await new StepRunner(model, config, context, 1).load(initialise(model.parameters, 1));

/** Scores of the first item read: rows of a table against the table. */
function bareScores(parameters: Tensors, { ids }: Tensors): tf.Tensor {
  const table = parameters['item-embedding'];
  const rows = ids.shape[0];
  const first = tf.reshape(tf.slice(ids, [0, 0], [rows, 1]), [rows]);
  const vectors = tf.slice(table, [1, 0], [items, config.dim]);
  return tf.matMul(gatherRows(table, first), vectors, false, true);
}

const ranker = new DeviceRanker({
  model: bare
    ? Object.create(model, { scores: { value: bareScores }, logitScale: { value: undefined } })
    : model,
  data,
  set: evaluationSet(leaveLastOut(data), 'test'),
  device: context,
  rule: { historyFilter: 'all', historyWindow: 200, rankLimit: null },
  microBatchTokens: config.microBatchTokens,
  topK: 10,
});
const rank = () => ranker.rank(() => {}).then(() => users);
const { cpu, wall } = await timeSteps(rank, { warmUp: 1, steps: 1 });
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ seconds: wall, cpu, usersPerSecond: users / wall, peakMiB }));
await context.dispose();
