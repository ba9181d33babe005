import { midranks } from '../math/ranks.ts';
import { normalQuantile, normalSurvival } from './distributions.ts';
import { mean, meanColumns } from './metrics.ts';
import { pairedDifferences, standardDeviation } from './significance.ts';

/**
 * What every row adds to an AUC (DeLong, DeLong and Clarke-Pearson 1988, by the midranks of Sun and Xu 2014): of a positive
 * the share of negatives below it, of a negative the share of positives above it, ties counting half. The mean over the
 * positives is the AUC, and so is that over the negatives.
 */
export interface Placements {
  /** [positives], in the order of the rows. */
  positives: Float64Array;
  /** [negatives] */
  negatives: Float64Array;
}

/** labels 0 or 1 and scores, [rows]; both classes must be there. */
export function placements(labels: ArrayLike<number>, scores: ArrayLike<number>): Placements {
  const of = (label: number) =>
    Int32Array.from(scores, (_, row) => row).filter((row) => labels[row] === label);
  const [positive, negative] = [of(1), of(0)];
  const midranksOf = (rows: Int32Array) => midranks(Float64Array.from(rows, (row) => scores[row])).ranks;
  const { ranks } = midranks(scores);
  const [among, others] = [midranksOf(positive), midranksOf(negative)];
  return {
    positives: Float64Array.from(positive, (row, at) => (ranks[row] - among[at]) / negative.length),
    negatives: Float64Array.from(negative, (row, at) => 1 - (ranks[row] - others[at]) / positive.length),
  };
}

/** The mean of placements of the same rows, for several seeds of one model. */
export function meanPlacements(all: readonly Placements[]): Placements {
  return {
    positives: meanColumns(all.map(({ positives }) => positives)),
    negatives: meanColumns(all.map(({ negatives }) => negatives)),
  };
}

export interface AucEstimate {
  /** The AUC, or the difference of two. */
  value: number;
  standardError: number;
  /** Normal interval. */
  interval: [number, number];
  /** Two-sided, of no difference from 0; 1 where nothing differs. */
  p: number;
}

function estimate({ positives, negatives }: Placements, level: number): AucEstimate {
  const value = mean(positives);
  const spread = (values: Float64Array) =>
    values.length > 1 ? standardDeviation(values) ** 2 / values.length : Number.NaN;
  const standardError = Math.sqrt(spread(positives) + spread(negatives));
  const half = normalQuantile(0.5 + level / 2) * standardError;
  const z =
    standardError === 0 ? (value === 0 ? 0 : Number.POSITIVE_INFINITY) : Math.abs(value) / standardError;
  return { value, standardError, interval: [value - half, value + half], p: 2 * normalSurvival(z) };
}

/** An AUC with its interval (default: 95 %), kept within 0 and 1. */
export function aucInterval(placed: Placements, level = 0.95): AucEstimate {
  const result = estimate(placed, level);
  return { ...result, interval: [Math.max(0, result.interval[0]), Math.min(1, result.interval[1])] };
}

/** The difference of two AUCs on the same rows, row minus baseline, and DeLong's test of it. */
export function compareAucs(baseline: Placements, row: Placements, level = 0.95): AucEstimate {
  const difference = (part: keyof Placements) => pairedDifferences(baseline[part], row[part]);
  return estimate({ positives: difference('positives'), negatives: difference('negatives') }, level);
}
