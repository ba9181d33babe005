/**
 * Items scored by the log-probabilities of their tokens, all of them or those that a search over a graph of similar items
 * comes upon (Hou et al. 2025).
 */
import type { Random } from '../../../math/random.ts';
import { dot, unitRows } from '../../../math/rows.ts';
import type { ItemTokens } from '../code-tokens.ts';

/** The tokens of those items that have an ID, each counted from 0 over all levels. */
export class ItemDigits {
  /** The items, ascending; a *place* is an index into them. */
  readonly items: Int32Array;
  readonly levels: number;
  /** Int32 [places, levels] */
  readonly #digits: Int32Array;
  readonly #placeOf: Int32Array;

  constructor({ tokens, levels: { sizes } }: ItemTokens, items: Int32Array) {
    this.items = items;
    this.levels = sizes.length;
    this.#digits = new Int32Array(items.length * sizes.length);
    this.#placeOf = new Int32Array(tokens.length / sizes.length).fill(-1);
    items.forEach((item, place) => {
      this.#placeOf[item] = place;
      const itemTokens = tokens.subarray(item * sizes.length, (item + 1) * sizes.length);
      this.#digits.set(
        itemTokens.map((token) => token - 1),
        place * sizes.length,
      );
    });
  }

  /** -1 where the item has no ID. */
  placeOf(item: number): number {
    return this.#placeOf[item];
  }

  digit(place: number, level: number): number {
    return this.#digits[place * this.levels + level];
  }

  /** Sum over the levels of what the place's tokens have in `values`, which begin at `from`. */
  score(place: number, values: Float32Array, from = 0): number {
    const { levels } = this;
    let sum = 0;
    for (let at = place * levels; at < (place + 1) * levels; at++) sum += values[from + this.#digits[at]];
    return sum;
  }
}

/** The k places of the highest scores, best first; of equal ones the first. Those of -Infinity are never among them. */
export function highest(scores: Float64Array, k: number): Int32Array {
  const best = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  for (let place = 0; place < scores.length && best.length > 0; place++) {
    const score = scores[place];
    if (score === Number.NEGATIVE_INFINITY) continue;
    if (size === best.length && score <= scores[best[size - 1]]) continue;
    let at = size < best.length ? size++ : size - 1;
    for (; at > 0 && scores[best[at - 1]] < score; at--) best[at] = best[at - 1];
    best[at] = place;
  }
  return best.subarray(0, size);
}

/**
 * The `edges` most similar places of each, itself among them, int32 [places, edges]: similarity is the mean over the levels
 * of the cosine of the tokens' vectors. vectors [tokens, dim]; `starts`: by level its first token, and one more for the end.
 * Every place is compared with every other: yields after each, so that others can be answered meanwhile.
 */
export function* similarItems(
  digits: ItemDigits,
  vectors: Float32Array,
  starts: readonly number[],
  edges: number,
): Generator<number, Int32Array> {
  const count = digits.items.length;
  const width = Math.min(edges, count);
  const cosines = cosinesByLevel(vectors, starts);
  const neighbours = new Int32Array(count * width);
  const ofPlace = new Float32Array(starts[starts.length - 1]);
  const scores = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    cosines.forEach((table, level) => {
      const codes = starts[level + 1] - starts[level];
      const row = digits.digit(place, level) - starts[level];
      ofPlace.set(table.subarray(row * codes, (row + 1) * codes), starts[level]);
    });
    for (let other = 0; other < count; other++) scores[other] = digits.score(other, ofPlace);
    // The item itself comes first, even where rounding puts an item with equal codes before it.
    scores[place] = Number.POSITIVE_INFINITY;
    neighbours.set(highest(scores, width), place * width);
    yield place;
  }
  return neighbours;
}

/** By level the cosines of its tokens' vectors: [codes, codes]. */
function cosinesByLevel(vectors: Float32Array, starts: readonly number[]): Float32Array[] {
  const dim = vectors.length / starts[starts.length - 1];
  const unit = unitRows(vectors, dim);
  return starts.slice(0, -1).map((start, level) => {
    const codes = starts[level + 1] - start;
    const table = new Float32Array(codes * codes);
    for (let a = 0; a < codes; a++) {
      for (let b = 0; b < codes; b++) {
        table[a * codes + b] = dot(unit, (start + a) * dim, unit, (start + b) * dim, dim);
      }
    }
    return table;
  });
}

/** Places, ascending, with their scores. */
export interface ScoredPlaces {
  places: Int32Array;
  scores: Float64Array;
}

/** Similar items lead to each other. */
export class ItemGraph {
  readonly #neighbours: Int32Array;
  readonly #count: number;
  /** By place the step that has seen it last. */
  readonly #seenIn: Int32Array;
  #step = 0;

  /** neighbours: as `similarItems` gives them for that many places. */
  constructor(neighbours: Int32Array, count: number) {
    this.#neighbours = neighbours;
    this.#count = count;
    this.#seenIn = new Int32Array(count);
  }

  /**
   * Starts at `beams` random places; every step scores all neighbours of the best `beams` of the one before. Returns those
   * of the last step. What it takes does not grow with the catalogue.
   */
  search(
    { beams, steps }: { beams: number; steps: number },
    scoreOf: (place: number) => number,
    random: Pick<Random, 'below'>,
  ): ScoredPlaces {
    const first = new Set<number>();
    while (first.size < Math.min(beams, this.#count)) first.add(random.below(this.#count));
    let places = Int32Array.from(first);
    let scores = new Float64Array(places.length);
    for (let step = 0; step < steps; step++) {
      places = this.#neighboursOf(Int32Array.from(highest(scores, beams), (at) => places[at]));
      scores = Float64Array.from(places, scoreOf);
    }
    return { places, scores };
  }

  #neighboursOf(kept: Int32Array): Int32Array<ArrayBuffer> {
    const edges = this.#neighbours.length / this.#count;
    const found: number[] = [];
    this.#step++;
    for (const place of kept) {
      for (let at = place * edges; at < (place + 1) * edges; at++) {
        const next = this.#neighbours[at];
        if (this.#seenIn[next] === this.#step) continue;
        this.#seenIn[next] = this.#step;
        found.push(next);
      }
    }
    return Int32Array.from(found).sort();
  }
}
