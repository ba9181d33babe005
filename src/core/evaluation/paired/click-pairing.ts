import { auc, labelEntropy, rowLosses } from '../classification.ts';
import { clustersOf, valuesOfClusters } from '../clusters.ts';
import {
  canBeTested,
  compareAucs,
  meanPlacements,
  type Placements,
  placementClusters,
  placements,
} from '../delong.ts';
import { mean, meanColumns } from '../metrics.ts';
import {
  type ClickMetric,
  type ClickPredictions,
  parseClickMetric,
  rowsByUser,
  sigmoid,
} from '../predictions.ts';
import { effectSize, pairedDifferences } from '../significance.ts';
import { ofSplit } from './kept.ts';
import { type BootstrapOptions, testPairs } from './paired-tests.ts';
import type { AucTest, Significance, TestedRun } from './types.ts';

/**
 * Tests the metrics of clicks among some, each over the rows that both evaluated, those of one user together; null where
 * one is of something else, has no value a row (ECE), or the runs keep no predictions of equal rows.
 */
export function testClicks(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  names: readonly string[],
  bootstrap: BootstrapOptions,
): (Significance | null)[] {
  const paired = new Map<string, PairedPredictions | null>();
  return names.map((name) => {
    const metric = parseClickMetric(name);
    if (!metric || metric.metric === 'ece') return null;
    const known = paired.get(metric.split);
    const pair = known === undefined ? pairPredictions(baseline, row, metric.split) : known;
    paired.set(metric.split, pair);
    return pair && testClickMetric(pair, metric, name, bootstrap);
  });
}

/** Predictions of the same rows, one entry a seed. */
export interface PairedPredictions {
  baseline: ClickPredictions[];
  row: ClickPredictions[];
}

/** Null where a run keeps no predictions of the split, or the rows are not the same ones. */
export function pairPredictions(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  split: string,
): PairedPredictions | null {
  const of = (runs: readonly TestedRun[]) => runs.map(({ predictions }) => ofSplit(predictions, split));
  const [left, right] = [of(baseline), of(row)];
  const all = [...left, ...right];
  if (!all.every((predictions) => predictions !== null)) return null;
  const [first] = all;
  const same = all.every(
    ({ rows, labels }) =>
      rows.length === first.rows.length &&
      rows.every((value, at) => value === first.rows[at]) &&
      labels[0].every((value, at) => value === first.labels[0][at]),
  );
  return same ? { baseline: left as ClickPredictions[], row: right as ClickPredictions[] } : null;
}

/** The test of one metric of clicks; null where it has no value a row, or too few rows. */
export function testClickMetric(
  { baseline, row }: PairedPredictions,
  { metric, task }: ClickMetric,
  name: string,
  bootstrap: BootstrapOptions,
): Significance | null {
  const [first] = baseline;
  const index = task === null ? 0 : first.tasks.indexOf(task);
  if (index < 0) return null;
  if (metric === 'auc') return delong(baseline, row, index);
  const clusters = clustersOf(first.users);
  const values = (runs: readonly ClickPredictions[]) =>
    runs.map((run) => {
      const units = perUnit(run, index, metric);
      return clusters && metric !== 'gauc' ? valuesOfClusters(units, clusters) : units;
    });
  const ofSeeds = { baseline: values(baseline), row: values(row) };
  const [left, right] = [meanColumns(ofSeeds.baseline), meanColumns(ofSeeds.row)];
  if (left.length < 2) return null;
  const differences = pairedDifferences(left, right);
  const unit = metric === 'gauc' || clusters ? 'users' : 'rows';
  const seeds = { baseline: ofSeeds.baseline.map(mean), row: ofSeeds.row.map(mean) };
  return testPairs({ differences, unit, metric: name, seeds }, bootstrap);
}

/** Values whose mean is the metric. */
function perUnit(predictions: ClickPredictions, task: number, metric: ClickMetric['metric']): Float64Array {
  const labels = predictions.labels[task];
  const logits = predictions.logits[task];
  if (metric === 'gauc') return weightedUserAucs(predictions, task);
  if (metric === 'brier')
    return Float64Array.from(logits, (logit, row) => (sigmoid(logit) - labels[row]) ** 2);
  if (metric === 'accuracy') {
    return Float64Array.from(logits, (logit, row) => (logit >= 0 === (labels[row] === 1) ? 1 : 0));
  }
  const losses = rowLosses(labels, logits);
  if (metric === 'logloss') return losses;
  const entropy = labelEntropy(labels);
  return losses.map((loss) => loss / entropy);
}

/** AUC of every user with both classes, scaled so that the plain mean weighs users by their rows. */
function weightedUserAucs({ users, labels, logits }: ClickPredictions, task: number): Float64Array {
  const usable: { value: number; rows: number }[] = [];
  for (const rows of rowsByUser(users)) {
    const taskLabels = Uint8Array.from(rows, (row) => labels[task][row]);
    const value = auc(
      taskLabels,
      Float32Array.from(rows, (row) => logits[task][row]),
    );
    if (Number.isFinite(value)) usable.push({ value, rows: rows.length });
  }
  const total = usable.reduce((sum, { rows }) => sum + rows, 0);
  return Float64Array.from(usable, ({ value, rows }) => (value * rows * usable.length) / total);
}

function delong(
  baseline: readonly ClickPredictions[],
  row: readonly ClickPredictions[],
  task: number,
): AucTest | null {
  const of = (seeds: readonly ClickPredictions[]) =>
    meanPlacements(seeds.map(({ labels, logits }) => placements(labels[task], logits[task])));
  const [left, right] = [of(baseline), of(row)];
  const [{ labels, users }] = baseline;
  const byUser = clustersOf(users);
  const clusters = byUser && placementClusters(labels[task], byUser);
  if (!canBeTested(left, clusters)) return null;
  const { value, interval, p } = compareAucs(left, right, { clusters });
  const differences = pairedDifferences(joined(left), joined(right));
  const units = clusters
    ? valuesOfClusters(differences, { of: joined(clusters), count: clusters.count })
    : differences;
  const { wins, ties, losses } = effectSize(units);
  return {
    test: 'delong',
    unit: clusters ? 'users' : 'rows',
    count: units.length,
    difference: value,
    interval,
    p,
    exact: false,
    holm: Number.NaN,
    significant: false,
    wins,
    ties,
    losses,
  };
}

/** Of all rows, positives first: what each adds to the AUC, or its user. */
function joined({ positives, negatives }: Record<keyof Placements, ArrayLike<number>>): Float64Array {
  const all = new Float64Array(positives.length + negatives.length);
  all.set(positives);
  all.set(negatives, positives.length);
  return all;
}
