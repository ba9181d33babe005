/** Which interactions a run is trained on, by its config: the one place that decides it. */
import { z } from 'zod';
import { hideItems } from '../../data/splits/hidden-items.ts';
import { type LeaveLastOut, leaveLastOut, trainedOn } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { type Config, dataFields, protocolFields } from '../config.ts';

export interface TrainingPart {
  /** With `items` counting every candidate, and without what is hidden. */
  data: Interactions;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
  split: LeaveLastOut;
  /** End (exclusive) of every user's training part, [users]; empty for users that are not trained on. */
  trainEnd: Int32Array;
}

const { protocol, candidates, coldItems, coldSeed } = protocolFields;
const partSchema = z.object({ protocol, candidates, coldItems, coldSeed, ...dataFields });

/** Equal for runs on one data set that are trained on the same interactions and rank the same candidates. */
export function trainingPartKey(config: Config): string {
  return JSON.stringify(partSchema.parse(config));
}

/** The interactions as a config of a model that ranks items divides them. */
export function trainingPart(interactions: Interactions, config: Config): TrainingPart {
  const part = partSchema.parse(config);
  const validation = part.protocol === 'validated';
  const { catalogueItems } = interactions;
  const all = part.candidates === 'catalogue' ? { ...interactions, items: catalogueItems } : interactions;
  const { data, hidden } =
    part.coldItems === 0
      ? { data: all, hidden: null }
      : hideItems(all, part.coldItems, part.coldSeed, validation ? 2 : 1);
  const split = leaveLastOut(data, { validation });
  return { data, hidden, split, trainEnd: trainedOn(split, part.trainUsers) };
}
