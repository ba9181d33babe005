/** What a difference comes to in practice: whether it is too small to matter, and how many values would find it. */
import { mean } from '../metrics.ts';
import { standardDeviation } from '../significance.ts';
import type { Sample } from '../tally.ts';
import { type Equivalence, equivalence } from './equivalence.ts';
import { neededValues } from './sample-size.ts';
import { bayesianSignedRank, type SignedRank } from './signed-rank.ts';

/** What is asked of every difference. */
export interface PracticalRequest {
  /** Differences up to this size do not matter: of the metric, or as a share of the baseline's mean. */
  rope?: { size: number; isShare: boolean };
  /** Chance to find the difference, from which the users and seeds that it needs follow. */
  power?: number;
}

/** "0.002" or "1%"; null for what is neither. */
export function ropeOf(text: string): PracticalRequest['rope'] | null {
  const [, number, percent] = /^\s*([^%]*?)\s*(%?)\s*$/.exec(text) ?? [];
  const size = Number(number);
  if (!number || !Number.isFinite(size) || size < 0) return null;
  return { size: percent ? size / 100 : size, isShare: percent === '%' };
}

/** What `ropeOf` reads. */
export const ropeText = ({ size, isShare }: NonNullable<PracticalRequest['rope']>): string =>
  isShare ? `${Number((100 * size).toPrecision(12))}%` : String(size);

export interface PracticalTest {
  /** Absent where no size was given. */
  rope?: {
    /** In units of the metric. */
    size: number;
    /** Two one-sided t-tests; `holm` over what is tested together. */
    equivalence: Equivalence & { holm: number };
    signedRank: SignedRank;
  };
  needed?: Needed;
}

/** The sample that finds a difference of this size at level 0.05 with probability `power`; null where the spread is unknown, or no sample would. */
export interface Needed {
  power: number;
  /** Paired users, or rows. */
  values: number | null;
  /** Seeds of each row. */
  seeds: number | null;
}

interface Paired {
  differences: Sample;
  /** Means of each seed. */
  seeds: { baseline: readonly number[]; row: readonly number[] };
}

export function practicalTest(
  { differences, seeds }: Paired,
  { rope, power }: PracticalRequest,
  seed: number,
): PracticalTest {
  const size = rope && rope.size * (rope.isShare ? Math.abs(mean(seeds.baseline)) : 1);
  return {
    ...(size !== undefined && {
      rope: {
        size,
        equivalence: { ...equivalence(differences, size), holm: Number.NaN },
        signedRank: bayesianSignedRank(differences, { rope: size, seed }),
      },
    }),
    ...(power !== undefined && { needed: needed({ differences, seeds }, power) }),
  };
}

function needed({ differences, seeds: { baseline, row } }: Paired, power: number): Needed {
  const known = (count: number) => (Number.isFinite(count) ? count : null);
  const difference = mean(differences);
  // Seeds of two rows are never paired: their variances add up. Of a single one nothing tells it.
  const spread = Math.hypot(standardDeviation(baseline), standardDeviation(row));
  return {
    power,
    values: known(neededValues(difference, standardDeviation(differences), power)),
    seeds: known(neededValues(difference, spread, power)),
  };
}
