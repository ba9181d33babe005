import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import { runId } from './runs.ts';

export interface NamedItem {
  /** Dense id. */
  item: number;
  /** As in the imported files. */
  id: string;
  title: string | null;
}

/** Where the item landed that the evaluation held out. */
export interface HeldOutItem extends NamedItem {
  /** From 1; ties count against the model. */
  rank: number;
  /** Items it was ranked among. */
  candidates: number;
}

/** How to draw a list from a model that generates it. */
export const sampling = z.object({
  temperature: z.number().positive().max(100).describe('above 1 the lists grow more diverse'),
  seed: z.int().nonnegative().describe('another one draws another list'),
});

export type Sampling = z.output<typeof sampling>;

export interface Recommendation {
  run: string;
  user: string;
  /** Interactions in all. */
  interactions: number;
  /** The most recent part, oldest first. `time` in Unix seconds. */
  history: (NamedItem & { time: number | null })[];
  /** Best first. */
  items: (NamedItem & { score: number })[];
  /** Null where the run keeps no ranks of this user. */
  heldOut: HeldOutItem | null;
}

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

/** One user's decoding tree: what a generative model kept of every level, and the path of the held-out item. */
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

export const recommend = {
  /** The best items for what comes after a user's whole history. */
  show: oc
    .input(
      z.object({
        run: runId,
        user: z.string().min(1).describe('id as in the imported files'),
        k: z.int().min(1).max(1000).default(20),
        history: z.int().min(1).max(1000).default(30),
        sampling: sampling.nullable().default(null).describe("null makes the list as the run's config says"),
      }),
    )
    .output(type<Recommendation>()),
  /** How a generative model came to its list for the item that the evaluation held out. */
  tree: oc
    .input(
      z.object({
        run: runId,
        user: z.string().min(1).describe('id as in the imported files'),
        beams: z.int().min(1).max(200).default(20),
      }),
    )
    .output(type<BeamTree>()),
};
