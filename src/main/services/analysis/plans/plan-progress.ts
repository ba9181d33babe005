/** How far a plan of the home is: what it has, what trains, what went wrong, and how long it still takes. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Span, sumOf } from '../../../../core/clock/clock.ts';
import { messageOf, UserError } from '../../../../core/errors.ts';
import { readableFolders, readingOnly } from '../../../../core/files/readable.ts';
import { capital, countText, someNames } from '../../../../core/names.ts';
import type { RunMatch } from '../../../../core/plans/match-runs.ts';
import type {
  PlanBlock,
  PlanCell,
  PlanEntry,
  PlanFailure,
  PlanHead,
  PlanProgress,
  PlanRun,
  SeedState,
} from '../../../../core/plans/plan-views.ts';
import type { PlanRecord } from '../../../../core/store/home/plans.ts';
import { isOwn } from '../../../../core/store/runs/run-kinds.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun } from '../../../../core/store/types.ts';
import { planLock } from '../../plan-lock.ts';
import { expectedTimes } from '../expected-times.ts';
import { type LoosePlan, mainMetric, readLoosely } from './check-plan.ts';
import { type OfEarlierTexts, ofEarlierTexts } from './earlier-texts.ts';
import { planCells, secondsLeft } from './plan-cells.ts';
import { sourceTitle } from './plan-sources.ts';
import { type BlockState, sourcesOf } from './plan-state.ts';
import { planTakes } from './plan-takes.ts';

/** Of those that wait. */
const SHOWN = 6;

/** Throws UserError where its file cannot be read. */
export function textOf({ file }: PlanRecord): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file}: cannot be read: ${messageOf(error)}`);
  }
}

export function headOf({ locks }: Store, { where: _, ...record }: PlanRecord): PlanHead {
  return { ...record, heldBy: locks.holder(planLock(record.file)) };
}

/** Throws UserError for one that cannot be read. */
export async function openKnown(store: Store, record: PlanRecord): Promise<LoosePlan> {
  const request = { text: textOf(record), folder: dirname(record.file), where: record.where };
  // What a command was given may be anywhere; what a window has written only where that window may read.
  const readable = record.isOwn ? readableFolders() : null;
  const { open, problems } = await readingOnly(readable, () => readLoosely(store, request));
  if (open === null) throw new UserError(`line ${problems[0].line}: ${problems[0].text}`);
  return open;
}

/** Each run once, whatever tables it is in. */
const ownCells = (blocks: readonly PlanBlock[]): PlanCell[] =>
  blocks.flatMap((block) => block.cells.filter(({ repeats }) => !repeats));

/** With its cells, and what their rows build on. */
function cellsOf(store: Store, { written, entries, place, state }: LoosePlan) {
  const takes = planTakes(store, state, place).blocks;
  const blocks = planCells(store, state, { takes, entries, metric: mainMetric(written.plan) });
  const sources = takes.flatMap(({ table, sources: all }) => all.map((source) => ({ ...source, table })));
  return { blocks, sources };
}

type Parts = ReturnType<typeof cellsOf>;

export async function planProgress(store: Store, { plan: id }: { plan: string }): Promise<PlanProgress> {
  const record = store.plans.find(id);
  const open = await openKnown(store, record);
  const { state, written, results } = open;
  const parts = cellsOf(store, open);
  const { blocks, sources } = parts;
  const runs = allRuns(store, state);
  const active = runs.filter(({ run: { status } }) => phaseOf(status) !== 'ended');
  const trains = active.filter(({ run }) => run.status === 'running');
  const cells = ownCells(blocks);
  const seeds = cells.flatMap((cell) => cell.seeds);
  const times = expectedTimes(store, { runs: active.map(({ run }) => run.id) });
  const told = ({ run, title }: NamedRun): PlanRun => ({
    ...{ run: run.id, model: run.model, title, place: run.place },
    left: exactly(run.status === 'running' ? secondsLeft(store, run.id) : null) ?? times[run.id],
  });
  const order = new Map(store.queue.list().map(({ run }, at) => [run, at]));
  const waits = active
    .filter(({ run }) => order.has(run.id))
    .sort((one, other) => Number(order.get(one.run.id)) - Number(order.get(other.run.id)));
  return {
    head: headOf(store, record),
    metric: mainMetric(written.plan),
    models: modelsOf(open),
    blocks,
    done: seeds.filter(({ state }) => state === 'done').length + sources.filter(isMade).length,
    total: seeds.length + sources.length,
    trials: cells.reduce((sum, { trials }) => sum + (trials ? trials.total - trials.done : 0), 0),
    wrong: failures(store, runs, state),
    notes: [
      ...notesOf(record, state),
      ...results.flatMap(({ problem }) => problem ?? []),
      ...(open.isWhole ? notesOfEarlier(ofEarlierTexts(store, written.plan.plan, state, idsOf(runs))) : []),
    ],
    now: trains.map(told),
    next: waits.slice(0, SHOWN).map(told),
    waiting: waits.length,
    spent: store.runs.trainedSeconds(runs.map(({ run }) => run.id)),
    left: leftOf(parts),
    tables: timesOfTables(parts, written.plan.tables.length),
  };
}

const isMade = ({ runs: { done } }: Parts['sources'][number]): boolean => done > 0;

/** Of what the rows build on, each once. */
function statesOfSources(store: Store, state: readonly BlockState[]): SeedState[] {
  const all = state.flatMap((block) =>
    sourcesOf(block).map(({ key, source }) => [key, source.match] as const),
  );
  return [...new Map(all).values()].map((match) => {
    if (match.state === 'missing') return 'open';
    if (match.state === 'ended') return 'failed';
    if (match.state !== 'active') return match.state;
    return store.runs.get(match.run).status === 'running' ? 'running' : 'waiting';
  });
}

/** Of the tables up to one, if one is made after the other; by default of all. */
function leftOf({ blocks, sources }: Parts, last = Number.POSITIVE_INFINITY): Span {
  const open = sources.filter((source) => source.table <= last && !isMade(source));
  const cells = ownCells(blocks.filter(({ table }) => table <= last));
  return sumOf([...open.map(({ time }) => time), ...cells.map(({ left }) => left)]);
}

const exactly = (seconds: number | null): Span | null =>
  seconds === null ? null : { low: seconds, high: seconds };

/** Until each table is done, if one is made after the other. */
function timesOfTables(parts: Parts, tables: number): Span[] {
  return Array.from({ length: tables }, (_, at) => leftOf(parts, at));
}

function modelsOf({ state, entries }: LoosePlan): PlanProgress['models'] {
  const rows = new Map(state.flatMap((block) => block.rows).map((row) => [row.entry, row]));
  return [...rows.values()]
    .sort((one, other) => one.entry - other.entry)
    .map(({ entry, model, name }) => ({ entry: entries[entry], model, name }));
}

export interface NamedRun {
  run: OwnRun;
  title: string;
}

/** Those of its tables and trials that there are, and of what these build on, named by what they are in the plan. */
export function allRuns(store: Store, state: readonly BlockState[]): NamedRun[] {
  const titles = new Map<string, string>();
  for (const block of state)
    for (const { source } of sourcesOf(block))
      if ('run' in source.match)
        titles.set(source.match.run, capital(`${sourceTitle(source)} on ${block.dataset.name}`));
  for (const { dataset, title, rows, table } of state) {
    const isSplit = state.some((other) => other.table === table && other.title !== title);
    const place = isSplit ? `${dataset.name}, ${title}` : dataset.name;
    for (const { name, searched, runs } of rows) {
      for (const { seed, match } of runs)
        if ('run' in match) titles.set(match.run, `${name} on ${place}, seed ${seed}`);
      for (const { run, size } of searched?.study ? store.studies.runs(searched.study.id) : [])
        if (!titles.has(run)) titles.set(run, `${name} on ${place}, trial ${size + 1}`);
    }
  }
  return store.runs
    .named([...titles.keys()], { metrics: [] })
    .filter(isOwn)
    .map((run) => ({ run, title: titles.get(run.id) ?? run.name }));
}

export const idsOf = (runs: readonly NamedRun[]): Set<string> => new Set(runs.map(({ run }) => run.id));

/** Runs of its tables, and of what these build on, that ended unfinished; of trials the others go on. */
function failures(store: Store, runs: readonly NamedRun[], state: readonly BlockState[]): PlanFailure[] {
  const holding = new Map<string, string[]>();
  const note = (match: RunMatch, names: string[]) => {
    if (match.state === 'ended' || match.state === 'diverged')
      holding.set(match.run, [...(holding.get(match.run) ?? []), ...names]);
  };
  for (const block of state) {
    for (const { source, rows } of sourcesOf(block)) note(source.match, rows);
    for (const { match } of block.rows.flatMap((row) => row.runs)) note(match, []);
  }
  const wrong = runs.filter(({ run }) => holding.has(run.id));
  const reached = store.checkpoints.reached(wrong.map(({ run }) => run.id));
  const times = expectedTimes(store, { runs: wrong.map(({ run }) => run.id) });
  return wrong.map(({ run: { id, model, status, message, place }, title }) => ({
    ...{ run: id, model, title, place, message, left: times[id] },
    status: status === 'stopped' || status === 'cancelled' || status === 'diverged' ? status : 'failed',
    saved: reached[id]?.epoch ?? 0,
    holds: [...new Set(holding.get(id))],
  }));
}

function notesOf({ problem, state: now }: PlanRecord, state: readonly BlockState[]): string[] {
  const searches = state.flatMap(({ dataset, title, rows }) =>
    rows.flatMap(({ name, searched }) => {
      const isPaused = now === 'running' && searched?.study?.spec.sweep?.state === 'paused';
      const said = isPaused ? 'its search is paused: resume it, and the plan continues' : searched?.problem;
      return said ? [`${name} on ${dataset.name}, ${title}: ${said}`] : [];
    }),
  );
  return [...(problem === null ? [] : [problem]), ...searches];
}

function notesOfEarlier({ runs, searches }: OfEarlierTexts): string[] {
  const names = someNames(runs.map(({ name }) => name));
  return [
    ...(runs.length === 0
      ? []
      : [
          `${countText(runs.length, 'run')} of an earlier text of it in the queue: ${names}; cancel what nobody needs`,
        ]),
    ...searches.map((name) => `the sweep ${name} of an earlier text of it makes further trials: pause it`),
  ];
}

const NOTHING: Span = { low: 0, high: 0 };

/** Those that cannot be read are there, too. */
export async function planList(store: Store): Promise<PlanEntry[]> {
  const entries: PlanEntry[] = [];
  for (const record of store.plans.list()) entries.push(await entryOf(store, record));
  return entries;
}

async function entryOf(store: Store, record: PlanRecord): Promise<PlanEntry> {
  const head = headOf(store, record);
  try {
    const open = await openKnown(store, record);
    const { plan } = open.written;
    const parts = cellsOf(store, open);
    const { blocks } = parts;
    const cells = ownCells(blocks);
    const seeds = [
      ...statesOfSources(store, open.state),
      ...cells.flatMap((cell) => cell.seeds.map(({ state }) => state)),
    ];
    const trials = cells.reduce((sum, { trials }) => sum + (trials ? trials.total - trials.done : 0), 0);
    const isDone = blocks.length > 0 && trials === 0 && seeds.every((state) => state === 'done');
    const times = timesOfTables(parts, plan.tables.length);
    const next = times.findIndex(({ high }) => high > 0);
    return {
      ...head,
      ...{ name: plan.plan, unreadable: null, tables: plan.tables.length, models: plan.models.length },
      data: [...new Set(plan.tables.map(({ data }) => (typeof data === 'string' ? data : data.name)))],
      ...{ seeds, trials, left: times.at(-1) ?? NOTHING },
      next: next < 0 ? null : { table: next, time: times[next] },
      says: isDone ? await whatItSays(store, open) : null,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      ...{ ...head, unreadable: error.message, tables: 0, models: 0, data: [], seeds: [], trials: 0 },
      ...{ left: NOTHING, next: null, says: null },
    };
  }
}

/** Null where its metrics are none of its runs'. */
async function whatItSays(store: Store, open: LoosePlan): Promise<PlanEntry['says']> {
  const { planPaper } = await import('./plan-paper.ts');
  const { saidBy } = await import('./paper-view.ts');
  try {
    return saidBy(await planPaper(store, open));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
