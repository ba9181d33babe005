/**
 * The functions of search.py, and what a searcher finds on them. `node test/golden/search-functions.ts > test/golden/search-own.json`
 * writes the best of 100 trials of our TPE for 50 seeds.
 */
import { fileURLToPath } from 'node:url';
import { nextStep, type PastTrial } from '../../src/core/studies/search/searcher.ts';
import { spaceOf } from '../../src/core/studies/search/space.ts';
import type { SearchSpace } from '../../src/core/store/home/study-spec.ts';

type Values = Record<string, number>;

interface TestFunction {
  space: SearchSpace;
  whole?: readonly string[];
  value(settings: Record<string, unknown>): number;
}

const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const ALPHA = [1, 1.2, 3, 3.2];

export const functions: Record<'branin' | 'hartmann6' | 'mixed', TestFunction> = {
  branin: {
    space: [
      { key: 'x', values: '-5..10' },
      { key: 'y', values: '0..15' },
    ],
    value(settings) {
      const { x, y } = settings as Values;
      const [b, c, t] = [5.1 / (4 * Math.PI ** 2), 5 / Math.PI, 1 / (8 * Math.PI)];
      return (y - b * x * x + c * x - 6) ** 2 + 10 * (1 - t) * Math.cos(x) + 10;
    },
  },
  hartmann6: {
    space: A[0].map((_, at) => ({ key: `x${at}`, values: '0..1' })),
    value(settings) {
      const distance = (row: number) =>
        A[row].reduce((sum, weight, at) => sum + weight * ((settings as Values)[`x${at}`] - P[row][at]) ** 2, 0);
      return -ALPHA.reduce((sum, alpha, row) => sum + alpha * Math.exp(-distance(row)), 0);
    },
  },
  mixed: {
    space: [
      { key: 'rate', values: 'log:1e-5..1' },
      { key: 'depth', values: '1..12' },
      { key: 'loss', values: 'plain,dropped,wide' },
      { key: 'dropout', values: '0..0.9', when: { loss: ['dropped'] } },
      { key: 'width', values: 'log:4..1024', when: { loss: ['wide'] } },
      { key: 'tied', values: 'false,true', when: { loss: ['wide'] } },
    ],
    whole: ['depth', 'width'],
    value(settings) {
      const { rate, depth, dropout, width } = settings as Values;
      const shared = 0.5 * (Math.log10(rate) + 2.5) ** 2 + 0.05 * (depth - 5) ** 2;
      if (settings.loss === 'plain') return shared + 1;
      if (settings.loss === 'dropped') return shared + 0.4 + 4 * (dropout - 0.35) ** 2;
      return shared + 0.2 + 0.2 * (Math.log2(width) - 6) ** 2 + (settings.tied ? 0.3 : 0);
    },
  },
};

/** The lowest value of so many trials, one after the other. */
export function bestOf(
  { space, whole = [], value }: TestFunction,
  { search, seed, trials }: { search: 'random' | 'tpe'; seed: number; trials: number },
): number {
  const asked = { search, trials, draw: seed, rungs: [1], space: spaceOf(space, (key) => whole.includes(key)) };
  const past: PastTrial[] = [];
  for (;;) {
    const step = nextStep(asked, past);
    if (step.next !== 'trial') return Math.min(...past.flatMap(({ losses }) => losses));
    const { settings } = step;
    past.push({ settings, losses: [value(settings)], state: 'ended', seconds: 0, seeds: [seed] });
  }
}

export const SEEDS = Array.from({ length: 50 }, (_, at) => at + 1);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = Object.entries(functions).map(([name, one]) => {
    const of = (search: 'random' | 'tpe') => SEEDS.map((seed) => bestOf(one, { search, seed, trials: 100 }));
    return [name, { tpe: of('tpe'), random: of('random') }];
  });
  console.log(JSON.stringify(Object.fromEntries(found)));
}
