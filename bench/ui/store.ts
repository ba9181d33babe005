/**
 * A home as large as anyone's: 10,000 runs of 2,500 configs with 50 metrics each, some of them the trials of sweeps and
 * the cells of scaling studies, and a run whose loss has a million points. Written by the store itself, so it is what the window would meet.
 */

import type { DatasetSummary } from '../../src/core/data/types.ts';
import type { NextItemProtocol } from '../../src/core/evaluation/types.ts';
import { Random } from '../../src/core/math/random.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { Store } from '../../src/core/store/store.ts';

/** Fifty. */
export const METRICS = ['ndcg', 'hr', 'recall', 'precision', 'map'].flatMap((metric) =>
  [5, 10, 20, 50, 100].flatMap((k) => ['test', 'valid'].map((split) => `${split}/${metric}@${k}`)),
);
const MODELS = ['sasrec', 'hstu', 'gru4rec', 'narm', 'bprmf'];
const DATASETS = ['beauty', 'ml-1m', 'ml-20m', 'kuairand'];
const TAGS = ['paper', 'ablation', 'sweep', 'baseline'];
const SEEDS = 4;
/** Of each kind, with so many runs each. */
const STUDIES = 20;
const CELLS = { sweep: 100, study: 20 };
const LONG_RUN_POINTS = 1_000_000;
const POINTS_AT_ONCE = 65_536;

export const PROTOCOL: NextItemProtocol = {
  ...{ dataset: 'd', split: 'leave-last-out', target: 'test', ties: 'file', historyFilter: 'all' },
  ...{ candidates: 'catalogue', rankTies: 'pessimistic', cutoffs: [10], selection: 'validation' },
  testHistory: 'with-validation-item',
};

export interface LargeStore {
  runs: number;
  metrics: number;
  /** Ids of twenty runs, each of another config. */
  compared: string[];
  /** Id of the run with the long series. */
  longRun: string;
  longRunPoints: number;
}

/** Fills an empty home. `runs` counts all but the one with the long series. */
export function writeLargeStore(home: string, runs: number): LargeStore {
  const store = openStore(home);
  try {
    const random = new Random(1);
    const datasets = DATASETS.map((name) => addDataset(store, name));
    const ids = store.transaction(() => {
      const added = runsOf(store, datasets, random, runs);
      addStudies(store, datasets[0], added.toReversed());
      return added;
    });
    const compared = Array.from({ length: 20 }, (_, at) => ids[at * SEEDS * DATASETS.length]);
    const longRun = addLongRun(store, datasets[0], random);
    return { runs, metrics: METRICS.length, compared, longRun, longRunPoints: LONG_RUN_POINTS };
  } finally {
    store.close();
  }
}

/** Runs alone, of all models and data sets. Returns their ids. */
export function addRuns(store: Store, runs: number): string[] {
  return runsOf(
    store,
    DATASETS.map((name) => addDataset(store, name)),
    new Random(1),
    runs,
  );
}

function runsOf(store: Store, datasets: readonly DatasetSummary[], random: Random, runs: number): string[] {
  return Array.from({ length: runs }, (_, at) => addRun(store, datasets, random, at));
}

export function addDataset(store: Store, name: string): DatasetSummary {
  const spread = { min: 5, median: 8, mean: 9, max: 200 };
  const summary: DatasetSummary = {
    id: `${name}-0a1b`,
    name,
    createdAt: '2026-01-02T03:04:05.000Z',
    sources: [],
    options: { ties: 'file' },
    statistics: {
      ...{ users: 20_000, items: 10_000, catalogueItems: 10_000, interactions: 200_000, density: 0.001 },
      ...{ sequenceLength: spread, itemPopularity: spread, sequenceLengthHistogram: [], coldItems: 0 },
      ...{ itemPopularityHistogram: [], timeSpan: null, hasRatings: false, hasTitles: false },
    },
    fingerprint: `fingerprint of ${name}`,
    badRows: 0,
    seconds: 1,
  };
  store.datasets.add(summary);
  return summary;
}

/** Four seeds of a config follow each other; one run in 50 has failed. */
function addRun(store: Store, datasets: readonly DatasetSummary[], random: Random, at: number): string {
  const config = Math.floor(at / SEEDS);
  const { id } = store.runs.create({
    name: `run-${String(at).padStart(5, '0')}`,
    model: MODELS[config % MODELS.length],
    config: {
      ...{ epochs: 50, dim: 32 << (config % 4), layers: 1 + (config % 6), dropout: (config % 9) / 10 },
      ...{ learningRate: 1e-3 / (1 + (config % 17)), batchSize: 128, maxLength: 50, trial: config },
    },
    dataset: datasets[config % datasets.length],
    seed: at % SEEDS,
    ...{ requestedDevice: 'cpu', threads: 2, codeVersion: '0.1.0' },
  });
  store.lifecycle.begin(id, null);
  if (random.below(10) === 0) store.table.annotate(id, { tags: [TAGS[random.below(TAGS.length)]] });
  if (random.below(50) === 0) {
    store.lifecycle.end(id, 'failed', 'the loss is not a number');
    return id;
  }
  store.runs.setResult(
    id,
    {
      ...{ status: 'completed', epochs: 50, selectedEpoch: 40, seconds: 60 + random.below(3_600), ranks: [] },
      metrics: Object.fromEntries(METRICS.map((name) => [name, random.uniform()])),
      protocol: PROTOCOL,
    },
    'a1b2c3d4e5f6',
  );
  store.lifecycle.end(id, 'completed', null);
  return id;
}

/** Sweeps and studies that the runs are of, as far as these go. */
function addStudies(store: Store, { id, name, fingerprint }: DatasetSummary, runs: string[]): void {
  const dataset = { id, name, fingerprint };
  const shared = { model: 'sasrec', overrides: {}, shares: [1], seeds: [1], dataset, threads: 2 };
  const sweep = { search: 'random' as const, draw: 1, trials: CELLS.sweep, metric: 'valid/ndcg@10' };
  for (const kind of ['sweep', 'study'] as const) {
    for (let at = 0; at < STUDIES; at++) {
      const cells = runs.splice(0, CELLS[kind]);
      const vary = [{ key: 'learningRate', values: 'log:1e-4..1e-2' }];
      const sizes = cells.map((_, size) => ({
        label: `${kind}${size}`,
        config: kind === 'sweep' ? { learningRate: 1e-4 * (1 + size) } : { dim: 8 * (1 + size) },
      }));
      const { id: study } = store.studies.create(`${kind}-${at}`, {
        ...{ ...shared, sizes, device: 'cpu' },
        ...(kind === 'sweep' ? { kind, sweep: { ...sweep, vary } } : {}),
      });
      for (const [size, run] of cells.entries())
        store.studies.setRun(study, { size, share: 1, seed: 1 }, run);
    }
  }
}

/** A noisy loss that falls, with a spike that no thinning may lose. */
export function addLongRun(
  store: Store,
  { id, name, fingerprint }: DatasetSummary,
  random: Random,
  points = LONG_RUN_POINTS,
): string {
  const run = store.runs.create({
    ...{ name: 'long-run', model: 'sasrec', config: { epochs: 1_000 }, seed: 1 },
    dataset: { id, name, fingerprint },
    ...{ requestedDevice: 'cpu', threads: 2, codeVersion: '0.1.0' },
  });
  store.lifecycle.begin(run.id, null);
  for (let from = 0; from < points; from += POINTS_AT_ONCE) {
    const count = Math.min(POINTS_AT_ONCE, points - from);
    const steps = Array.from({ length: count }, (_, at) => from + at);
    store.series.append(run.id, [
      {
        metric: 'train/loss',
        steps,
        epochs: steps.map((step) => (1_000 * step) / points),
        times: steps.map((step) => 1_780_000_000_000 + 10 * step),
        values: steps.map((step) => 1 + 6 * Math.exp((-5 * step) / points) + 0.2 * random.normal()),
      },
    ]);
  }
  store.lifecycle.end(run.id, 'cancelled', null);
  return run.id;
}
