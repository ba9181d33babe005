/**
 * How much of what a sweep measured goes with each of its settings, one at a time: the share of the variance of the trials'
 * ranks between the values of a setting, as Kruskal and Wallis compare groups, corrected for as many groups as there are:
 * η² = (H − k + 1) / (n − k) (Tomczak and Tomczak 2014, "The need to report effect size estimates revisited"). Ranks, because one
 * trial that diverged would else decide everything; no model is fitted, so that settings which matter only together show little.
 */
import { midranks } from '../math/ranks.ts';
import type { SweepTrial } from './sweep-result.ts';

/** How the shares are made, in words. */
export const METHOD =
  'Kruskal–Wallis η² of each setting by itself, over the ranks of the trials. Settings that matter only together show little.';

/** Fewer trials say nothing. */
export const FEWEST_TRIALS = 10;
/** Numbers of more values than these are put into as many groups of equal size. */
const GROUPS = 4;

export interface SettingShare {
  key: string;
  /** 0 to 1; the shares of several settings need not sum to 1. */
  share: number;
}

/** The largest first; null where too few trials have a value. */
export function whatMattered(
  trials: readonly Pick<SweepTrial, 'settings' | 'value'>[],
  keys: readonly string[],
): SettingShare[] | null {
  const measured = trials.flatMap(({ settings, value }) => (value ? [{ settings, mean: value.mean }] : []));
  if (measured.length < FEWEST_TRIALS) return null;
  const shares = keys.map((key) => {
    // One that depends on another is part of some trials alone.
    const own = measured.filter(({ settings }) => key in settings);
    const { ranks } = midranks(own.map(({ mean }) => mean));
    const groups = groupsOf(own.map(({ settings }) => settings[key]));
    return { key, share: own.length < FEWEST_TRIALS ? 0 : shareBetween(ranks, groups) };
  });
  return shares.sort((a, b) => b.share - a.share);
}

/** Numbers by quarters where they are many, all else by what it is. */
function groupsOf(values: readonly unknown[]): (string | number)[] {
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  const areNumbers = values.every((value) => typeof value === 'number');
  if (!areNumbers || distinct.size <= GROUPS) return values.map((value) => JSON.stringify(value) ?? '');
  const { ranks } = midranks(values as number[]);
  return Array.from(ranks, (rank) =>
    Math.min(GROUPS - 1, Math.floor((GROUPS * (rank - 0.5)) / values.length)),
  );
}

function shareBetween(ranks: Float64Array, groups: readonly (string | number)[]): number {
  const members = Map.groupBy(ranks.keys(), (at) => groups[at]);
  const [n, k] = [ranks.length, members.size];
  if (k < 2 || k >= n) return 0;
  const middle = (n + 1) / 2;
  let [total, between] = [0, 0];
  for (const rank of ranks) total += (rank - middle) ** 2;
  for (const places of members.values()) {
    const mean = places.reduce((sum, at) => sum + ranks[at], 0) / places.length;
    between += places.length * (mean - middle) ** 2;
  }
  if (total === 0) return 0;
  // H with its correction for ties.
  const h = ((n - 1) * between) / total;
  return Math.max(0, Math.min(1, (h - k + 1) / (n - k)));
}
