/** Every split, by the name that configs have for it. */
import type { z } from 'zod';
import { choiceField, choiceSettings, type SettingsOf } from '../../choice-settings.ts';
import { lastInteractions } from './leave-last-out.ts';
import type { BoundSplit } from './rule.ts';
import { time } from './time.ts';
import { users } from './users.ts';
import { windows } from './windows.ts';

export const splits = {
  'leave-last-out': lastInteractions,
  time,
  users,
  windows,
};

export type SplitId = keyof typeof splits;
/** What is held out for validation is held out, or trained on like what comes before it. */
export type StatedSplit = SplitId | `${SplitId}-without-validation`;
/** What the splits read. */
export type SplitSettings = z.output<z.ZodObject<SettingsOf<typeof splits>>>;

export const splitIds = Object.keys(splits) as SplitId[];

/** The key `split`, and those that only some splits read. */
export const splitFields = {
  split: choiceField(splits, 'What is held out', 'leave-last-out'),
  ...choiceSettings('split', splits),
};

/** The split of a config; that of all models before there was another where it names none. */
export function splitOf(config: Readonly<Record<string, unknown>>): BoundSplit & { id: SplitId } {
  const id = splitFields.split.parse(config.split);
  return { ...splits[id].of(config), id };
}

/** In a line of others, such as "window of time 2 of 3". */
export const splitWords = ({ term, detail }: BoundSplit) => (detail === null ? term : `${term} ${detail}`);

const WITHOUT = '-without-validation';

export const statedSplit = (id: SplitId, validation: boolean): StatedSplit =>
  validation ? id : `${id}${WITHOUT}`;

export function readSplit(stated: StatedSplit): { split: SplitId; validation: boolean } {
  const split = stated.replace(WITHOUT, '') as SplitId;
  return { split, validation: split === stated };
}
