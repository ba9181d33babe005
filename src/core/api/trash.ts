/** What was deleted, in the hub's hands for 30 days. Runs, data sets, studies, projects and comparisons are put there where they are. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import type { ListedBackup } from '../store/db/backup.ts';
import { TRASH_KINDS, type TrashItem, type TrashKept } from '../store/home/trash-types.ts';
import { asks, does } from './asking.ts';
import { hostName } from './hosts.ts';

export type { ListedBackup } from '../store/db/backup.ts';
export {
  type RowKind,
  TRASH_DAYS,
  TRASH_NOUNS,
  type TrashItem,
  type TrashKind,
  type TrashRef,
} from '../store/home/trash-types.ts';

const items = z
  .array(z.object({ kind: z.enum(TRASH_KINDS), id: z.string().min(1).max(1000) }))
  .min(1)
  .max(10_000);

export const strayTraining = z.object({
  id: z
    .string()
    .regex(/^(runs\/)?[\w-]+$/, 'a folder such as runs/2ndz1d54qvx')
    .max(200),
  /** Null for this machine. */
  on: hostName.nullable(),
});

/** What was found on a machine. */
export interface StrayLook {
  on: string;
  strays: StrayThere[];
  /** Why it could not be asked. */
  problem: string | null;
}

/** A training in Tessera's folder on another machine; `name` is that of its folder there, which begins with the id of its run. */
export interface StrayThere {
  name: string;
  /** As the machine sees it: runs, also where a job waits there; null where it cannot be told. */
  state: 'never' | 'begun' | 'runs' | 'ended' | 'lost' | null;
  job: string | null;
  model: string | null;
  dataset: string | null;
  /** When anything of it was written last, Unix milliseconds. */
  at: number;
}

export const trash = {
  /** Newest first, with sizes and what needs them; folders of runs and data sets that no row knows come last, with what they seem to be. */
  list: asks(['trash']).output(type<TrashItem[]>()),
  /** How many of a kind there are, and the earliest that one is deleted permanently; looks at no file. */
  kept: asks(['trash'])
    .input(z.object({ kind: z.enum(TRASH_KINDS).exclude(['folder']) }))
    .output(type<TrashKept>()),
  /** Also what was deleted just now, or before a restart; what cannot be is named by the error, and the others are restored. Where a name has been taken, the restored one gets a free name. */
  restore: does.input(z.object({ items })).output(type<void>()),
  /** Adopts the folder of a stray run, and queues the evaluation of its checkpoint: both, or neither. */
  measure: does.input(z.object({ id: z.string().min(1).max(1000) })).output(type<{ run: string }>()),
  /** Looks on the machines of the home for trainings that no run of it knows. */
  lookElsewhere: does.output(type<StrayLook[]>()),
  /** Ends the trainer of a stray, here by the path of its folder, on another machine by its folder's name there; resolves once it has ended. */
  end: does.input(strayTraining).output(type<void>()),
  /** For good, with all files; what was restored meanwhile stays. */
  purge: does.input(z.object({ items })).output(type<void>()),
  /** Of the database, newest first. */
  backups: asks(['trash']).output(type<ListedBackup[]>()),
  /** Checks the database and backs it up at once; fails where it is damaged. */
  backUp: does.output(type<void>()),
};
