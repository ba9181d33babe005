import { mean } from '../../src/core/evaluation/metrics.ts';
import { entropyOf } from '../../src/core/math/information.ts';

/**
 * The metrics of RecBole's evaluator where they differ from ours, so that its published numbers can be checked: it cuts
 * MRR at k, divides the entropy by the number of distinct items, and counts the padding id as an item.
 */
export interface RecBoleRequest {
  /** [users, length], 1 where the place holds a relevant item. */
  hits: ArrayLike<number>;
  /** [users] relevant items of each user. */
  positives: ArrayLike<number>;
  /** [users, length] item ids from 1. */
  lists: ArrayLike<number>;
  length: number;
  /** Number of items with the padding id counted. */
  items: number;
  /** Interactions of items 1, 2, …; an item without any is unknown to RecBole. */
  popularity: ArrayLike<number>;
  /** Share of the known items, least popular first, that is the tail. */
  tailRatio: number;
}

/** hit, mrr, map, recall, ndcg and precision of one user at a cut-off. */
function userMetrics(hits: readonly number[], positives: number, cutoff: number): Record<string, number> {
  const attainable = Math.min(positives, hits.length, cutoff);
  const kept = hits.slice(0, cutoff);
  let [found, precisions, gain] = [0, 0, 0];
  kept.forEach((hit, place) => {
    found += hit;
    precisions += hit * (found / (place + 1));
    gain += hit / Math.log2(place + 2);
  });
  let ideal = 0;
  for (let place = 0; place < attainable; place++) ideal += 1 / Math.log2(place + 2);
  const first = kept.indexOf(1);
  return {
    hit: found > 0 ? 1 : 0,
    mrr: first < 0 ? 0 : 1 / (first + 1),
    map: precisions / attainable,
    recall: found / positives,
    ndcg: gain / ideal,
    precision: found / cutoff,
  };
}

/** The least popular share of the items that have interactions; equal ones by lower id. */
function tailItems(popularity: ArrayLike<number>, ratio: number): Set<number> {
  const known = Array.from(popularity, (count, index) => ({ count, item: index + 1 })).filter(
    ({ count }) => count > 0,
  );
  known.sort((a, b) => a.count - b.count || a.item - b.item);
  return new Set(known.slice(0, Math.max(Math.floor(known.length * ratio), 1)).map(({ item }) => item));
}

function listMetrics(request: RecBoleRequest, cutoff: number): Record<string, number> {
  const shown = Array.from(request.lists).filter((_, place) => place % request.length < cutoff);
  const counts = new Map<number, number>();
  for (const item of shown) counts.set(item, (counts.get(item) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => a - b);
  const missing = request.items - sorted.length;
  const weighted = sorted.reduce(
    (sum, count, at) => sum + (2 * (missing + at + 1) - request.items - 1) * count,
    0,
  );
  const tail = tailItems(request.popularity, request.tailRatio);
  return {
    itemcoverage: sorted.length / request.items,
    averagepopularity: mean(shown.map((item) => request.popularity[item - 1] ?? 0)),
    shannonentropy: entropyOf(sorted) / sorted.length,
    giniindex: weighted / shown.length / request.items,
    tailpercentage: mean(shown.map((item) => (tail.has(item) ? 1 : 0))),
  };
}

/** All of them at the given cut-offs, named "hit@5", "giniindex@5", … */
export function recBoleMetrics(request: RecBoleRequest, cutoffs: readonly number[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const cutoff of cutoffs) {
    const users = Array.from(request.positives, (positives, user) => {
      const start = user * request.length;
      const hits = Array.from({ length: request.length }, (_, place) => request.hits[start + place]);
      return userMetrics(hits, positives, cutoff);
    });
    for (const name of Object.keys(users[0]))
      metrics[`${name}@${cutoff}`] = mean(users.map((user) => user[name]));
    for (const [name, value] of Object.entries(listMetrics(request, cutoff)))
      metrics[`${name}@${cutoff}`] = value;
  }
  return metrics;
}
