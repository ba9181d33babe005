/** Metrics of lists, user by user. */
import { headItems } from './beyond-accuracy.ts';
import { meanOfKnown, meansOfUsers, userStarts } from './metrics.ts';
import { allMetrics, findMetric, type ItemFacts, type Metric } from './metrics-table.ts';
import type { UserRanks } from './types.ts';

export interface ListMetric {
  ofList: NonNullable<Metric['ofList']>;
  cutoff: number;
}

/** Null for a metric that is none of one list. */
export function parseListMetric(name: string): ListMetric | null {
  const { metric, parameter } = findMetric(name) ?? {};
  return metric?.ofList && parameter ? { ofList: metric.ofList, cutoff: parameter } : null;
}

/** `popularity`: training interactions, [items]. */
export function itemFacts(popularity: ArrayLike<number>): ItemFacts {
  const interactions = Array.from(popularity).reduce((sum, count) => sum + count, 0);
  return { popularity, interactions, head: headItems(popularity) };
}

/** [rows] Whether there is a list; of several targets in one list that of the first row is all their lists. */
export function hasList({ topItems, topK }: Pick<UserRanks, 'topItems' | 'topK'>, row: number): boolean {
  return topK > 0 && topItems[row * topK] >= 0;
}

/** [users] NaN for a user without a list. Lists must be as long as the metric asks. */
export function perUserOfLists(
  of: UserRanks,
  { ofList, cutoff }: ListMetric,
  items: ItemFacts,
): Float64Array {
  const { topItems, topK, targets, ranks, several } = of;
  const starts = userStarts(several === 'all' ? of : { ...of, several: undefined });
  const values = Float64Array.from({ length: starts.length - 1 }, (_, at) => {
    const [row, end] = [starts[at], starts[at + 1]];
    if (!hasList(of, row)) return Number.NaN;
    const list = topItems.subarray(row * topK, row * topK + cutoff).filter((item) => item >= 0);
    return ofList({ list, targets: targets.subarray(row, end), ranks: ranks.subarray(row, end) }, items);
  });
  return several === 'successive' ? meansOfUsers(values, userStarts(of)) : values;
}

/** Every metric of lists, of their first `cutoff` places: means over the users with a list, named as in "test/novelty@10". */
export function listMetrics(
  of: UserRanks,
  cutoff: number,
  popularity: ArrayLike<number>,
): Record<string, number> {
  const items = itemFacts(popularity);
  return Object.fromEntries(
    allMetrics().flatMap(({ name, ofList }) => {
      if (!ofList) return [];
      const value = meanOfKnown([...perUserOfLists(of, { ofList, cutoff }, items)]);
      return value === null ? [] : [[`${of.split}/${name.replace('@k', `@${cutoff}`)}`, value]];
    }),
  );
}
