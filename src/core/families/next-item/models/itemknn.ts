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
  neighboursOf: z
    .enum(['candidate', 'history'])
    .describe(
      'Whose most similar items are kept: those of a candidate, as in the evaluation of Ferrari Dacrema et al. (2019), or ' +
        'those of an item of the history, as Deshpande and Karypis (2004) have it',
    )
    .default('candidate'),
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

/** The similarities that scores add up: of every item of a history the items that it is kept for. */
interface Kept {
  /** [items + 1] places in the other two. */
  offsets: Int32Array;
  items: Int32Array;
  similarities: Float32Array;
}

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
 * s(i, j) over the items j of the history, where j is kept for i (`neighboursOf=candidate`) or i for j (`history`).
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
    const { neighboursOf } = this.#config;
    if (neighboursOf === 'history') return { neighbours, similarities };
    const turned = turnedRound(neighbours, similarities, data.items);
    return { offsets: turned.offsets, neighbours: turned.items, similarities: turned.similarities };
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
    const { neighbours, similarities, offsets } = state;
    const k = neighbours.length / items;
    return {
      score: (_user, history, scores) => {
        scores.fill(0);
        for (const item of new Set(history)) {
          const [from, to] = offsets ? [offsets[item], offsets[item + 1]] : [item * k, (item + 1) * k];
          for (let at = from; at < to && neighbours[at] >= 0; at++)
            scores[neighbours[at]] += similarities[at];
        }
      },
    };
  }

  stateSpecs({ neighbours, offsets }: HostArrays) {
    const shape = [neighbours.length];
    return {
      neighbours: { shape, dtype: 'int32' as const },
      similarities: { shape, dtype: 'float32' as const },
      ...(offsets && { offsets: { shape: [offsets.length], dtype: 'int32' as const } }),
    };
  }
}

/** The items whose `neighbours` [items, k], -1 where there are fewer, an item is among: of every item, ascending. */
function turnedRound(neighbours: Int32Array, similarities: Float32Array, items: number): Kept {
  const k = neighbours.length / items;
  const offsets = new Int32Array(items + 1);
  for (const neighbour of neighbours) if (neighbour >= 0) offsets[neighbour + 1]++;
  for (let item = 0; item < items; item++) offsets[item + 1] += offsets[item];
  const next = offsets.slice(0, items);
  const kept = { items: new Int32Array(offsets[items]), similarities: new Float32Array(offsets[items]) };
  neighbours.forEach((neighbour, at) => {
    if (neighbour < 0) return;
    const place = next[neighbour]++;
    kept.items[place] = Math.floor(at / k);
    kept.similarities[place] = similarities[at];
  });
  return { offsets, ...kept };
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
  essentials: ['neighbours', 'shrinkage'],
  formerly: { neighboursOf: 'history' },
  sweep: [
    { key: 'neighbours', values: '20,50,100,200,500' },
    { key: 'shrinkage', values: '0,10,100' },
    { key: 'neighboursOf', values: 'candidate,history' },
  ],
  // Every pair of items in a history is counted.
  fitSeconds: ({ users, interactions }) => interactions ** 2 / Math.max(1, users) / PAIRS,
  configSchema: itemknnSchema,
  build: (config) => new ItemKnn(config),
});
