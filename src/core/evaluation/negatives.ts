/** Items drawn for a user, among which a held-out one is ranked in place of all candidates. */
import { UserError } from '../errors.ts';
import { Random } from '../math/random.ts';

export const NEGATIVES_BY = ['uniform', 'popularity'] as const;

/** What is drawn. It follows from this, the user and the training interactions alone. */
export interface NegativesRule {
  /** Items a user; fewer where there are no more. */
  count: number;
  /** All items alike, or by their training interactions; never drawn then is an item without one. */
  by: (typeof NEGATIVES_BY)[number];
  seed: number;
}

/** Throws UserError for several targets a user: candidates are drawn for one. */
export function requireOneTarget({ targets }: { targets?: unknown }): void {
  if (targets !== 'first')
    throw new UserError('sampled candidates are for one target per user; set targets=first');
}

/** Misses in a row after which what is left is weighed item by item. */
const MOST_MISSES = 200;

/**
 * A function that draws different items for a user, none of those `excluded`; one after the other, each with a chance in proportion to its
 * weight among those that are left. `popularity`: training interactions, [items].
 */
export function negativesDrawer(
  { count, by, seed }: NegativesRule,
  popularity: ArrayLike<number>,
): (user: number, excluded: ReadonlySet<number>) => Int32Array {
  const items = popularity.length;
  const weightOf = (item: number) => (by === 'uniform' ? 1 : popularity[item]);
  const sums = new Float64Array(items + 1);
  for (let item = 0; item < items; item++) sums[item + 1] = sums[item] + weightOf(item);
  return (user, excluded) => {
    const random = new Random(seed, user, `negatives ${by}`);
    const drawn = new Set<number>();
    const isLeft = (item: number) => !drawn.has(item) && !excluded.has(item);
    for (let misses = 0; drawn.size < count && misses < MOST_MISSES && sums[items] > 0; ) {
      const item = placeOf(sums, random.uniform() * sums[items]);
      if (isLeft(item)) {
        drawn.add(item);
        misses = 0;
      } else misses++;
    }
    if (drawn.size < count) {
      const left = Array.from({ length: items }, (_, item) => item).filter(
        (item) => weightOf(item) > 0 && isLeft(item),
      );
      // The order of these keys is that of such draws (Efraimidis and Spirakis 2006).
      const keyed = left.map((item) => ({ item, key: -Math.log(1 - random.uniform()) / weightOf(item) }));
      keyed.sort((a, b) => a.key - b.key || a.item - b.item);
      for (const { item } of keyed.slice(0, count - drawn.size)) drawn.add(item);
    }
    return Int32Array.from(drawn);
  };
}

/** The item whose stretch of the sums a number lies in. */
function placeOf(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle + 1] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
