/** The plans of a home as a window works with them: written, started, paused, and brought further by the program itself. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { PlanSave, PlanStart } from '../../../../core/api/plans.ts';
import { messageOf, UserError } from '../../../../core/errors.ts';
import { makeFolder, writeWhole } from '../../../../core/files/whole-file.ts';
import { nameSchema } from '../../../../core/names.ts';
import type { PlanCheck, PlanHead } from '../../../../core/plans/plan-views.ts';
import type { PlanRecord, PlanWhere } from '../../../../core/store/home/plans.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import { openSearch, pauseSearch } from '../searches.ts';
import { AdvancingPlan } from './advance-plan.ts';
import { checkPlan, requireMayStart } from './check-plan.ts';
import { openPlan, placeOf, planSoFar } from './open-plan.ts';
import { headOf, textOf } from './plan-progress.ts';
import { matching, planState } from './plan-state.ts';

const UNNAMED = 'Plan without a name';

const versionOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** The text of a plan, with what tells it from every other text. */
export function readText(store: Store, { plan: id }: { plan: string }) {
  const record = store.plans.find(id);
  const text = textOf(record);
  return { head: headOf(store, record), text, version: versionOf(text), where: record.where };
}

/** What a text calls itself, also where it is no plan yet. */
function nameIn(text: string): string | undefined {
  const document = parseDocument(text, { logLevel: 'error' });
  return nameSchema.safeParse(document.errors.length > 0 ? null : document.get('plan')).data;
}

/**
 * Writes the text of a plan, or makes a plan of it. Throws UserError of code "changed" where its file is not as the window has read it, and for
 * one whose file is of its user.
 */
export async function savePlan(
  store: Store,
  { plan: id, text, version }: PlanSave,
): Promise<{ id: string; version: string }> {
  const known = id === undefined ? null : store.plans.find(id);
  if (known?.isOwn === false)
    throw new UserError(`${known.file} was run from a terminal: change it there, or save a copy of it here`);
  // It goes on by itself: what it may read is asked while somebody is there.
  if (known?.state === 'running')
    requireMayStart(await checkPlan(store, { text, folder: dirname(known.file), where: known.where }));
  const requireUnchanged = () => {
    if (known && version !== undefined && existsSync(known.file) && versionOf(textOf(known)) !== version)
      throw new UserError({
        code: 'changed',
        problem: `${known.file} was changed outside of this window since it was read`,
      });
  };
  const name = nameIn(text);
  // One after the other with other windows of this home; other programs know no lock, and are looked for as late as can be.
  return store.transaction(() => {
    const record = id === undefined ? store.plans.create(name ?? UNNAMED) : store.plans.find(id);
    makeFolder(dirname(record.file));
    writeWhole(record.file, text, requireUnchanged);
    store.plans.change(record.id, { name: name ?? record.name, changedAt: Date.now() });
    return { id: record.id, version: versionOf(text) };
  });
}

/** Files of a text that is no plan yet are named from where it would be. */
const folderOf = (store: Store, record: PlanRecord | null): string =>
  record ? dirname(record.file) : join(store.home, 'plans');

export function checkText(
  store: Store,
  { plan: id, text, where }: { plan?: string; text: string; where: PlanWhere },
): Promise<PlanCheck> {
  const record = id === undefined ? null : store.plans.find(id);
  return checkPlan(store, { text, folder: folderOf(store, record), where });
}

/** Measures results of other programs, and lets the plan begin. Throws UserError for what is in its way. */
export async function startPlan(store: Store, { plan: id, where }: PlanStart): Promise<PlanHead> {
  const record = store.plans.find(id);
  const text = textOf(record);
  requireMayStart(await checkPlan(store, { text, folder: dirname(record.file), where }));
  const open = await openPlan(store, record.file, placeOf(store, where));
  const { results } = await planSoFar(store, open, { usesOthers: where.usesOthers ?? false, imports: true });
  const [problem = null] = results.flatMap((result) => result.problem ?? []);
  const name = open.written.plan.plan;
  store.plans.change(id, { state: 'running', where, name, problem, wentOnAt: null });
  return headOf(store, store.plans.find(id));
}

/**
 * Makes and queues what follows. `retries`: what ended unfinished is tried once more. Returns whether anything of the plan waits or trains then;
 * one of which nothing does has ended.
 */
export async function advancePlan(
  store: Store,
  { plan: id, retries }: { plan: string; retries: boolean },
): Promise<boolean> {
  const record = store.plans.find(id);
  if (record.state !== 'running') return false;
  const { where } = record;
  const how = matching(where.usesOthers ?? false);
  try {
    const place = placeOf(store, where);
    const { written, blocks } = await openPlan(store, record.file, place);
    const { plan: name } = written.plan;
    return store.transaction(() => {
      // Meanwhile it may have been paused or deleted.
      if (store.plans.find(id).state !== 'running') return false;
      if (record.name !== name) store.plans.change(id, { name });
      const waits = new AdvancingPlan(store, name, blocks, how, place, { retries }).advance();
      if (record.problem !== null) store.plans.change(id, { problem: null });
      if (!waits) store.plans.change(id, { state: 'ended' });
      return waits;
    });
  } catch (error) {
    // What is queued goes on; the next look tries again, as its file or its data may be as they were then.
    if (!(error instanceof UserError)) throw error;
    const problem = messageOf(error, 'window');
    if (record.problem !== problem) store.plans.change(id, { problem });
    return true;
  }
}

/** Its runs that wait or train, and its searches that are not at their end. */
async function underWay(store: Store, record: PlanRecord) {
  const place = placeOf(store, record.where);
  const { blocks } = await openPlan(store, record.file, place);
  const state = planState(store, blocks, matching(record.where.usesOthers ?? false));
  const rows = state.flatMap((block) => block.rows);
  const searches = rows.flatMap(({ searched }) =>
    searched?.study && !searched.hasEnded ? [searched.study] : [],
  );
  const ids = [
    ...rows.flatMap(({ runs }) => runs.flatMap(({ match }) => (match.state === 'active' ? [match.run] : []))),
    ...searches.flatMap(({ id }) => store.studies.runIds(id)),
  ];
  const runs = store.runs.named(ids, { metrics: [] }).filter(({ status }) => phaseOf(status) !== 'ended');
  return { searches, runs: runs.map(({ id }) => id) };
}

/** Nobody knows which runs are of a text that cannot be read. */
function nothingUnderWay(error: unknown): Awaited<ReturnType<typeof underWay>> {
  if (error instanceof UserError) return { searches: [], runs: [] };
  throw error;
}

/**
 * Pauses a plan or lets it go on, with its searches. Returns its runs that wait or train, which the queue is to hold or to release. One whose text
 * cannot be read any more is paused alone, and does not go on.
 */
export async function turnPlan(
  store: Store,
  { plan: id, goesOn }: { plan: string; goesOn: boolean },
): Promise<string[]> {
  const record = store.plans.find(id);
  const known = underWay(store, record);
  const { searches, runs } = await (goesOn ? known : known.catch(nothingUnderWay));
  return store.transaction(() => {
    store.plans.change(id, { state: goesOn ? 'running' : 'paused' });
    for (const { id: study, spec } of searches) {
      if (!goesOn && spec.sweep?.state === 'open') pauseSearch(store, study);
      if (goesOn && spec.sweep?.state === 'paused') openSearch(store, study);
    }
    return runs;
  });
}
