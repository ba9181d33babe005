import type { ItemMatrix } from '../math/rows.ts';

export type { ItemMatrix };

/** The Semantic IDs of a data set's items: a few codes each, coarse to fine. */
export interface SemanticIds {
  /** Codes of an item, the collision token not counted. */
  levels: number;
  /** Codes that a level can have, [levels]. */
  codebookSizes: readonly number[];
  /** Items of the data set's catalogue, in its dense order. */
  items: number;
  /** [items, levels] codes from 0; -1 on every level of an item without an ID. */
  codes: Int32Array;
  /** [items] 0, 1, 2, … among items with equal codes, in the order of items; -1 without an ID. */
  collisionTokens: Int32Array;
}

/** Item vectors before and after a tokeniser's encoder. */
export interface ItemSpace {
  /** Content vectors. */
  vectors: ItemMatrix;
  /** What the codebooks quantise: the encoder's outputs, or the content vectors themselves (null). */
  latents: ItemMatrix | null;
}

/** A tokeniser at one moment of its training. */
export interface Snapshot {
  /** Optimiser steps (or iterations) done. */
  step: number;
  epoch: number;
  ids: SemanticIds;
  /** A level's code vectors, row-major [codebook size, dim]; empty where the tokeniser has none, as imported IDs. */
  codebooks: Float32Array[];
}

/** Collision tokens in the order of items: how many earlier items have the same codes. */
export function collisionTokens(codes: Int32Array, levels: number): Int32Array {
  const items = codes.length / levels;
  const seen = new Map<string, number>();
  const tokens = new Int32Array(items);
  for (let item = 0; item < items; item++) {
    const itemCodes = codes.subarray(item * levels, (item + 1) * levels);
    if (itemCodes[0] < 0) {
      tokens[item] = -1;
      continue;
    }
    const key = itemCodes.join(' ');
    const earlier = seen.get(key) ?? 0;
    tokens[item] = earlier;
    seen.set(key, earlier + 1);
  }
  return tokens;
}
