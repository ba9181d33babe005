/** Metrics of lists, user by user. */
import { headItems } from './beyond-accuracy.ts';
import {
  expectedOf,
  type ItemDetails,
  type ItemFacts,
  type ListedUser,
  type ListValue,
} from './list-values.ts';
import { mean, meanOfKnown, userStarts } from './metrics.ts';
import { allMetrics, findMetric, type Metric } from './metrics-table.ts';
import type { UserRanks } from './types.ts';

export interface ListMetric extends Pick<Metric, 'over' | 'reads'> {
  ofList: ListValue;
  cutoff: number;
}

/** Null for a metric that is none of one list. */
export function parseListMetric(name: string): ListMetric | null {
  const { metric, parameter } = findMetric(name) ?? {};
  if (!metric?.ofList || !parameter) return null;
  const { ofList, over, reads } = metric;
  return { ofList, over, reads, cutoff: parameter };
}

/** What the metrics of lists among these read of items besides their popularity. */
export function readsOf(names: readonly string[]): Set<keyof ItemDetails> {
  return new Set(names.flatMap((name) => parseListMetric(name)?.reads ?? []));
}

/** `popularity`: training interactions, [items]. */
export function itemFacts(popularity: ArrayLike<number>, details: ItemDetails = {}): ItemFacts {
  const interactions = Array.from(popularity).reduce((sum, count) => sum + count, 0);
  const expected = expectedOf(popularity);
  return { popularity, interactions, head: headItems(popularity), expected, ...details };
}

/** Whether all is known that a metric reads. */
export const isReadable = ({ reads = [] }: Pick<Metric, 'reads'>, items: ItemFacts) =>
  reads.every((detail) => items[detail]);

/** [rows] Whether there is a list; of several targets in one list that of the first row is all their lists. */
export function hasList({ topItems, topK }: Pick<UserRanks, 'topItems' | 'topK'>, row: number): boolean {
  return topK > 0 && topItems[row * topK] >= 0;
}

/** [users] NaN for a user without a list, or of whom it says nothing. Lists must be as long as the metric asks. */
export function perUserOfLists(
  of: UserRanks,
  { ofList, over, cutoff }: ListMetric,
  items: ItemFacts,
): Float64Array {
  const values = valuesOfUsers(of, ofList, cutoff, items);
  if (!over) return values;
  const bases = valuesOfUsers(of, over, cutoff, items).filter((_, user) => Number.isFinite(values[user]));
  const scale = mean(bases);
  return values.map((value) => (scale > 0 ? value / scale : Number.NaN));
}

function valuesOfUsers(of: UserRanks, value: ListValue, cutoff: number, items: ItemFacts): Float64Array {
  const { several } = of;
  const starts = userStarts(several === 'all' ? of : { ...of, several: undefined });
  const values = Float64Array.from({ length: starts.length - 1 }, (_, at) =>
    hasList(of, starts[at])
      ? value(listedUser(of, [starts[at], starts[at + 1]], cutoff, items), items)
      : Number.NaN,
  );
  if (several !== 'successive') return values;
  const users = userStarts(of);
  return Float64Array.from(
    { length: users.length - 1 },
    (_, user) => meanOfKnown([...values.subarray(users[user], users[user + 1])]) ?? Number.NaN,
  );
}

/** The list of these rows, of which there are several where their targets share one. */
function listedUser(
  { users, historyLengths, topItems, topK, targets, ranks }: UserRanks,
  [row, end]: [number, number],
  cutoff: number,
  { popularity, histories }: ItemFacts,
): ListedUser {
  const shown = topItems.subarray(row * topK, row * topK + Math.min(cutoff, topK));
  const isItem = (item: number) => item >= 0 && item < popularity.length;
  const from = histories?.offsets[users[row]] ?? 0;
  return {
    list: shown.filter(isItem),
    places: shown.map((_, at) => at + 1).filter((_, at) => isItem(shown[at])),
    cutoff,
    history: histories?.itemIds.subarray(from, from + historyLengths[row]) ?? new Int32Array(),
    targets: targets.subarray(row, end),
    ranks: ranks.subarray(row, end),
  };
}

/** Every metric of lists, of their first `cutoff` places: means over the users with a list, named as in "test/novelty@10". */
export function listMetrics(of: UserRanks, cutoff: number, items: ItemFacts): Record<string, number> {
  return Object.fromEntries(
    allMetrics().flatMap((metric) => {
      const { name, ofList } = metric;
      if (!ofList || !isReadable(metric, items)) return [];
      const value = meanOfKnown([...perUserOfLists(of, { ...metric, ofList, cutoff }, items)]);
      return value === null ? [] : [[`${of.split}/${name.replace('@k', `@${cutoff}`)}`, value]];
    }),
  );
}
