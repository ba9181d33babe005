/** One user's decoding tree: the beams of a generative model at every level, and the path of the held-out item. */
import type { Continuations } from '../families/traced-decoding.ts';
import type { NamedItem } from './items.ts';

export type { Continuations };

export interface BeamNode {
  /** Index among the tree's nodes, or null at level 1. */
  parent: number | null;
  /** From 1. */
  level: number;
  code: number;
  /** Given the prefix, among the codes that continue it. */
  probability: number;
  /** Of the whole prefix. */
  prefixProbability: number;
  /** Rank in the beam at this level, from 1; null if only the target's path leads here. */
  place: number | null;
  onTargetPath: boolean;
  /** At the last level: the items of this ID that may be recommended to the user, and the target. */
  items: NamedItem[];
}

export interface BeamTree {
  run: string;
  user: string;
  /** Tokens of an ID, the collision token included. */
  levels: number;
  /** Width of the beam. */
  beams: number;
  /** Parents before children, the beams of a level by rank. */
  nodes: BeamNode[];
  /** The held-out test item that the history ends before; null if the user has none. */
  target: BeamTarget | null;
}

export interface BeamTarget extends NamedItem {
  /** Null if the item has no ID. */
  codes: number[] | null;
  /** First level, from 1, at which no beam has the target's prefix; null if its ID was generated. */
  firstDivergence: number | null;
}

/** The same with what might have followed: every level as the model sees it. */
export interface DecodingTrie extends BeamTree {
  /** Codes of the tokeniser in an ID; after them the token that tells equal ones apart, where there is one. */
  semantic: number;
  /** Codes of each level. */
  sizes: number[];
  first: Continuations;
  /** Of every node that was kept and goes on, aligned with the nodes; else null. */
  after: (Continuations | null)[];
  /** The last items that the model read, oldest first, and how many in all. */
  history: (NamedItem & { codes: number[] })[];
  read: number;
}
