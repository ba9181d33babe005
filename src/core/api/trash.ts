/** What was deleted, in the hub's hands for 30 days. Runs, data sets, studies, projects and comparisons are put there where they are. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import type { ListedBackup } from '../store/db/backup.ts';
import { TRASH_KINDS, type TrashItem } from '../store/home/trash-types.ts';
import { asks, does } from './asking.ts';

export type { ListedBackup } from '../store/db/backup.ts';
export { TRASH_DAYS, TRASH_NOUNS, type TrashItem, type TrashRef } from '../store/home/trash-types.ts';

const items = z
  .array(z.object({ kind: z.enum(TRASH_KINDS), id: z.string().min(1).max(1000) }))
  .min(1)
  .max(10_000);

export const trash = {
  /** Newest first, with sizes and what needs them; folders of runs and data sets that no row knows come last, with what they seem to be. */
  list: asks(['trash']).output(type<TrashItem[]>()),
  /** Also what was deleted just now, or before a restart. Where a name has been taken, the restored one gets a free name. */
  restore: does.input(z.object({ items })).output(type<void>()),
  /** For good, with all files; what was restored meanwhile stays. */
  purge: does.input(z.object({ items })).output(type<void>()),
  /** Of the database, newest first. */
  backups: asks(['trash']).output(type<ListedBackup[]>()),
  /** Checks the database and backs it up at once; fails where it is damaged. */
  backUp: does.output(type<void>()),
};
