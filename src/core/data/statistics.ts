import type { DatasetStatistics } from './types.ts';

/** Items with fewer interactions than this are cold. */
export const COLD_BELOW = 5;

export interface CountSummary {
  min: number;
  median: number;
  mean: number;
  max: number;
}

/** Minimum, median (mean of the middle two for an even number), mean and maximum of counts; zeros when empty. */
export function summarise(counts: Int32Array): CountSummary {
  if (counts.length === 0) return { min: 0, median: 0, mean: 0, max: 0 };
  const sorted = counts.slice().sort();
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  let sum = 0;
  for (const value of sorted) sum += value;
  return { min: sorted[0], median, mean: sum / sorted.length, max: sorted[sorted.length - 1] };
}

/** Bin i counts the values in [2^i, 2^(i+1)); zeros fall in no bin. */
export function histogram(counts: Int32Array): number[] {
  const bins: number[] = [];
  for (const value of counts) {
    if (value <= 0) continue;
    const bin = 31 - Math.clz32(value);
    while (bins.length <= bin) bins.push(0);
    bins[bin]++;
  }
  return bins;
}

interface StatisticsInput {
  /** Interactions of every user. */
  userCounts: Int32Array;
  /** Interactions of every item that has some. */
  itemCounts: Int32Array;
  catalogueItems: number;
  timeSpan: DatasetStatistics['timeSpan'];
  hasRatings: boolean;
  hasTitles: boolean;
  described?: number;
}

/** All statistics of a data set from the counts of its users and items. */
export function datasetStatistics(input: StatisticsInput): DatasetStatistics {
  const { userCounts, itemCounts, ...rest } = input;
  let interactions = 0;
  for (const value of userCounts) interactions += value;
  const users = userCounts.length;
  const items = itemCounts.length;
  return {
    ...rest,
    users,
    items,
    interactions,
    density: users * items === 0 ? 0 : interactions / (users * items),
    sequenceLength: summarise(userCounts),
    itemPopularity: summarise(itemCounts),
    sequenceLengthHistogram: histogram(userCounts),
    itemPopularityHistogram: histogram(itemCounts),
    coldItems: itemCounts.filter((value) => value < COLD_BELOW).length,
  };
}
