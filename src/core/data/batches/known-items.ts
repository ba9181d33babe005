import type { Interactions } from '../types.ts';

/** Which items each user has interacted with in training: what negatives must not be. */
export class KnownItems {
  readonly #offsets: Int32Array;
  readonly #trainEnd: Int32Array;
  /** Training items of each user, sorted, in the same rows as the interactions. */
  readonly #sorted: Int32Array;
  /** Users who have had every item. Steps ask for it, so that it is counted once. */
  readonly #complete = new Set<number>();

  /** trainEnd [users]: end (exclusive) of each user's training part in the interactions. */
  constructor({ items, users, offsets, itemIds }: Interactions, trainEnd: Int32Array) {
    this.#offsets = offsets;
    this.#trainEnd = trainEnd;
    this.#sorted = itemIds.slice();
    for (let user = 0; user < users; user++) {
      const history = this.#sorted.subarray(offsets[user], trainEnd[user]).sort();
      const distinct = history.reduce(
        (sum, item, i) => sum + (i === 0 || item !== history[i - 1] ? 1 : 0),
        0,
      );
      if (distinct === items) this.#complete.add(user);
    }
  }

  /** Whether the user has had every item, so that nothing is left for a negative. */
  knowsAll(user: number): boolean {
    return this.#complete.has(user);
  }

  knows(user: number, item: number): boolean {
    let low = this.#offsets[user];
    let high = this.#trainEnd[user] - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle] === item) return true;
      if (this.#sorted[middle] < item) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}
