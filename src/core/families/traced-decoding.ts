/** What a beam search over Semantic IDs leaves, level by level. */

/**
 * The beams after one level, best first within a row; drawn ones stand in the order of drawing until the last level.
 * Where a row has fewer than `width`, the score is -Infinity.
 */
export interface BeamLevel {
  /** int32 [rows * width] */
  tokens: Int32Array;
  /** int32 [rows * width]: beam of the level before, counted over all rows. */
  parents: Int32Array;
  /** Summed log-probability, [rows * width]. */
  scores: Float64Array;
  /** Where sequences are drawn: log-probability at the temperature, and the same perturbed. Else equal to the scores. */
  tempered: Float64Array;
  keys: Float64Array;
  /** Nodes of the trie, or -1 for a prefix of no item, [rows * width]. */
  nodes: Int32Array;
}

/** A sequence that an end token closed, or that reached the last level. */
export interface EndedSequence {
  tokens: number[];
  /** Summed log-probability. */
  sum: number;
  /** The sum divided by the number of tokens. */
  score: number;
}

export interface BeamResult {
  /** Every level's beams; the last one's are the result. */
  levels: BeamLevel[];
  /** The best sequences of each row where an end token is given. */
  ended: EndedSequence[][];
}

/** The codes that may follow a prefix, as items have them. */
export interface Continuations {
  codes: number[];
  /** Of each among them; together 1. */
  probabilities: number[];
  /** What the model gives to codes that no item has after the prefix, of 1. */
  leftOut: number;
}

/** The decoding of a user's test item from the history before it, or of what follows the history where none is held out. */
export interface TracedDecoding {
  /** Every level's sequences that the beam kept. */
  result: BeamResult;
  width: number;
  /** Items of a node of the last level that may be recommended. */
  itemsOf(node: number): number[];
  /** First token of each level, and how many codes it has. */
  starts: number[];
  sizes: number[];
  /** Codes of the tokeniser in an ID; after them the token that tells equal ones apart, where there is one. */
  semantic: number;
  /** By level what may follow each beam of the level before, of the first level one; null where there is no beam. */
  continuations: (Continuations | null)[][];
  /** The items that were read with the codes of their IDs, oldest first. */
  history: { item: number; codes: number[] }[];
  target: {
    item: number;
    /** Tokens of its ID, and the summed log-probability up to each; null without an ID that can be generated. */
    path: { tokens: number[]; scores: number[] } | null;
  } | null;
}
