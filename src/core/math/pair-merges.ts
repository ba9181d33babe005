/** Byte-pair merges (Sennrich et al. 2016, section 3.2), with the counts of pairs kept from merge to merge. */

/** A word as the ids it is made of so far, and how often it occurs: a whole number. */
export interface Word {
  ids: number[];
  count: number;
}

const PAIR = 2 ** 26;

/** Candidates for the next merge, the most frequent first and the one of the smallest ids among equals. */
class PairHeap {
  readonly #counts: number[] = [];
  readonly #pairs: number[] = [];

  get size(): number {
    return this.#pairs.length;
  }

  push(count: number, pair: number): void {
    let at = this.#pairs.length;
    this.#counts.push(count);
    this.#pairs.push(pair);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): { count: number; pair: number } {
    const top = { count: this.#counts[0], pair: this.#pairs[0] };
    this.#swap(0, this.#pairs.length - 1);
    this.#counts.pop();
    this.#pairs.pop();
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#pairs.length && this.#before(child, first)) first = child;
      }
      if (first === at) return top;
      this.#swap(at, first);
      at = first;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = this.#counts[a] - this.#counts[b];
    return difference > 0 || (difference === 0 && this.#pairs[a] < this.#pairs[b]);
  }

  #swap(a: number, b: number): void {
    [this.#counts[a], this.#counts[b]] = [this.#counts[b], this.#counts[a]];
    [this.#pairs[a], this.#pairs[b]] = [this.#pairs[b], this.#pairs[a]];
  }
}

/**
 * Joins the most frequent pair of neighbouring ids in all words, of equally frequent ones that of the smallest ids, until none
 * occurs at least `least` times, or `join` says null. `join`: the id that a pair becomes.
 */
export function mergePairs(
  words: Word[],
  least: number,
  join: (left: number, right: number) => number | null,
): void {
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const change = (left: number, right: number, by: number, word: number) => {
    const pair = left * PAIR + right;
    counts.set(pair, (counts.get(pair) ?? 0) + by);
    if (by < 0) return;
    const known = places.get(pair);
    if (known) known.add(word);
    else places.set(pair, new Set([word]));
  };
  words.forEach(({ ids, count }, word) => {
    for (let i = 0; i + 1 < ids.length; i++) change(ids[i], ids[i + 1], count, word);
  });
  const heap = new PairHeap();
  for (const [pair, count] of counts) heap.push(count, pair);
  while (heap.size > 0) {
    const { count, pair } = heap.pop();
    const now = counts.get(pair) ?? 0;
    // Counts only shrink after a pair was pushed, or it was pushed again: an old entry is put back with what is left.
    if (count !== now) {
      if (now >= least && count > now) heap.push(now, pair);
      continue;
    }
    if (count < least) break;
    const [left, right] = [Math.floor(pair / PAIR), pair % PAIR];
    const merged = join(left, right);
    if (merged === null) break;
    const grown = new Set<number>();
    for (const word of places.get(pair) ?? []) {
      const { ids, count: times } = words[word];
      const joined = joinPairs(ids, left, right, merged);
      if (joined.length === ids.length) continue;
      for (let i = 0; i + 1 < ids.length; i++) change(ids[i], ids[i + 1], -times, word);
      for (let i = 0; i + 1 < joined.length; i++) {
        change(joined[i], joined[i + 1], times, word);
        if (joined[i] === merged || joined[i + 1] === merged) grown.add(joined[i] * PAIR + joined[i + 1]);
      }
      words[word].ids = joined;
    }
    counts.delete(pair);
    places.delete(pair);
    for (const changed of grown) heap.push(counts.get(changed) ?? 0, changed);
  }
}

/** The ids with every occurrence of left and right in a row, from the left, as one. */
export function joinPairs(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const joined: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      joined.push(merged);
      i++;
    } else joined.push(ids[i]);
  }
  return joined;
}
