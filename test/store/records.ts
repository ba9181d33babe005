import type { DatasetSummary } from '../../src/core/data/types.ts';
import type { NewRun } from '../../src/core/store/types.ts';
import type { RunResult } from '../../src/core/training/events.ts';
import { protocol } from '../reports/runs.ts';

export function datasetSummary(name: string): DatasetSummary {
  const spread = { min: 1, median: 2, mean: 2, max: 3 };
  return {
    id: `${name}-0a1b`,
    name,
    createdAt: '2026-01-02T03:04:05.000Z',
    sources: [`/data/${name}.csv`],
    options: { ties: 'file' },
    statistics: {
      users: 2,
      items: 3,
      catalogueItems: 3,
      interactions: 4,
      density: 4 / 6,
      sequenceLength: spread,
      itemPopularity: spread,
      sequenceLengthHistogram: [1, 1],
      itemPopularityHistogram: [2, 1],
      timeSpan: null,
      coldItems: 3,
      hasRatings: false,
      hasTitles: false,
    },
    fingerprint: `fingerprint of ${name}`,
    badRows: 0,
    seconds: 0.5,
  };
}

export function newRun(dataset: DatasetSummary, changes: Partial<NewRun> = {}): NewRun {
  return {
    name: null,
    model: 'sasrec',
    config: { epochs: 3, dim: 64 },
    dataset: { id: dataset.id, name: dataset.name, fingerprint: dataset.fingerprint },
    seed: 1,
    requestedDevice: 'cpu',
    threads: 2,
    codeVersion: '0.1.0',
    ...changes,
  };
}

/** Of a run that completed. */
export const RESULT: RunResult = {
  status: 'completed',
  epochs: 1,
  selectedEpoch: 1,
  seconds: 1,
  metrics: { 'test/ndcg@10': 0.5 },
  ranks: [],
  protocol,
};
