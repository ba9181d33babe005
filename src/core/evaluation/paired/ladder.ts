/** Stages of one model as rows of one comparison: each beside the one it began from, and all beside the last. */
import { meanInterval } from '../bootstrap.ts';
import { clustersOf } from '../clusters.ts';
import { aucInterval, canBeTested, placementClusters, placements } from '../delong.ts';
import { mean, perUserMetric } from '../metrics.ts';
import { parseClickMetric } from '../predictions.ts';
import { ofSplit } from './kept.ts';
import { adjusted, testAgainst } from './pairing.ts';
import { onSharedRows, type SharedRows } from './shared-rows.ts';
import type { Significance, TestedRun } from './types.ts';

export interface LadderRun {
  run: TestedRun;
  /** Place of the one that it began from; null for none. */
  before: number | null;
}

export interface LadderLine {
  value: number;
  /** 95 %: DeLong's of an AUC, else BCa over users; null of too few. */
  interval: [number, number] | null;
  /** Row minus the one that it began from, and minus the target; null for none, and of the target itself. */
  toBefore: Significance | null;
  toTarget: Significance | null;
}

export interface Ladder extends Pick<SharedRows, 'unit' | 'count' | 'leftOut'> {
  /** Aligned with the runs. */
  lines: LadderLine[];
}

const RESAMPLES = 2000;
const SEED = 1;

/**
 * Every number over the users, or rows of a click log, that all runs have. p-values are adjusted after Holm: those to the stage before
 * over all stages, those to the target over all rows. `metric`: an AUC of predictions, or a metric of ranks. Null where a run
 * keeps nothing a user, or too few are shared.
 */
export function compareLadder(runs: readonly LadderRun[], target: number, metric: string): Ladder | null {
  const shared = onSharedRows(
    runs.map(({ run }) => run),
    metric,
  );
  if (shared === null || shared.count < 2) return null;
  const own = shared.runs;
  const test = (from: number | null, at: number): Significance | null =>
    from === null || from === at
      ? null
      : testAgainst([own[from]], [own[at]], [metric], { resamples: RESAMPLES, seed: SEED }).cells[0];
  const toBefore = adjusted(runs.map(({ before }, at) => test(before, at)));
  const toTarget = adjusted(runs.map((_, at) => test(target, at)));
  const lines = own.map((run, at) => ({
    ...(estimateOf(run, metric) ?? NOT_KEPT),
    toBefore: toBefore[at],
    toTarget: toTarget[at],
  }));
  const { unit, count, leftOut } = shared;
  return { unit, count, leftOut, lines };
}

const NOT_KEPT = { value: Number.NaN, interval: null };

/** A metric of one run with its interval; null where it keeps nothing a user of that split. */
export function estimateOf(run: TestedRun, metric: string): Pick<LadderLine, 'value' | 'interval'> | null {
  const [split] = metric.split('/');
  if (!parseClickMetric(metric)) {
    const ranks = ofSplit(run.ranks, split);
    if (!ranks) return null;
    const values = perUserMetric(ranks, metric);
    return { value: mean(values), interval: meanInterval(values, RESAMPLES) };
  }
  const said = ofSplit(run.predictions, split);
  if (!said) return null;
  const [labels] = said.labels;
  const placed = placements(labels, said.logits[0]);
  const byUser = clustersOf(said.users);
  const clusters = byUser && placementClusters(labels, byUser);
  const { value, interval } = aucInterval(placed, { clusters });
  return { value, interval: canBeTested(placed, clusters) ? interval : null };
}
