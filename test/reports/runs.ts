import type { ComparedRun } from '../../src/core/documents/types.ts';
import { rankMetrics } from '../../src/core/evaluation/metrics.ts';
import type { NextItemProtocol, UserRanks } from '../../src/core/evaluation/types.ts';

export const protocol: NextItemProtocol = {
  version: 2,
  dataset: 'c0ffee'.repeat(10),
  split: 'leave-last-out',
  target: 'test',
  ties: 'file',
  candidates: 'interacted-items',
  historyFilter: 'all',
  rankTies: 'pessimistic',
  cutoffs: [5, 10, 20, 50, 100, 200],
  selection: 'validation',
  testHistory: 'with-validation-item',
};

/** Names that would break a careless writer. */
export const hostileNames = [
  'a,b"c\nd',
  '=HYPERLINK("http://evil.example","x")',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '\\input{/etc/passwd} 100% $x_1$ #1 ^~{}& "q"',
  '| pipe | `code` **bold** [l](javascript:x) https://evil.example',
  '[0.5] a name like an option',
  '*star',
  'FuXi-α 推薦 ü ẞ \u202Eevil\u001b[31m 🎬',
];

/** Ranks that depend on the seed; a larger skill means better ones. */
export function someRanks(seed: number, skill: number, users = 400): UserRanks {
  let state = seed * 7919 + 17;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const ranks = Int32Array.from({ length: users }, () => 1 + Math.floor(900 * uniform() ** skill));
  return {
    split: 'test',
    candidates: 1000,
    users: Int32Array.from({ length: users }, (_, user) => user),
    targets: Int32Array.from({ length: users }, (_, user) => user % 100),
    ranks,
    historyLengths: Int32Array.from({ length: users }, (_, user) => 3 + (user % 40)),
    topK: 0,
    topItems: new Int32Array(),
  };
}

/** A run with everything a report can show. */
export function someRun(
  name: string,
  model: string,
  seed: number,
  skill: number,
  extra: Partial<ComparedRun> = {},
): ComparedRun {
  const ranks = someRanks(seed + 100 * skill, skill);
  const epochs = Array.from({ length: 40 }, (_, at) => at + 1);
  const steps = epochs.map((epoch) => 25 * epoch);
  const times = steps.map((step) => 40 * step);
  return {
    id: `${model}-${seed}-${skill}`,
    name,
    model,
    seed,
    metrics: rankMetrics(ranks),
    config: { epochs: 40, dim: 16 * skill, lr: 0.001, dropout: 0.2 },
    dataset: { name: 'Sample', fingerprint: protocol.dataset, statistics: null },
    data: extra.dataset?.fingerprint ?? protocol.dataset,
    protocol,
    ranks: [ranks],
    environment: { node: '24.21.0', os: 'linux x64', onnxruntime: '1.30.0' },
    device: 'cpu',
    seconds: 61.4 * skill,
    parameters: 12345 * skill,
    series: [
      {
        metric: 'train/loss',
        ...{ steps, epochs, times },
        values: steps.map((step) => 6 / skill + 3 * Math.exp(-step / 300) + 0.05 * Math.sin(step * seed)),
      },
      {
        metric: 'valid/ndcg@10',
        ...{ steps, epochs, times },
        values: steps.map(
          (step) => 0.05 * skill * (1 - Math.exp(-step / 250)) + 0.002 * Math.sin(step * (seed + 1)),
        ),
      },
    ],
    ...extra,
  };
}

/** Popularity, a folded group of three SASRec seeds, and BPRMF. */
export function someRuns(): ComparedRun[] {
  return [
    someRun('popularity', 'popularity', 1, 1, { series: null, parameters: 0, config: {} }),
    someRun('bprmf', 'bprmf', 1, 2),
    ...[1, 2, 3].map((seed) => someRun(`sasrec-seed${seed}`, 'sasrec', seed, 3)),
  ];
}
