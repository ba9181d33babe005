/** Training steps and epochs of the sequential models at MovieLens-1M's and Amazon Beauty's configuration, against PyTorch. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/core/math/random.ts';
import { type Comparison, comparePeer, type Mode, type Peer, withFolder } from './peers.ts';
import type { StepTime } from './processes.ts';

const MODELS = ['sasrec', 'esasrec', 'hstu', 'llama', 'fuxi-alpha', 'gru4rec'];
const BATCH = 32;
const EPOCH_BATCH = 128;
const EPOCH_USERS = { 'ml-1m': 6040, beauty: 22_363 };
export const ITEMS = { 'ml-1m': 3883, beauty: 12_101 };
const STEPS = 5;
const LONGEST = 200;

interface Case {
  preset: keyof typeof ITEMS;
  lengths: number[];
  batch: number;
  steps: number;
  threads: number;
  time: keyof StepTime;
}

/** Log-normal lengths of median 96 as in MovieLens-1M: fewest 18, most 200 positions trained. */
function lengths(users: number, deviation: number): number[] {
  const random = new Random(7);
  const draw = () => Math.round(96 * Math.exp(deviation * random.normal()));
  return Array.from({ length: users }, () => Math.max(18, Math.min(LONGEST, draw())));
}

/** Two positions trained and a geometric draw of mean 4, at most 50, as in Amazon Beauty. */
function shortLengths(users: number): number[] {
  const random = new Random(7);
  const draw = () => 2 + Math.floor(Math.log(1 - random.uniform()) / Math.log(4 / 5));
  return Array.from({ length: users }, () => Math.min(50, draw()));
}

export function cases(epochSteps: number): Record<string, Case> {
  const one = { preset: 'ml-1m', batch: BATCH, steps: STEPS, threads: 1, time: 'cpu' } as const;
  const full = { ...one, lengths: Array<number>(BATCH).fill(LONGEST) };
  const epoch = { ...one, batch: EPOCH_BATCH, steps: epochSteps };
  return {
    full,
    mixed: { ...one, lengths: lengths(BATCH, 0.8) },
    fullTwoThreads: { ...full, threads: 2, time: 'wall' },
    epoch: { ...epoch, lengths: lengths(EPOCH_USERS['ml-1m'], 1) },
    beautyEpoch: { ...epoch, preset: 'beauty', lengths: shortLengths(EPOCH_USERS.beauty) },
  };
}

/** The peer of a model in a case whose lengths are in the file. */
export function peerOf(model: string, { batch, preset }: Pick<Case, 'batch' | 'preset'>, file: string): Peer {
  const rest = [String(batch), file, preset, String(ITEMS[preset])];
  return {
    ours: 'next-item-step.ts',
    torch: 'next_item_step.py',
    args: (threads, steps) => [model, String(threads), String(steps), ...rest],
  };
}

interface Options {
  alternations: number;
  /** By default all. */
  models?: readonly string[];
  cases?: readonly string[];
  modes?: readonly Mode[];
  /** Steps of an epoch that are timed. */
  epochSteps?: number;
  /** Results that stay where nothing is measured again. */
  earlier?: Record<string, Record<string, Comparison>>;
}

/** By model and case; each step of an epoch has 128 users. */
export function benchmarkSequential(
  python: string | null,
  { alternations, models = MODELS, epochSteps = 8, ...options }: Options,
): Record<string, Record<string, Comparison>> {
  return withFolder((folder) => {
    const results = { ...options.earlier };
    const wanted = Object.entries(cases(epochSteps)).filter(
      ([name]) => options.cases?.includes(name) ?? true,
    );
    for (const model of models) {
      results[model] = { ...results[model] };
      for (const [name, one] of wanted) {
        const file = join(folder, `${name}.json`);
        writeFileSync(file, JSON.stringify(one.lengths));
        const { threads, time, steps } = one;
        const timing = { threads, time, steps, alternations, modes: options.modes };
        results[model][name] = comparePeer(peerOf(model, one, file), python, timing);
        console.error(`${model} ${name}: ${JSON.stringify(results[model][name])}`);
      }
    }
    return results;
  });
}
