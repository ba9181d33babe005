import { entropyOf } from '../math/information.ts';
import type { SparseMatrix } from '../math/sparse.ts';
import { distanceWithin, entropyOfCategories } from './list-values.ts';
import { mean } from './metrics.ts';

/** Recommended lists and what the metrics beyond accuracy need to know of the items. */
export interface ListRequest {
  /** [users, length] dense item ids, best first; -1 marks an empty place. */
  lists: ArrayLike<number>;
  length: number;
  /** Places of a list that count; at most `length`. */
  cutoff: number;
  /** [items] training interactions; its length is the size of the catalogue. */
  popularity: ArrayLike<number>;
}

/** One number a metric; shares lie in [0, 1]. */
export interface BeyondAccuracy {
  /** Distinct items recommended / items of the catalogue. */
  coverage: number;
  /** Gini coefficient of the recommendation counts over the whole catalogue, items never recommended included. */
  gini: number;
  /** Shannon entropy of the recommendation counts, in nats. */
  entropy: number;
  /** Mean over recommendations of -log2((popularity + 1) / (interactions + items)), in bits. */
  novelty: number;
  /** Mean training interactions of a recommendation. */
  averagePopularity: number;
  /** Share of recommendations outside the head (see headItems). */
  longTailShare: number;
}

/**
 * The smallest set of items that holds a share (default: 80 %) of all interactions, most popular first, equal ones by
 * lower id. True marks an item of the head.
 */
export function headItems(popularity: ArrayLike<number>, share = 0.8): boolean[] {
  const order = Array.from(popularity, (_, item) => item).sort(
    (a, b) => popularity[b] - popularity[a] || a - b,
  );
  const total = order.reduce((sum, item) => sum + popularity[item], 0);
  const head = new Array<boolean>(popularity.length).fill(false);
  let held = 0;
  for (const item of order) {
    if (held >= share * total) break;
    head[item] = true;
    held += popularity[item];
  }
  return head;
}

/** Every recommendation within the cut-off, user by user, empty places left out. */
export function recommendations(request: Pick<ListRequest, 'lists' | 'length' | 'cutoff'>): number[] {
  const items: number[] = [];
  for (let place = 0; place < request.lists.length; place++) {
    if (place % request.length < request.cutoff && request.lists[place] >= 0)
      items.push(request.lists[place]);
  }
  return items;
}

/** How often each item is recommended, [items]. */
function countItems(items: readonly number[], catalogue: number): Float64Array {
  const counts = new Float64Array(catalogue);
  for (const item of items) counts[item]++;
  return counts;
}

/** Gini coefficient of counts: Σ (2i - n - 1) x_i / (n Σ x_i), x in ascending order and i from 1; 0 = all equal. */
export function gini(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort();
  let [weighted, total] = [0, 0];
  sorted.forEach((count, index) => {
    weighted += (2 * (index + 1) - sorted.length - 1) * count;
    total += count;
  });
  return weighted / (sorted.length * total);
}

/** The metrics of recommended lists that need no labels. */
export function beyondAccuracy(request: ListRequest): BeyondAccuracy {
  const { popularity } = request;
  const items = popularity.length;
  const recommended = recommendations(request);
  const counts = countItems(recommended, items);
  const interactions = mean(popularity) * items;
  const head = headItems(popularity);
  return {
    coverage: counts.filter((count) => count > 0).length / items,
    gini: gini(counts),
    entropy: entropyOf(counts),
    novelty: mean(recommended.map((item) => -Math.log2((popularity[item] + 1) / (interactions + items)))),
    averagePopularity: mean(recommended.map((item) => popularity[item])),
    longTailShare: mean(recommended.map((item) => (head[item] ? 0 : 1))),
  };
}

/**
 * The same, named as metrics of a run: "test/coverage@10", "test/gini@10", …; with `content` the diversity, too. What lists
 * without a recommendation leave undefined is left out.
 */
export function beyondAccuracyMetrics(
  request: ListRequest,
  split: string,
  content?: SparseMatrix | null,
): Record<string, number> {
  const metrics = beyondAccuracy(request);
  const named: [string, number][] = [
    ['coverage', metrics.coverage],
    ['gini', metrics.gini],
    ['entropy', metrics.entropy],
    ['novelty', metrics.novelty],
    ['average-popularity', metrics.averagePopularity],
    ['long-tail-share', metrics.longTailShare],
    ['diversity', content ? diversity(request, content) : Number.NaN],
  ];
  return Object.fromEntries(
    named
      .filter(([, value]) => !Number.isNaN(value))
      .map(([name, value]) => [`${split}/${name}@${request.cutoff}`, value]),
  );
}

/** Cut-offs of the entropy of categories (Rajput et al. 2023). */
export const CATEGORY_CUTOFFS: readonly number[] = [10, 20, 50];

/**
 * Shannon entropy, in bits, of the categories of a list's first `cutoff` items, averaged over lists: the diversity that
 * Rajput et al. 2023 measure. `labels` [items] are categories, -1 for none; lists of fewer items, and those without any
 * category, are left out. NaN where that leaves none.
 */
export function categoryEntropy(
  request: Pick<ListRequest, 'lists' | 'length' | 'cutoff'>,
  labels: ArrayLike<number>,
): number {
  return meanOfLists(request, (list) => entropyOfCategories(list, request.cutoff, labels));
}

/** Over the lists of which there is a value; empty places are left out. */
function meanOfLists(
  { lists, length, cutoff }: Pick<ListRequest, 'lists' | 'length' | 'cutoff'>,
  value: (list: Int32Array) => number,
): number {
  const places = Math.min(cutoff, length);
  const values: number[] = [];
  for (let start = 0; start < lists.length; start += length) {
    const list = Int32Array.from({ length: places }, (_, at) => lists[start + at]).filter(
      (item) => item >= 0,
    );
    values.push(value(list));
  }
  return mean(values.filter((one) => !Number.isNaN(one)));
}

/** The same, named as metrics of a run: "test/category-entropy@10", … */
export function categoryMetrics(
  request: Pick<ListRequest, 'lists' | 'length'>,
  labels: ArrayLike<number>,
  split: string,
): Record<string, number> {
  const measured = CATEGORY_CUTOFFS.map(
    (cutoff) => [cutoff, categoryEntropy({ ...request, cutoff }, labels)] as const,
  );
  return Object.fromEntries(
    measured
      .filter(([, bits]) => !Number.isNaN(bits))
      .map(([cutoff, bits]) => [`${split}/category-entropy@${cutoff}`, bits]),
  );
}

/**
 * Intra-list distance (Ziegler et al. 2005): 1 - cosine of the content of two items of a list, averaged over the pairs of a
 * list and then over lists. `content` is [items, terms]; items without content do not count, nor do lists with fewer
 * than two others. NaN where that leaves no list.
 */
export function diversity(
  request: Pick<ListRequest, 'lists' | 'length' | 'cutoff'>,
  content: SparseMatrix,
): number {
  return meanOfLists(request, (list) => distanceWithin(list, content));
}
