import type { Random } from '../../math/random.ts';
import { trainingCounts } from '../splits/item-counts.ts';
import type { Interactions } from '../types.ts';
import { KnownItems } from './known-items.ts';

/** How often each item stands in the training part, and how often it is a target there. */
export interface ItemCounts {
  interactions: Int32Array;
  targets: Int32Array;
}

/** What is asked of the training part by those who draw negatives. */
export interface NegativeNeeds {
  /** Which items each user has interacted with. */
  known: boolean;
  /** How likely each item is beside the others; null: all alike. */
  odds: ((counts: ItemCounts) => Float64Array) | null;
}

/** What negatives are drawn with, where it is asked for; a micro-batch brings it along. */
export interface NegativeAids {
  known?: KnownItems;
  sampler?: ItemSampler;
}

/** `targets`: how often each item is one. */
export function negativeAids(
  data: Interactions,
  trainEnd: Int32Array,
  { known, odds }: NegativeNeeds = { known: false, odds: null },
  targets: () => Int32Array,
): NegativeAids {
  const counts = () => ({ interactions: trainingCounts(data, trainEnd, data.items), targets: targets() });
  return {
    known: known ? new KnownItems(data, trainEnd) : undefined,
    sampler: odds ? new ItemSampler(odds(counts())) : undefined,
  };
}

/** Draws items in proportion to their odds, with replacement. */
export class ItemSampler {
  /** Sum of the odds of all items before each. */
  readonly #before: Float64Array;
  readonly #sum: number;
  readonly #odds: Float64Array;

  constructor(odds: Float64Array) {
    this.#odds = odds;
    this.#before = new Float64Array(odds.length);
    for (let item = 1; item < odds.length; item++)
      this.#before[item] = this.#before[item - 1] + odds[item - 1];
    this.#sum = odds.reduce((sum, share) => sum + share, 0);
  }

  draw(random: Random): number {
    return lastNotAbove(this.#before, random.uniform() * this.#sum);
  }

  /** How likely it is that a draw gives the item. */
  share(item: number): number {
    return this.#odds[item] / this.#sum;
  }
}

/** Index of the last entry of an ascending list that is at most `value`; the first entry is. */
export function lastNotAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ascending[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
