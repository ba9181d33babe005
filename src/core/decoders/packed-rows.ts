/** Rows of a fixed length filled with sequences of tokens. */

export interface Sequence {
  ids: Int32Array;
  /** [ids.length] weight of predicting each token from those before it; the first one's is 0. */
  weights: Float32Array;
}

/**
 * Rows of `length` tokens under construction, as the inputs of a decoder. A row has room for `supervised` weighted tokens; of a
 * sequence with more of them the last ones count.
 */
export class PackedRows {
  readonly length: number;
  readonly rows: number;
  /**
   * `ids`, `segments` and `positions` int32 [rows * length]; `places` (flat cells whose next token is trained on), `targets` (that
   * token) int32 and `weights` float32 [rows * supervised], 0 where fewer are supervised.
   */
  readonly arrays: {
    ids: Int32Array;
    segments: Int32Array;
    positions: Int32Array;
    places: Int32Array;
    targets: Int32Array;
    weights: Float32Array;
  };
  readonly #supervised: number;
  readonly #used: Int32Array;
  readonly #usedTargets: Int32Array;
  readonly #segments: Int32Array;

  constructor(rows: number, length: number, supervised = length) {
    const cells = () => new Int32Array(rows * length);
    const few = () => new Int32Array(rows * supervised);
    this.rows = rows;
    this.length = length;
    this.#supervised = supervised;
    const weights = new Float32Array(rows * supervised);
    this.arrays = {
      ids: cells(),
      segments: cells(),
      positions: cells(),
      places: few(),
      targets: few(),
      weights,
    };
    this.#used = new Int32Array(rows);
    this.#usedTargets = new Int32Array(rows);
    this.#segments = new Int32Array(rows);
  }

  /** Puts a sequence into the first row that has room; returns the flat cell of its first token, or -1. */
  add({ ids, weights }: Sequence): number {
    const weighted: number[] = [];
    for (let at = 1; at < ids.length; at++) if (weights[at] !== 0) weighted.push(at);
    const kept = weighted.slice(-this.#supervised);
    const row = this.#used.findIndex(
      (used, at) =>
        used + ids.length <= this.length && this.#usedTargets[at] + kept.length <= this.#supervised,
    );
    if (row < 0) return -1;
    const start = row * this.length + this.#used[row];
    this.#used[row] += ids.length;
    const segment = ++this.#segments[row];
    const { arrays } = this;
    arrays.ids.set(ids, start);
    arrays.segments.fill(segment, start, start + ids.length);
    for (let i = 0; i < ids.length; i++) arrays.positions[start + i] = i;
    for (const at of kept) {
      const cell = row * this.#supervised + this.#usedTargets[row]++;
      arrays.places[cell] = start + at - 1;
      arrays.targets[cell] = ids[at];
      arrays.weights[cell] = weights[at];
    }
    return start;
  }

  /** Tokens in it. */
  get tokens(): number {
    return this.#used.reduce((sum, used) => sum + used, 0);
  }

  /** Makes the weights add up to one and returns what they added up to. */
  normalise(): number {
    const { weights } = this.arrays;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total > 0) for (let i = 0; i < weights.length; i++) weights[i] /= total;
    return total;
  }

  /** As a program takes them. */
  get inputs(): Record<string, Int32Array | Float32Array> {
    return { ...this.arrays };
  }
}
