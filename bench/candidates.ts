/**
 * Candidates of hstu-ranking: one pass over a history and micro-batches of candidates behind it, beside a pass for every candidate.
 * Generated users and rows, initial parameters.
 *
 * usage: node bench/candidates.ts THREADS USERS HISTORY CANDIDATES PASSES
 * Every candidate of every user is scored (kept), so many of them again in passes of their own (alone), and those of four users as
 * places of one sequence behind their history, unseen by each other (merged). Prints one JSON line: seconds of process CPU a
 * candidate each way, how many times those of the first the others are, and the largest difference of a score by the largest score.
 */
import { type ClickData, type ClickTable, rowsOfPart, TRAIN, VALID } from '../src/core/data/clicks/index.ts';
import { openDevice } from '../src/core/engine/index.ts';
import { CandidateScorer } from '../src/core/families/clicks/candidate-scorer.ts';
import { clickSchema } from '../src/core/families/clicks/click-config.ts';
import { clickStep } from '../src/core/families/clicks/click-step.ts';
import { hstuRanking } from '../src/core/families/clicks/models/hstu-ranking.ts';
import { clickFeatures } from '../src/core/families/clicks/rows.ts';
import { readsSequences, SequenceRows } from '../src/core/families/clicks/user-batches.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { Random } from '../src/core/math/random.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';

const [threads, users, history, candidates, passes] = process.argv.slice(2).map(Number);
const ITEMS = 10_000;
const HOUR = 3600;
const each = history + candidates;

function tableOf(): ClickTable {
  const random = new Random(1);
  const items = Int32Array.from({ length: users * each }, () => random.below(ITEMS));
  const moment = (row: number) => Math.min(row % each, history) * HOUR;
  return {
    rows: items.length,
    tasks: ['click'],
    labels: [Uint8Array.from(items, () => random.below(2))],
    times: Float64Array.from(items, (_, row) => moment(row)),
    users: Int32Array.from(items, (_, row) => Math.floor(row / each)),
    items,
    itemCount: ITEMS,
    groupSize: 1,
    dense: [],
    features: [
      {
        name: 'item',
        of: 'item',
        vocabulary: ITEMS + 1,
        width: 1,
        follows: 'item',
        read: (row, target, at) => {
          target[at] = items[row] + 1;
          return 1;
        },
      },
    ],
  };
}

const table = tableOf();
const parts = Uint8Array.from({ length: table.rows }, (_, row) => (row % each < history ? TRAIN : VALID));
const split = { kind: 'random', valid: 0.1, test: 0.1, seed: 1, hiddenItems: 0 } as const;
const known = parts.map((part) => (part === TRAIN ? 1 : 0));
const data: ClickData = { table, parts, known, labels: 'actions', split, hashes: {} };
const full = resolveConfig('hstu-ranking', { overrides: { historyLength: history } });
const config = clickSchema.parse(full);
const features = clickFeatures(table, rowsOfPart(parts, TRAIN));
const sequences = { times: true, candidates: false };
const sizes = { dense: [], features, tasks: table.tasks, sequences };
const model = hstuRanking.build(full, sizes);
if (!readsSequences(model)) throw new Error('the model reads no sequences');
const { context: device } = await openDevice('cpu', { threads });
const runner = new StepRunner(clickStep(model, sizes), config, device, 1);
await runner.initialise();
const { hostTables } = runner;
const scorer = new CandidateScorer(model, sizes, data, { config, device, hostTables });
const encoder = new SequenceRows(model, sizes, data, config);

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const scores = new Map<number, number>();

async function together(rows: Int32Array): Promise<void> {
  for await (const { requested, logits } of scorer.predictions(rows)) {
    requested.forEach((place, at) => {
      scores.set(rows[place], logits[at]);
    });
  }
}

/** The scores of candidates behind a user's history, all in one sequence. */
async function inOneSequence(candidates: Int32Array): Promise<Float32Array> {
  const start = candidates[0] - (candidates[0] % each);
  const own = Int32Array.from({ length: history }, (_, at) => start + at);
  const rows = Int32Array.of(...own, ...candidates);
  const sequence = {
    user: 0,
    rows,
    interactions: Uint8Array.from(rows, (_, at) => (at < history ? 1 : 0)),
    positions: Int32Array.from(rows, (_, at) => Math.min(at, history)),
    requested: rows,
  };
  const logits = await runner.predict(encoder.encode([sequence], { rows: 1, length: rows.length }, 0));
  return logits.subarray(history);
}

const all = rowsOfPart(parts, VALID);
const ofUser = (user: number) => all.subarray(user * candidates, (user + 1) * candidates);
const some = Array.from({ length: passes }, (_, at) => all.subarray(Math.floor((at * all.length) / passes)));
const four = Array.from({ length: Math.min(4, users) }, (_, user) => ofUser(user));

/** Seconds a candidate, and the scores, after a first call that compiles. */
async function timed(parts: readonly Int32Array[], score: (rows: Int32Array) => Promise<Float32Array>) {
  await score(parts[0]);
  const begun = cpu();
  const found: [row: number, score: number][] = [];
  for (const rows of parts) {
    const values = await score(rows);
    for (const [at, row] of rows.entries()) found.push([row, values[at]]);
  }
  return { seconds: (cpu() - begun) / found.length, found };
}

await together(all.subarray(0, Math.min(4, users) * candidates));
const begun = cpu();
await together(all);
const kept = (cpu() - begun) / all.length;
const alone = await timed(
  some.map((rows) => rows.subarray(0, 1)),
  inOneSequence,
);
const merged = await timed(four, inOneSequence);
const found = [...alone.found, ...merged.found];
const largest = Math.max(...found.map(([, score]) => Math.abs(score)));
const difference = Math.max(...found.map(([row, score]) => Math.abs((scores.get(row) as number) - score)));
console.log(
  JSON.stringify({
    kept,
    alone: alone.seconds,
    merged: merged.seconds,
    aloneRatio: alone.seconds / kept,
    mergedRatio: merged.seconds / kept,
    difference: difference / largest,
  }),
);
await device.dispose();
