import { Random } from '../../math/random.ts';

/**
 * Stochastic Length (Zhai et al. 2024, section 3.2): of a history of n interactions, where n > m = floor(N^(α/2)), training
 * keeps m with probability 1 - N^α / n², and all n otherwise, so that attention costs O(N^α) a user and not O(N²). α is in
 * (1, 2]; at 2 nothing is ever left out.
 *
 * What the paper leaves open is read so: N is the longest history of the training as the model sees it, cut to `maxLength`; m is
 * rounded down, as in the authors' code; every epoch draws anew. The interactions kept are any m with the same odds, in their
 * order, whatever their age. The last target is always kept, and a position predicts the interaction that is kept next.
 */
export class StochasticLength {
  /** m. */
  readonly kept: number;
  readonly #cost: number;
  readonly #seed: number;

  /** longest: N, in interactions. */
  constructor({ alpha, longest, seed }: { alpha: number; longest: number; seed: number }) {
    this.kept = Math.max(1, Math.floor(longest ** (alpha / 2)));
    this.#cost = longest ** alpha;
    this.#seed = seed;
  }

  /** Odds that a history of n interactions is shortened. */
  probability(n: number): number {
    return n > this.kept ? Math.max(0, 1 - this.#cost / n ** 2) : 0;
  }

  /**
   * Places that a history of n interactions and a last target keep, from 0 (the oldest) to n (that target), the target's among
   * them: int32 [m + 1], ascending; null where all stay. They follow from the seed, the epoch and the sample.
   */
  draw(n: number, epoch: number, sample: number): Int32Array | null {
    const probability = this.probability(n);
    if (probability === 0) return null;
    const random = new Random(this.#seed, epoch, `length/${sample}`);
    if (random.uniform() >= probability) return null;
    const places = new Int32Array(this.kept + 1);
    let taken = 0;
    for (let place = 0; taken < this.kept; place++) {
      if (random.uniform() * (n - place) < this.kept - taken) places[taken++] = place;
    }
    places[taken] = n;
    return places;
  }

  /** How many histories of each length an epoch has on average: counts[n] of n interactions before -> the same form. */
  expected(counts: readonly number[]): number[] {
    const after = counts.map((count, n) => count * (1 - this.probability(n)));
    const shortened = counts.reduce((sum, count, n) => sum + count * this.probability(n), 0);
    if (shortened > 0) after[this.kept] += shortened;
    return after;
  }
}
