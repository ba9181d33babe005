import { z } from 'zod';
import type { Interactions } from '../../../data/types.ts';
import type { HostArrays } from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { selectAmong } from '../../../evaluation/ranking.ts';
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

/** Rows of lists: those of row r stand from `offsets[r]` to `offsets[r + 1]`. */
interface Lists {
  offsets: Int32Array;
  values: Int32Array;
}

/** Distinct training items of every user. */
function itemsByUser({ interactions: data, trainEnd }: FitContext): Lists {
  const offsets = new Int32Array(data.users + 1);
  const values = new Int32Array(data.itemIds.length);
  const lastUser = new Int32Array(data.items).fill(-1);
  let count = 0;
  for (let user = 0; user < data.users; user++) {
    for (let at = data.offsets[user]; at < trainEnd[user]; at++) {
      const item = data.itemIds[at];
      if (lastUser[item] === user) continue;
      lastUser[item] = user;
      values[count++] = item;
    }
    offsets[user + 1] = count;
  }
  return { offsets, values: values.subarray(0, count) };
}

/** The users of every item, ascending. */
function usersByItem(items: number, { offsets: ends, values: itemsOfUsers }: Lists): Lists {
  const offsets = new Int32Array(items + 1);
  for (const item of itemsOfUsers) offsets[item + 1]++;
  for (let item = 0; item < items; item++) offsets[item + 1] += offsets[item];
  const values = new Int32Array(itemsOfUsers.length);
  const next = offsets.slice(0, items);
  for (let user = 0; user + 1 < ends.length; user++)
    for (let at = ends[user]; at < ends[user + 1]; at++) values[next[itemsOfUsers[at]]++] = user;
  return { offsets, values };
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
    const itemsOf = itemsByUser(context);
    const usersOf = usersByItem(data.items, itemsOf);
    const users = (item: number) => usersOf.offsets[item + 1] - usersOf.offsets[item];
    const common = new Int32Array(data.items);
    const values = new Float64Array(data.items);
    const met = new Int32Array(data.items);
    for (let item = 0; item < data.items; item++) {
      if (item % 256 === 0) {
        throwIfCancelled(signal);
        onProgress(item, data.items, 'items');
        await new Promise((resolve) => setImmediate(resolve));
      }
      const others = met.subarray(0, countCommon(item, { itemsOf, usersOf, common, met }));
      for (const other of others) {
        values[other] = common[other] / (Math.sqrt(users(item) * users(other)) + this.#config.shrinkage);
        common[other] = 0;
      }
      selectAmong(values, others, k).forEach((other, rank) => {
        neighbours[item * k + rank] = other;
        similarities[item * k + rank] = values[other];
      });
    }
    const { neighboursOf } = this.#config;
    if (neighboursOf === 'history') return { neighbours, similarities };
    const turned = turnedRound(neighbours, similarities, data.items);
    return { offsets: turned.offsets, neighbours: turned.items, similarities: turned.similarities };
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

/** Adds up in `common` how many users of `item` have every other item; writes the others into `met` and returns how many. */
function countCommon(
  item: number,
  { itemsOf, usersOf, common, met }: { itemsOf: Lists; usersOf: Lists; common: Int32Array; met: Int32Array },
): number {
  let count = 0;
  for (let at = usersOf.offsets[item]; at < usersOf.offsets[item + 1]; at++) {
    const user = usersOf.values[at];
    for (let place = itemsOf.offsets[user]; place < itemsOf.offsets[user + 1]; place++) {
      const other = itemsOf.values[place];
      if (other !== item && common[other]++ === 0) met[count++] = other;
    }
  }
  return count;
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
