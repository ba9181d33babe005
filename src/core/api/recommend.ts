import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { BeamTree } from './beam-tree.ts';
import type { NamedItem } from './items.ts';
import { runId } from './runs.ts';

export type { NamedItem } from './items.ts';

/** The rank of the held-out item. */
export interface HeldOutItem extends NamedItem {
  /** From 1; ties count against the model. */
  rank: number;
  /** Number of items it was ranked among. */
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
  /** Null if the run has no ranks of this user. */
  heldOut: HeldOutItem | null;
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
  /** How a generative model decodes its list for the held-out item. */
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
