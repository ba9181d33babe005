/** One user's decoding tree: the beams of a generative model at every level, and the path of the held-out item. */
import type { NamedItem } from './items.ts';

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
