/** Sequences of tokens, and rows of a fixed length filled with them. */
import type { Prompt } from './prompt.ts';
import type { PieceEncoder } from './tokenizer.ts';

export interface Sequence {
  ids: Int32Array;
  /** [ids.length] weight of predicting each token from those before it; the first one's is 0. */
  weights: Float32Array;
}

/** Which tokens of a prompt are trained on: all, every answer in it, the last answer, or its last part alone. */
export type Supervision = 'all' | 'answers' | 'last-answer' | 'last-part';

/**
 * A prompt's tokens. An item card ends with the token that ends texts; a history does not, for it is cut where it no longer
 * fits.
 */
export function sequenceOf({ parts }: Prompt, tokenizer: PieceEncoder, supervision: Supervision): Sequence {
  // A chat template begins the text itself.
  const isTurn = parts[0]?.kind === 'turn';
  const ids: number[] = tokenizer.begin === null || isTurn ? [] : [tokenizer.begin];
  const weights: number[] = ids.map(() => 0);
  parts.forEach(({ kind, pieces }, index) => {
    const last = index === parts.length - 1;
    for (const piece of pieces) {
      const supervised =
        supervision === 'all' ||
        (supervision === 'answers' && piece.answer) ||
        (supervision === 'last-answer' && kind === 'answer') ||
        (supervision === 'last-part' && last);
      for (const id of piece.ids) {
        ids.push(id);
        weights.push(supervised ? 1 : 0);
      }
    }
  });
  if (supervision === 'all' && parts[0]?.kind === 'card') {
    ids.push(tokenizer.end);
    weights.push(1);
  }
  if (weights.length > 0) weights[0] = 0;
  return { ids: Int32Array.from(ids), weights: Float32Array.from(weights) };
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
