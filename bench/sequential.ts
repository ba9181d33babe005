/** Training steps and an epoch of the sequential models at MovieLens-1M's configuration, against PyTorch. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../src/core/random.ts';
import { median } from './median.ts';
import { child, type StepTime, torchEnvironment } from './processes.ts';

const MODELS = ['sasrec', 'hstu', 'fuxi-alpha', 'llama'];
const BATCH = 32;
const EPOCH_BATCH = 128;
const EPOCH_USERS = 6040;
const STEPS = 10;
const LONGEST = 200;

interface Case {
  lengths: number[];
  batch: number;
  steps: number;
  threads: number;
  time: keyof StepTime;
}

interface Comparison {
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

function cases(): Record<string, Case> {
  const full = { lengths: Array<number>(BATCH).fill(LONGEST), batch: BATCH, steps: STEPS };
  const mixed = { lengths: lengths(BATCH, 0.8), batch: BATCH, steps: STEPS };
  const steps = Math.ceil(EPOCH_USERS / EPOCH_BATCH);
  return {
    full: { ...full, threads: 1, time: 'cpu' },
    mixed: { ...mixed, threads: 1, time: 'cpu' },
    fullTwoThreads: { ...full, threads: 2, time: 'wall' },
    epoch: { lengths: lengths(EPOCH_USERS, 1), batch: EPOCH_BATCH, steps, threads: 1, time: 'cpu' },
  };
}

/** Times are of one step, of the epoch those of all its steps. */
function compare(model: string, one: Case, file: string, python: string | null, turns: number): Comparison {
  const args = [model, String(one.threads), String(one.steps), String(one.batch), file];
  const scale = one.batch === EPOCH_BATCH ? one.steps : 1;
  const ours: number[] = [];
  const torch: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const ourScript = join(import.meta.dirname, 'next-item-step.ts');
    const torchScript = join(import.meta.dirname, 'torch', 'next_item_step.py');
    ours.push(scale * child(process.execPath, [ourScript, ...args])[one.time]);
    if (!python) continue;
    torch.push(scale * child(python, [torchScript, ...args], torchEnvironment(one.threads))[one.time]);
  }
  const ratios = torch.map((seconds, turn) => ours[turn] / seconds);
  return {
    seconds: median(ours),
    torchSeconds: python ? median(torch) : null,
    ratio: python ? median(ratios) : null,
    ratios,
  };
}

/** By model and case. The epoch takes a third of the alternations, one at least. */
export function benchmarkSequential(
  python: string | null,
  alternations: number,
  wanted: readonly string[] = MODELS,
): Record<string, Record<string, Comparison>> {
  const work = join(import.meta.dirname, 'work');
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'lengths-'));
  try {
    const results: Record<string, Record<string, Comparison>> = {};
    for (const model of wanted) {
      results[model] = {};
      for (const [name, one] of Object.entries(cases())) {
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
