import { type } from '@orpc/contract';
import { z } from 'zod';
import { asks } from './asking.ts';
import type { DecodingTrie } from './beam-tree.ts';
import type { KeptGroups } from './drawn-groups.ts';
import type { NamedItem } from './items.ts';
import { runId } from './runs.ts';

export type { NamedItem } from './items.ts';

/** An item with what sort of thing it is, such as its genres. */
export interface ListedItem extends NamedItem {
  categories: string[];
}

/** The rank of the held-out item. */
export interface HeldOutItem extends ListedItem {
  /** From 1; ties count against the model. Null where the list of another program ends before it. */
  rank: number | null;
  /** Number of items it was ranked among. */
  candidates: number;
}

/** How to draw a list from a model that generates it. */
export const sampling = z.object({
  temperature: z.number().positive().max(100).describe('above 1 the lists grow more diverse'),
  seed: z.int().nonnegative().describe('another one draws another list'),
});

export type Sampling = z.output<typeof sampling>;

/** test: before the held-out item, as its rank was counted; next: after the whole history, the held-out item included. */
export const LIST_PLACES = ['test', 'next'] as const;
export type ListPlace = (typeof LIST_PLACES)[number];

export interface Recommendation {
  run: string;
  user: string;
  /** Interactions in all. */
  interactions: number;
  /** The most recent part, oldest first. `time` in Unix seconds. */
  history: (ListedItem & { time: number | null; heldOut: boolean })[];
  /** What the list stands for: the test item, or what comes after the whole history. */
  place: ListPlace;
  /** Best first. The list of another program has no scores here. */
  items: (ListedItem & { score: number | null })[];
  /** Null if the run has no ranks of this user. */
  heldOut: HeldOutItem | null;
}

const listRequest = z.object({
  run: runId,
  user: z.string().min(1).describe('id as in the imported files'),
  place: z.enum(LIST_PLACES).default('next'),
  k: z.int().min(1).max(1000).default(20),
  history: z.int().min(1).max(1000).default(30).describe('number of most recent interactions'),
  sampling: sampling.nullable().default(null).describe("null makes the list as the run's config says"),
});

export type ListRequest = z.output<typeof listRequest>;

export const recommend = {
  /** The best items for a user. A user without a test item has lists for what comes next alone. */
  show: asks(['datasets'], { run: ['runs', 'checkpoints'] })
    .input(listRequest)
    .output(type<Recommendation>()),
  /** How a generative model decodes its list for the held-out item, and what might have followed at every step. */
  tree: asks(['datasets'], { run: ['runs', 'checkpoints'] })
    .input(
      z.object({
        run: runId,
        user: z.string().min(1).describe('id as in the imported files'),
        beams: z.int().min(1).max(200).default(20),
      }),
    )
    .output(type<DecodingTrie>()),
  /** What the policy of a training by reward drew before it was validated; of an epoch without any, the latest. */
  groups: asks(['datasets'], { run: ['runs', 'checkpoints'] })
    .input(z.object({ run: runId, epoch: z.int().nonnegative().nullable().default(null) }))
    .output(type<KeptGroups>()),
};
