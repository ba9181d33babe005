/** Training steps and an epoch of the sequential models at MovieLens-1M's configuration, against PyTorch. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/core/math/random.ts';
import { median } from './median.ts';
import { child, type StepTime, torchEnvironment } from './processes.ts';

const MODELS = ['sasrec', 'hstu', 'fuxi-alpha', 'llama'];
const BATCH = 32;
const EPOCH_BATCH = 128;
const EPOCH_USERS = 6040;
const STEPS = 5;
const LONGEST = 200;

interface Case {
  lengths: number[];
  batch: number;
  steps: number;
  threads: number;
  time: keyof StepTime;
}

interface Comparison {
  /** Steps timed. */
  steps: number;
  /** Of one step. */
  seconds: number;
  torchSeconds: number | null;
  ratio: number | null;
  ratios: number[];
}

/** Log-normal lengths of median 96 as in MovieLens-1M: fewest 18, most 200 positions trained. */
function lengths(users: number, deviation: number): number[] {
  const random = new Random(7);
  const draw = () => Math.round(96 * Math.exp(deviation * random.normal()));
  return Array.from({ length: users }, () => Math.max(18, Math.min(LONGEST, draw())));
}

function cases(epochSteps: number): Record<string, Case> {
  const full = { lengths: Array<number>(BATCH).fill(LONGEST), batch: BATCH, steps: STEPS };
  const mixed = { lengths: lengths(BATCH, 0.8), batch: BATCH, steps: STEPS };
  const epoch = { lengths: lengths(EPOCH_USERS, 1), batch: EPOCH_BATCH, steps: epochSteps };
  return {
    full: { ...full, threads: 1, time: 'cpu' },
    mixed: { ...mixed, threads: 1, time: 'cpu' },
    fullTwoThreads: { ...full, threads: 2, time: 'wall' },
    epoch: { ...epoch, threads: 1, time: 'cpu' },
  };
}

function compare(model: string, one: Case, file: string, python: string | null, turns: number): Comparison {
  const args = [model, String(one.threads), String(one.steps), String(one.batch), file];
  const ours: number[] = [];
  const torch: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const ourScript = join(import.meta.dirname, 'next-item-step.ts');
    const torchScript = join(import.meta.dirname, 'torch', 'next_item_step.py');
    ours.push(child(process.execPath, [ourScript, ...args])[one.time]);
    if (!python) continue;
    torch.push(child(python, [torchScript, ...args], torchEnvironment(one.threads))[one.time]);
  }
  const ratios = torch.map((seconds, turn) => ours[turn] / seconds);
  return {
    steps: one.steps,
    seconds: median(ours),
    torchSeconds: python ? median(torch) : null,
    ratio: python ? median(ratios) : null,
    ratios,
  };
}

interface Options {
  alternations: number;
  /** By default all. */
  models?: readonly string[];
  /** Steps of the epoch that are timed; by default all of them. */
  epochSteps?: number;
}

/** By model and case. The epoch takes a third of the alternations, one at least. */
export function benchmarkSequential(
  python: string | null,
  { alternations, models = MODELS, epochSteps = Math.ceil(EPOCH_USERS / EPOCH_BATCH) }: Options,
): Record<string, Record<string, Comparison>> {
  const work = join(import.meta.dirname, 'work');
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'lengths-'));
  try {
    const results: Record<string, Record<string, Comparison>> = {};
    for (const model of models) {
      results[model] = {};
      for (const [name, one] of Object.entries(cases(epochSteps))) {
        const file = join(folder, `${name}.json`);
        writeFileSync(file, JSON.stringify(one.lengths));
        const turns = name === 'epoch' ? Math.ceil(alternations / 3) : alternations;
        results[model][name] = compare(model, one, file, python, turns);
        console.error(`${model} ${name}: ${JSON.stringify(results[model][name])}`);
      }
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
