/** What several runs measured of the same users or rows of a click log, and nothing else. */
import { selectRows } from '../click-slices.ts';
import { pickRows } from '../metrics.ts';
import { type ClickPredictions, parseClickMetric } from '../predictions.ts';
import type { UserRanks } from '../types.ts';
import { ofSplit } from './kept.ts';
import type { TestedRun } from './types.ts';

export interface SharedRows {
  /** Aligned with the runs. */
  runs: TestedRun[];
  unit: 'users' | 'rows';
  /** How many all of them have, and how many one or another has besides. */
  count: number;
  leftOut: number;
}

/** The rows of the metric's split that all runs have, with the same target or label; null where a run keeps none of that split. */
export function onSharedRows(runs: readonly TestedRun[], metric: string): SharedRows | null {
  const [split] = metric.split('/');
  return parseClickMetric(metric) ? sharedPredictions(runs, split) : sharedRanks(runs, split);
}

function sharedPredictions(runs: readonly TestedRun[], split: string): SharedRows | null {
  const all = allOf(runs.map(({ predictions }) => ofSplit(predictions, split)));
  if (all === null) return null;
  const labelsOf = ({ rows, labels }: ClickPredictions) =>
    new Map(Array.from(rows, (row, at) => [row, labels[0][at]]));
  const { isShared, count, leftOut } = sharedKeys(all.map(labelsOf));
  const shared = all.map((one) => {
    const places = [...one.rows.keys()].filter((at) => isShared(one.rows[at]));
    return selectRows(one, Int32Array.from(places.sort((a, b) => one.rows[a] - one.rows[b])));
  });
  return {
    ...{ unit: 'rows', count, leftOut },
    runs: runs.map((run, at) => ({ ...run, predictions: [shared[at]] })),
  };
}

function sharedRanks(runs: readonly TestedRun[], split: string): SharedRows | null {
  const all = allOf(runs.map(({ ranks }) => ofSplit(ranks, split)));
  if (all === null) return null;
  const targetsOf = ({ users, targets }: UserRanks) => {
    const found = new Map<number, string>();
    users.forEach((user, row) => {
      found.set(user, `${found.get(user) ?? ''} ${targets[row]}`);
    });
    return found;
  };
  const { isShared, count, leftOut } = sharedKeys(all.map(targetsOf));
  const shared = all.map((one) => {
    const rows = [...one.users.keys()].filter((row) => isShared(one.users[row]));
    // In one order of users, in which tests pair them.
    rows.sort((a, b) => one.users[a] - one.users[b] || a - b);
    return { ...one, topK: 0, topItems: new Int32Array(), ...pickRows(one, Int32Array.from(rows)) };
  });
  return {
    ...{ unit: 'users', count, leftOut },
    runs: runs.map((run, at) => ({ ...run, ranks: [shared[at]], lists: null })),
  };
}

function allOf<T>(found: readonly (T | null)[]): T[] | null {
  return found.every((one) => one !== null) ? (found as T[]) : null;
}

/** Keys that all have with the same value. */
function sharedKeys<V>(all: readonly ReadonlyMap<number, V>[]) {
  const [first, ...others] = all;
  const isShared = (key: number) => first.has(key) && others.every((one) => one.get(key) === first.get(key));
  const everything = new Set(all.flatMap((one) => [...one.keys()]));
  const count = [...everything].filter(isShared).length;
  return { isShared, count, leftOut: everything.size - count };
}
