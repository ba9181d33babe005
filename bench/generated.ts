import type { Interactions } from '../src/core/data/types.ts';
import { Random } from '../src/core/math/random.ts';

/** Users of the given lengths, one interaction more each; items uniform, gaps between events from 1 s to years. */
export function generate(lengths: readonly number[], items: number): Interactions {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, user) => {
    offsets[user + 1] = offsets[user] + length + 1;
  });
  const random = new Random(3);
  const itemIds = new Int32Array(offsets[lengths.length]);
  random.fillIntegers(itemIds, 0, items);
  const times = new Float64Array(itemIds.length);
  for (let i = 1; i < times.length; i++)
    times[i] = times[i - 1] + Math.floor(Math.exp(random.uniform() * 15));
  return {
    users: lengths.length,
    items,
    catalogueItems: items,
    offsets,
    itemIds,
    times,
    ratings: null,
  };
}
