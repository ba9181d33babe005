/** One user's decoding tree: what a generative model kept of every level, and the path of the held-out item. */
import type { NamedItem } from './recommend.ts';

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
  /** Place among the sequences kept at this level, from 1; null where only the target's path leads here. */
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
  /** Sequences kept at a level. */
  beams: number;
  /** Parents before children, the sequences of a level in their order. */
  nodes: BeamNode[];
  /** The held-out test item that the history ends before; null where the user has none. */
  target: BeamTarget | null;
}

export interface BeamTarget extends NamedItem {
  /** Null where the item has no ID. */
  codes: number[] | null;
  /** Level from 1 at which no kept sequence has the target's prefix any more; null where its ID was generated. */
  firstDivergence: number | null;
}
