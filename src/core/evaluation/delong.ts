import { midranks } from '../math/ranks.ts';
import { normalQuantile, normalSurvival, studentQuantile, studentTwoSided } from './distributions.ts';
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
  /** Normal, or where users have several rows Student's with one degree of freedom fewer than users. */
  interval: [number, number];
  /** Two-sided, of no difference from 0; 1 where nothing differs. */
  p: number;
}

/** The user of each row, in the order of the placements, as `clustersOf` numbers them. */
export interface PlacementClusters {
  positives: Int32Array;
  negatives: Int32Array;
  count: number;
}

/** The clusters of rows as those of their placements. */
export function placementClusters(
  labels: ArrayLike<number>,
  { of, count }: { of: Int32Array; count: number },
): PlacementClusters {
  const members = (label: number) => of.filter((_, row) => labels[row] === label);
  return { positives: members(1), negatives: members(0), count };
}

/** Whether there are enough values of both classes, or users with some, to say how they vary. */
export function canBeTested(placed: Placements, clusters?: PlacementClusters | null): boolean {
  if (clusters) return [clusters.positives, clusters.negatives].every((of) => new Set(of).size > 1);
  return placed.positives.length > 1 && placed.negatives.length > 1;
}

/**
 * Variance of an AUC, or of a difference of two, whose rows are of users (Obuchowski 1997): what the rows of a user add is
 * summed up before it is squared, and the two classes of one user vary together.
 */
function clusteredVariance({ positives, negatives }: Placements, clusters: PlacementClusters): number {
  const value = mean(positives);
  const part = (values: Float64Array, of: Int32Array) => {
    const sums = new Float64Array(clusters.count);
    values.forEach((one, at) => {
      sums[of[at]] += one - value;
    });
    const members = new Set(of).size;
    const squares = sums.reduce((sum, one) => sum + one ** 2, 0);
    return { sums, variance: ((members / (members - 1)) * squares) / values.length ** 2 };
  };
  const [one, other] = [part(positives, clusters.positives), part(negatives, clusters.negatives)];
  const products = one.sums.reduce((sum, of, at) => sum + of * other.sums[at], 0);
  const together =
    ((clusters.count / (clusters.count - 1)) * products) / (positives.length * negatives.length);
  return one.variance + other.variance + 2 * together;
}

function estimate(placed: Placements, level: number, clusters?: PlacementClusters | null): AucEstimate {
  const { positives, negatives } = placed;
  const value = mean(positives);
  const spread = (values: Float64Array) =>
    values.length > 1 ? standardDeviation(values) ** 2 / values.length : Number.NaN;
  const variance = clusters ? clusteredVariance(placed, clusters) : spread(positives) + spread(negatives);
  const standardError = Math.sqrt(Math.max(0, variance));
  // Few users say little of their own variance.
  const df = (clusters?.count ?? 0) - 1;
  const reach = clusters ? studentQuantile(1 - level, df) : normalQuantile(0.5 + level / 2);
  const half = reach * standardError;
  const z =
    standardError === 0 ? (value === 0 ? 0 : Number.POSITIVE_INFINITY) : Math.abs(value) / standardError;
  return {
    value,
    standardError,
    interval: [value - half, value + half],
    p: clusters ? studentTwoSided(z, df) : 2 * normalSurvival(z),
  };
}

/** What an estimate is made by. */
interface EstimateOptions {
  /** Of the interval; default: 95 %. */
  level?: number;
  /** Where users have several rows. */
  clusters?: PlacementClusters | null;
}

/** An AUC with its interval, kept within 0 and 1. */
export function aucInterval(
  placed: Placements,
  { level = 0.95, clusters }: EstimateOptions = {},
): AucEstimate {
  const result = estimate(placed, level, clusters);
  return { ...result, interval: [Math.max(0, result.interval[0]), Math.min(1, result.interval[1])] };
}

/** The difference of two AUCs on the same rows, row minus baseline, and DeLong's test of it. */
export function compareAucs(
  baseline: Placements,
  row: Placements,
  { level = 0.95, clusters }: EstimateOptions = {},
): AucEstimate {
  const difference = (part: keyof Placements) => pairedDifferences(baseline[part], row[part]);
  const differences = { positives: difference('positives'), negatives: difference('negatives') };
  return estimate(differences, level, clusters);
}
