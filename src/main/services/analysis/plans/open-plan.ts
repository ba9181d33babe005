/** A plan file with all that a home knows of it. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../../../core/errors.ts';
import type { PlannedBlock } from '../../../../core/plans/expand-plan.ts';
import { readPlan } from '../../../../core/plans/read-plan.ts';
import type { PlanWhere } from '../../../../core/store/home/plans.ts';
import type { Store } from '../../../../core/store/store.ts';
import { findHost } from '../../hosts.ts';
import { threadsOf } from '../../settings.ts';
import type { PlanSoFar } from './plan-paper.ts';
import { planResults } from './plan-results.ts';
import { type PlanFile, type PlanPlace, type ResolvedBlock, resolveBlocks } from './plan-rows.ts';
import { matching, planState } from './plan-state.ts';

/** The word for this machine among hosts. */
const HERE = 'here';

/** Throws UserError, in one line with the place in the file, for what cannot be read or is no plan. */
export function readPlanFile(path: string): PlanFile & { path: string } {
  try {
    return { ...readPlan(readFileSync(path, 'utf8'), path), file: path, path: realpathSync(path) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

export interface OpenPlan {
  written: PlanFile & { path: string };
  blocks: ResolvedBlock[];
  /** Whose data are still to be imported. */
  absent: PlannedBlock[];
}

/** Throws UserError for what of it does not go with the home. */
export async function openPlan(store: Store, path: string, place: PlanPlace): Promise<OpenPlan> {
  const written = readPlanFile(path);
  return { written, ...(await resolveBlocks(store, written, place)) };
}

/** Throws UserError for a host that the home does not know. */
export function placeOf(
  store: Store,
  { device = 'auto', threads, hosts = [HERE] }: PlanWhere & { threads?: number },
): PlanPlace {
  const places = hosts.map((name) => (name === HERE ? null : findHost(store, name).name));
  return { device, threads: threadsOf(store, threads), places };
}

/** How far it is; with `imports`, results of other programs that are not there yet are measured. */
export async function planSoFar(
  store: Store,
  { written, blocks }: OpenPlan,
  { usesOthers, imports }: { usesOthers: boolean; imports?: boolean },
): Promise<PlanSoFar> {
  const folder = dirname(written.path);
  return {
    written,
    results: await planResults(store, written, blocks, { folder, imports }),
    state: planState(store, blocks, matching(usesOthers)),
  };
}
