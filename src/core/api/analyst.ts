/** The contract between the hub and the analyst. */
import type { ContractRouterClient } from '@orpc/contract';
import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { ChosenDevice } from '../engine/types.ts';
import type { MachineNumbers } from '../machine-numbers.ts';
import type { ListedBackup } from '../store/db/backup.ts';
import type { NotAdopted } from '../store/files/adopt.ts';
import type { CountedStudy } from '../studies/analysis.ts';
import { forwardedContract } from './contract.ts';
import type { PlanHead, PlanSave, PlanStart } from './plans.ts';
import { lookRequest, type RemakePlan } from './reproduce.ts';
import { scalingRequest } from './studies.ts';

export const analystContract = {
  ...forwardedContract,
  /** Asked by the hub for itself; the window cannot call these. */
  internal: {
    /** Opens the home, and so brings its database up to date. */
    openHome: oc.output(type<void>()),
    /** Closes the home, which another one follows. */
    closeHome: oc.output(type<void>()),
    /** What a fixed training comes to on this machine's processor. */
    machineNumbers: oc.output(type<MachineNumbers>()),
    /** Writes the generated sample data set into a folder and returns its files. */
    writeSample: oc.input(z.object({ folder: z.string() })).output(type<string[]>()),
    /** Checks the database of the home and backs it up if that is due, or at once; fails where it is damaged. */
    backUp: oc.input(z.object({ now: z.boolean() })).output(type<void>()),
    /** The backups of the home, newest first. */
    backups: oc.output(type<ListedBackup[]>()),
    /** Writes what the database alone has of runs into their folders. */
    writeFiles: oc.output(type<void>()),
    /** Counts the metrics of ranks that runs do not have yet. */
    countMetrics: oc.output(type<void>()),
    /** Brings stray folders into the database, by their paths inside the home; answers which could not be brought. */
    adopt: oc.input(z.object({ folders: z.array(z.string()) })).output(type<NotAdopted[]>()),
    /** Brings the folder of a stray run into the database, and queues the evaluation of its checkpoint: both, or neither. */
    measureStray: oc.input(z.object({ id: z.string() })).output(type<{ run: string }>()),
    /** Makes the next training of a search, by its id, which then waits in the queue; answers whether there was one to make. */
    takeStep: oc.input(z.object({ study: z.string() })).output(type<boolean>()),
    /** Writes the text of a plan. */
    savePlan: oc.input(type<PlanSave>()).output(type<{ id: string; version: string }>()),
    startPlan: oc.input(type<PlanStart>()).output(type<PlanHead>()),
    /** Makes and queues what follows of a plan; answers whether anything of it waits or trains then. */
    advancePlan: oc.input(z.object({ plan: z.string(), retries: z.boolean() })).output(type<boolean>()),
    /** Lets its searches begin nothing, or go on; answers its runs that wait or train. */
    turnPlan: oc.input(z.object({ plan: z.string(), goesOn: z.boolean() })).output(type<string[]>()),
    /** `reproduce.look`, with what the device "auto" stands for. */
    lookAgain: oc.input(lookRequest.extend({ auto: z.custom<ChosenDevice>() })).output(type<RemakePlan>()),
    /** A scaling study that does not exist yet, with the counts of its cells. */
    countStudy: oc.input(scalingRequest).output(type<CountedStudy>()),
  },
};

/** What travels with every call. */
export interface AnalystContext {
  /** The home that the call is about. */
  home: string;
  /** CPU threads to use unless the call says otherwise. */
  threads: number;
  /** The folder whose files alone the call may have read; null where it may have any. */
  readable: readonly string[] | null;
}

/** A call of a procedure of the contract, as it travels. */
export interface AnalystCall {
  path: readonly string[];
  input: unknown;
  context: AnalystContext;
}

/** What the hub calls. */
export type AnalystClient = ContractRouterClient<typeof analystContract>;
