/**
 * Versions of what a training draws at random. A later version of the program may draw differently, but a resumed training keeps
 * drawing as it began: its checkpoints record how. A checkpoint without a record is from when there was one way.
 */
import { z } from 'zod';
import type { LengthPlan } from '../data/batches/sequence-batches.ts';
import type { MaskForm } from '../layers/index.ts';

export interface Draws {
  /** What is drawn for dropout masks. */
  masks: MaskForm;
  /** How histories are dealt to micro-batches, for each of which masks and negatives are drawn. */
  lengths: LengthPlan;
}

/** What a new training draws. */
export const PRESENT_DRAWS: Readonly<Draws> = { masks: 'words', lengths: 'eight' };

/** As checkpoints keep them. */
export const drawsFields = {
  masks: z.enum(['words', 'drawn']).optional(),
  lengths: z.enum(['eight', 'four']).optional(),
};

/** What a checkpoint's training draws. */
export function drawsOf({ masks = 'drawn', lengths = 'four' }: Partial<Draws>): Draws {
  return { masks, lengths };
}
