/** Whether a run that was trained again came to the same numbers. */
import type { RecipeRun } from './recipe.ts';

/** A number that is not the same; null where a side has none. */
export interface Difference {
  name: string;
  earlier: number | null;
  now: number | null;
}

export interface Agreement {
  /** Metrics of either side. */
  metrics: number;
  /** Those that differ, the largest difference first. */
  different: Difference[];
  /** By held-out part, whether every user has the rank of then; null where only one side has ranks. */
  ranks: { part: string; users: number; equal: boolean | null }[];
  epochs: { earlier: number | null; now: number | null };
  /** Every number and every rank. */
  isExact: boolean;
}

export type Numbers = Pick<RecipeRun, 'metrics' | 'ranks' | 'selectedEpoch'>;

export function agreementOf(earlier: Numbers, now: Numbers): Agreement {
  const names = [...new Set([...Object.keys(earlier.metrics), ...Object.keys(now.metrics)])];
  const different = names
    .map((name) => ({ name, earlier: numberOf(earlier, name), now: numberOf(now, name) }))
    .filter((one) => !(Object.is(one.earlier, one.now) && isTold(earlier, one.name) && isTold(now, one.name)))
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  const parts = [...new Set([...Object.keys(earlier.ranks), ...Object.keys(now.ranks)])];
  const ranks = parts.map((part) => {
    const [before, after] = [earlier.ranks[part], now.ranks[part]];
    const equal = before && after ? before.sha256 === after.sha256 : null;
    return { part, users: (before ?? after).users, equal };
  });
  return {
    metrics: names.length,
    different,
    ranks,
    epochs: { earlier: earlier.selectedEpoch, now: now.selectedEpoch },
    isExact: names.length > 0 && different.length === 0 && ranks.every(({ equal }) => equal === true),
  };
}

const isTold = ({ metrics }: Numbers, name: string) => Object.hasOwn(metrics, name);
const numberOf = (of: Numbers, name: string) => (isTold(of, name) ? of.metrics[name] : null);

/** What only one side has comes before every difference. */
export const sizeOf = ({ earlier, now }: Difference): number =>
  earlier === null || now === null ? Number.POSITIVE_INFINITY : Math.abs(now - earlier);
