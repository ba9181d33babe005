import { metricsUsed } from '../../core/api/metrics.ts';

/** The metrics of every family that say how good a run is, the first one that a run has being its main one. */
export const MAIN_METRICS: readonly string[] = metricsUsed('main');

/** The same of its test items, and of Semantic IDs, which have no split. */
export const MAIN_RESULTS: readonly string[] = [
  ...MAIN_METRICS.map((name) => `test/${name}`),
  'ids/collision-rate',
  'ids/items-in-collisions',
  'ids/effective-capacity',
];
