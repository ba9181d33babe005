/** What the list of one user comes to: the values whose means over users are metrics. NaN where it says nothing, and the user is left out. */
import { entropyOf } from '../math/information.ts';
import type { SparseMatrix } from '../math/sparse.ts';

/** The places of a user's list that count, what it was made from, and what it was to find. */
export interface ListedUser {
  /** Dense item ids, best first, and the 1-based place of each: places that name no item of the catalogue are left out. */
  list: Int32Array;
  places: Int32Array;
  /** Places that were asked for. */
  cutoff: number;
  /** Items of the history, in its order; empty where nobody knows it. */
  history: Int32Array;
  targets: Int32Array;
  ranks: Int32Array;
}

/** What is known of the items of a catalogue. */
export interface ItemFacts extends ItemDetails {
  /** [items] Training interactions, and their sum. */
  popularity: ArrayLike<number>;
  interactions: number;
  /** [items] Whether it is of the smallest set of most popular items that holds 80 % of them. */
  head: readonly boolean[];
  /** [items] How likely popularity alone would recommend it: (I + 1 − r) / I at place r among the different counts, 0 of an item without interactions. */
  expected: Float64Array;
}

/** What only some metrics read; absent where nobody asked for it, null where the data set has none. */
export interface ItemDetails {
  /** What the histories of users are of: those of user u begin at its offset. */
  histories?: { offsets: ArrayLike<number>; itemIds: Int32Array } | null;
  /** [items, terms] TF-IDF of words and categories. */
  content?: SparseMatrix | null;
  /** [items] One category each, -1 for none. */
  categories?: ArrayLike<number> | null;
  /** [items, genres] p(g|i): equal shares of an item's genres; the row of an item without any is empty. */
  genres?: SparseMatrix | null;
}

export type ListValue = (user: ListedUser, items: ItemFacts) => number;

/** NaN of no items. */
const meanOf = (items: Int32Array, value: (item: number) => number) =>
  items.reduce((sum, item) => sum + value(item), 0) / items.length;

export const noveltyOf: ListValue = ({ list }, { popularity, interactions }) =>
  meanOf(list, (item) => -Math.log2((popularity[item] + 1) / (interactions + popularity.length)));

export const popularityOf: ListValue = ({ list }, { popularity }) => meanOf(list, (item) => popularity[item]);

export const historyPopularity: ListValue = ({ history }, { popularity }) =>
  meanOf(history, (item) => popularity[item] ?? 0);

/** How much more popular the list is than the history, in interactions (Abdollahpouri et al. 2020; divided by the mean of the histories). */
export const liftOf: ListValue = (user, items) => popularityOf(user, items) - historyPopularity(user, items);

export const longTailOf: ListValue = ({ list }, { head }) => meanOf(list, (item) => (head[item] ? 0 : 1));

/**
 * Serendipity as RecTools counts it: the mean over a list of max(p(i) − pu(i), 0) of the items that were to be found, p(i) = (I + 1 − i) / I at
 * place i of the I items, pu(i) the same at the place that popularity gives the item.
 */
export const serendipityOf: ListValue = ({ list, places, targets }, { popularity, expected }) => {
  const items = popularity.length;
  let sum = 0;
  for (const [at, item] of list.entries()) {
    if (targets.includes(item)) sum += Math.max((items + 1 - places[at]) / items - expected[item], 0);
  }
  return sum / list.length;
};

/** [items] As `ItemFacts.expected`. */
export function expectedOf(popularity: ArrayLike<number>): Float64Array {
  const counts = Array.from(popularity);
  const places = [...new Set(counts)].sort((a, b) => b - a);
  const placeOf = new Map(places.map((count, at) => [count, at + 1]));
  return Float64Array.from(counts, (count) =>
    count > 0 ? (counts.length + 1 - (placeOf.get(count) ?? 0)) / counts.length : 0,
  );
}

export const categoryEntropyOf: ListValue = ({ list, cutoff }, { categories }) =>
  categories ? entropyOfCategories(list, cutoff, categories) : Number.NaN;

/** Shannon entropy in bits of the categories of a full list; NaN of a shorter one, and of one without a category. */
export function entropyOfCategories(list: Int32Array, cutoff: number, categories: ArrayLike<number>): number {
  if (list.length < cutoff) return Number.NaN;
  const counts = new Map<number, number>();
  for (const item of list) {
    const label = categories[item];
    if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts.size > 0 ? entropyOf([...counts.values()]) / Math.LN2 : Number.NaN;
}

export const distanceOf: ListValue = ({ list }, { content }) =>
  content ? distanceWithin(list, content) : Number.NaN;

/** 1 − cosine of two items with content, mean over their pairs; NaN of fewer than two. */
export function distanceWithin(list: Int32Array, { offsets, columns, values }: SparseMatrix): number {
  // Of unit vectors |Σu|² is their number and twice the sum of the cosines of all pairs.
  const sum = new Map<number, number>();
  let count = 0;
  for (const item of list) {
    const weights = values.subarray(offsets[item], offsets[item + 1]);
    const size = Math.sqrt(weights.reduce((squares, value) => squares + value * value, 0));
    if (size === 0) continue;
    count++;
    weights.forEach((value, at) => {
      const column = columns[offsets[item] + at];
      sum.set(column, (sum.get(column) ?? 0) + value / size);
    });
  }
  if (count < 2) return Number.NaN;
  const squares = [...sum.values()].reduce((total, value) => total + value * value, 0);
  return 1 - (squares - count) / (count * (count - 1));
}

/** Share of the history's genres that a list is taken to have anyway, so that one it lacks does not cost infinitely much (Steck 2018). */
const SMOOTHING = 0.01;

/**
 * Miscalibration of genres (Steck 2018, "Calibrated recommendations", C_KL): Σ p(g) ln(p(g) / q̃(g)) with q̃ = 0.99 q + 0.01 p, p the shares of genres
 * in the history and q those in the list, each the mean of p(g|i) over its items that have genres, all with the same weight. 0 where a list has
 * the history's shares; NaN where one of the two has no genre.
 */
export const miscalibrationOf: ListValue = ({ list, history }, { genres }) => {
  if (!genres) return Number.NaN;
  const [wanted, found] = [genreShares(history, genres), genreShares(list, genres)];
  if (wanted.size === 0 || found.size === 0) return Number.NaN;
  let sum = 0;
  for (const [genre, share] of wanted)
    sum += share * Math.log(share / ((1 - SMOOTHING) * (found.get(genre) ?? 0) + SMOOTHING * share));
  // Equal shares may differ by rounding, and no divergence is below 0.
  return Math.max(0, sum);
};

/** By genre; empty where no item has one. */
function genreShares(items: Int32Array, { offsets, columns }: SparseMatrix): Map<number, number> {
  const shares = new Map<number, number>();
  const known = items.filter((item) => offsets[item + 1] > offsets[item]);
  for (const item of known) {
    const own = columns.subarray(offsets[item], offsets[item + 1]);
    // Not from `values`, whose thirds are those of 32 bits.
    for (const genre of own) shares.set(genre, (shares.get(genre) ?? 0) + 1 / (own.length * known.length));
  }
  return shares;
}
