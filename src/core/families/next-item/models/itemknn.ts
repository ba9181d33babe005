import { z } from 'zod';
import { countItems } from '../../../data/splits/item-counts.ts';
import type { Interactions } from '../../../data/types.ts';
import type { HostArrays } from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { dataFields, field, protocolFields } from '../../../training/config.ts';
import type { FitContext, FittedModel, HostScorer } from '../next-item-model.ts';
import { fitted } from '../next-item-model.ts';

export const itemknnSchema = z.object({
  neighbours: field.positiveInt('Most similar items kept of every item').default(100),
  shrinkage: z
    .number()
    .nonnegative()
    .describe('Added to the denominator: damps similarities of items with few common users')
    .default(10),
  ...dataFields,
  ...protocolFields,
});

/** Pairs of items that are counted in a second. */
const PAIRS = 1e7;

type ItemKnnConfig = z.output<typeof itemknnSchema>;

/** Distinct training users of every item as compressed rows. */
function usersByItem({ interactions: data, trainEnd }: FitContext): {
  offsets: Int32Array;
  users: Int32Array;
} {
  const offsets = new Int32Array(data.items + 1);
  const counts = countItems(data, trainEnd);
  for (let item = 0; item < data.items; item++) offsets[item + 1] = offsets[item] + counts[item];
  const users = new Int32Array(offsets[data.items]);
  const next = offsets.slice();
  for (let user = 0; user < data.users; user++) {
    for (let i = data.offsets[user]; i < trainEnd[user]; i++) users[next[data.itemIds[i]]++] = user;
  }
  return { offsets, users };
}

/**
 * Item-based neighbourhoods (Deshpande and Karypis 2004): s(i, j) = |U_i and U_j| / (sqrt(|U_i| |U_j|) + shrinkage)
 * over distinct users, the most similar neighbours of every item kept; a user's score of i is the sum of
 * s(i, j) over the history.
 */
class ItemKnn implements FittedModel {
  readonly #config: ItemKnnConfig;

  constructor(config: ItemKnnConfig) {
    this.#config = config;
  }

  async fit(context: FitContext): Promise<HostArrays> {
    const { interactions: data, onProgress, signal } = context;
    const k = Math.min(this.#config.neighbours, data.items - 1);
    const neighbours = new Int32Array(data.items * k).fill(-1);
    const similarities = new Float32Array(data.items * k);
    const inverted = usersByItem(context);
    const degrees = this.#degrees(inverted, data.items);
    const common = new Int32Array(data.items);
    const lastUser = new Int32Array(data.users).fill(-1);
    for (let item = 0; item < data.items; item++) {
      if (item % 256 === 0) {
        throwIfCancelled(signal);
        onProgress(item, data.items, 'items');
        await new Promise((resolve) => setImmediate(resolve));
      }
      const touched = this.#countCommon(item, context, inverted, common, lastUser);
      const ranked = touched
        .filter((other) => other !== item)
        .map((other) => ({
          other,
          value: common[other] / (Math.sqrt(degrees[item] * degrees[other]) + this.#config.shrinkage),
        }))
        .sort((a, b) => b.value - a.value || a.other - b.other);
      ranked.slice(0, k).forEach(({ other, value }, rank) => {
        neighbours[item * k + rank] = other;
        similarities[item * k + rank] = value;
      });
      for (const other of touched) common[other] = 0;
    }
    return { neighbours, similarities };
  }

  /** Distinct users of every item. */
  #degrees({ offsets, users }: { offsets: Int32Array; users: Int32Array }, items: number): Float64Array {
    return Float64Array.from({ length: items }, (_, item) => {
      return new Set(users.subarray(offsets[item], offsets[item + 1])).size;
    });
  }

  /** Adds up in `common` how many users of `item` have every other item; returns the items met. */
  #countCommon(
    item: number,
    { interactions: data, trainEnd }: FitContext,
    { offsets, users }: { offsets: Int32Array; users: Int32Array },
    common: Int32Array,
    lastUser: Int32Array,
  ): number[] {
    const touched: number[] = [];
    for (let at = offsets[item]; at < offsets[item + 1]; at++) {
      const user = users[at];
      if (lastUser[user] === item) continue;
      lastUser[user] = item;
      for (const other of new Set(data.itemIds.subarray(data.offsets[user], trainEnd[user]))) {
        if (common[other]++ === 0) touched.push(other);
      }
    }
    return touched;
  }

  scorer(state: HostArrays, { items }: Interactions): HostScorer {
    const { neighbours, similarities } = state;
    const k = neighbours.length / items;
    return {
      score: (_user, history, scores) => {
        scores.fill(0);
        for (const item of new Set(history)) {
          for (let at = item * k; at < (item + 1) * k && neighbours[at] >= 0; at++) {
            scores[neighbours[at]] += similarities[at];
          }
        }
      },
    };
  }

  stateSpecs({ neighbours }: HostArrays) {
    const shape = [neighbours.length];
    return {
      neighbours: { shape, dtype: 'int32' as const },
      similarities: { shape, dtype: 'float32' as const },
    };
  }
}

export const itemknn = fitted({
  id: 'itemknn',
  title: 'ItemKNN',
  summary: 'Items that share users with the history.',
  group: 'baseline',
  paper: {
    title: 'Item-Based Top-N Recommendation Algorithms',
    authors: 'Mukund Deshpande, George Karypis',
    year: 2004,
    where: 'ACM TOIS 22(1)',
  },
  essentials: [],
  // Every pair of items in a history is counted.
  fitSeconds: ({ users, interactions }) => interactions ** 2 / Math.max(1, users) / PAIRS,
  configSchema: itemknnSchema,
  build: (config) => new ItemKnn(config),
});
