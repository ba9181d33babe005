/** Limits of a training's own measures: an epoch whose mean is past one is the last. */
import { findMetric } from '../evaluation/metrics-table.ts';

/** Of a series that every step has a point of. */
export interface StopLimit {
  metric: string;
  /** Which means are past it. */
  past: 'above' | 'below';
  value: number;
  /** The key of the config that sets it. */
  key: string;
}

/** Sums over the steps of the present epoch, by metric: a checkpoint within it keeps them. */
export type WatchedSums = Record<string, { sum: number; steps: number }>;

/** With what a step measured; metrics without a limit are left out. */
export function watched(
  sums: WatchedSums,
  values: Readonly<Record<string, number>>,
  limits: readonly StopLimit[],
): WatchedSums {
  const grown = limits.map(({ metric }) => {
    const { sum, steps } = sums[metric] ?? { sum: 0, steps: 0 };
    return [metric, { sum: sum + values[metric], steps: steps + 1 }];
  });
  return Object.fromEntries(grown);
}

/** Says which limit an epoch has passed, or null if none. A mean that is not a number has passed every limit. */
export function limitPassed(sums: WatchedSums, epoch: number, limits: readonly StopLimit[]): string | null {
  for (const { metric, past, value, key } of limits) {
    const { sum, steps } = sums[metric] ?? { sum: 0, steps: 0 };
    if (steps === 0) continue;
    const mean = sum / steps;
    if (past === 'above' ? mean <= value : mean >= value) continue;
    const title = findMetric(metric)?.metric.title ?? metric;
    return `${title}, ${mean.toFixed(4)} on average in epoch ${epoch}, is ${past} ${key}=${value}`;
  }
  return null;
}
