/** Studies, sweeps among them: their grids become waiting runs, and the runs' results points and laws, or ranked trials. */
import { existsSync } from 'node:fs';
import type { ScalingPage, StudyEntry, StudyPage, StudyPlan, SweepPage } from '../../../core/api/studies.ts';
import { countData, type DataCounts } from '../../../core/data/batches/position-counts.ts';
import { openInteractions } from '../../../core/data/read.ts';
import type { StudyFindings } from '../../../core/documents/study/report.ts';
import { UserError } from '../../../core/errors.ts';
import { findModel } from '../../../core/families/registry.ts';
import { readingOnly } from '../../../core/files/readable.ts';
import type { StudyRecord, StudyRun } from '../../../core/store/home/studies.ts';
import type { StudyKind } from '../../../core/store/home/study-spec.ts';
import { isUnfinished, type RunStatus } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { type CountedStudy, type StudyPoint, studyLaws } from '../../../core/studies/analysis.ts';
import { requireScalable, stateBytes } from '../../../core/studies/counts.ts';
import { depthWidth } from '../../../core/studies/depth-width.ts';
import {
  type CellRun,
  cellsOf,
  isSweep,
  type PlannedCell,
  type StudyCell,
  type StudySpec,
  type SweepSpec,
} from '../../../core/studies/study.ts';
import {
  type SweepResult,
  type SweepTrial,
  sweepResult,
  type TrialRun,
} from '../../../core/studies/sweep-result.ts';
import { trainingPart, trainingPartKey } from '../../../core/training/ranking/context.ts';
import { baseLargeOf } from './base-large.ts';
import { openSearch, rungValues, searchOf, takeStep, trainedSeconds } from './searches.ts';
import { plannedCells, planStudy, type StudyRequest } from './study-plan.ts';
import { addRuns, cellRuns, runOf, runsOfStudy } from './study-runs.ts';

/**
 * Creates a planned study with its queued runs in one transaction: of a search that makes its trials one after the other, with the first.
 * Throws UserError if the name is taken.
 */
export function createStudy(store: Store, name: string, spec: StudySpec): StudyRecord {
  if (isSweep(spec) && spec.sweep.state !== undefined)
    return store.transaction(() => {
      const { id } = store.studies.create(name, { ...spec, sizes: [] });
      takeStep(store, id);
      return store.studies.find(id);
    });
  const cells = plannedCells(spec);
  return store.transaction(() => {
    const study = store.studies.create(name, spec);
    addRuns(store, study, cells);
    return study;
  });
}

/**
 * Creates runs for the cells without one and puts unfinished runs back into the queue, in one transaction; a search goes on to make its
 * trials. Returns their ids.
 * Throws UserError if the data set has been deleted.
 */
export function resumeStudy(store: Store, study: StudyRecord): string[] {
  const found = study.spec.sweep?.found;
  if (found)
    throw new UserError(
      `${found.program} searched ${study.name}: continue there, and import its trials again with: tessera runs import`,
    );
  if (isSweep(study.spec) && study.spec.sweep.state !== undefined)
    return store.transaction(() => {
      const ended = requeueUnfinished(store, runsOfStudy(store, study.id));
      openSearch(store, study.id);
      return ended;
    });
  // Every config is resolved before the transaction, which keeps all other processes waiting.
  // Files that they name were checked when the study was made.
  const cells = readingOnly(null, () => plannedCells(study.spec));
  return store.transaction(() => {
    const existing = runsOfStudy(store, study.id);
    const missing = cells.filter(({ cell }) => !runOf(existing, cell));
    const made = addRuns(store, study, missing);
    return [...made, ...requeueUnfinished(store, existing)];
  });
}

function requeueUnfinished(store: Store, runs: readonly CellRun[]): string[] {
  const ended = runs.flatMap(({ run }) => (isUnfinished(run) ? [run.id] : []));
  for (const id of ended) {
    store.lifecycle.requeue(id);
    store.queue.put(id, 'end');
  }
  return ended;
}

/** Newest first, with their progress. */
export function studyList(store: Store, { kind }: { kind?: StudyKind }): StudyEntry[] {
  const studies = store.studies.list(kind);
  const sweeps = studies.flatMap(({ id, spec }) => (isSweep(spec) ? [{ id, spec }] : []));
  const states = store.sweeps.states(sweeps);
  return studies.map((study) => {
    const { id, spec } = study;
    const state = states.get(id);
    if (!isSweep(spec) || state === undefined) return studyEntry(store, study);
    const { done, ranked } = state;
    return {
      ...study,
      done,
      cells: trialCount(spec),
      best: ranked[0] ? trialOf(store, id, spec, ranked[0].size) : null,
    };
  });
}

/** Resumed, they would come to no more. */
const AT_THEIR_END: readonly RunStatus[] = ['completed', 'diverged'];

function studyEntry(store: Store, study: StudyRecord): StudyEntry {
  const done = store.studies.runs(study.id).filter(({ status }) => AT_THEIR_END.includes(status)).length;
  return { ...study, done, cells: cellsOf(study.spec).length };
}

/** The trial that a sweep chose, without the others: a list shows no more of it. */
function trialOf(store: Store, study: string, spec: SweepSpec, size: number): SweepTrial {
  const cells = store.studies.runs(study).filter((cell) => cell.size === size);
  const alone = { ...spec, sizes: [spec.sizes[size]] };
  const runs = trialRuns(store, spec, cells, [spec.sweep.metric]);
  const { trials } = sweepResult(
    alone,
    runs.map(({ cell, run }) => ({ cell: { ...cell, size: 0 }, run })),
  );
  return { ...trials[0], number: size + 1 };
}

/** The runs of a sweep; of another program's one, what that program states stands where our results do. */
function trialRuns(
  store: Store,
  spec: SweepSpec,
  cells: readonly StudyRun[],
  metrics?: readonly string[],
): { cell: StudyCell; run: TrialRun }[] {
  const { sweep } = spec;
  const [seed] = spec.seeds;
  if (!sweep.found) {
    const runs = cellRuns(store, cells, metrics);
    if (!sweep.asha) return runs;
    const { rungs } = searchOf(spec);
    return runs.map(({ cell, run }) => ({
      cell,
      run: { ...run, seconds: trainedSeconds(store, run), rungs: rungValues(store, run, sweep, rungs) },
    }));
  }
  const bySize = new Map(cells.map((cell) => [cell.run, cell]));
  return store.runs.named([...bySize.keys()], { metrics }).flatMap((run) => {
    const cell = bySize.get(run.id);
    if (cell === undefined || run.kind !== 'imported') return [];
    const { startedAt, endedAt } = run;
    const seconds = startedAt === null || endedAt === null ? null : (endedAt - startedAt) / 1000;
    return [{ cell, run: { ...run, seed, seconds, config: run.config ?? {}, metrics: run.stated } }];
  });
}

/** Of one that makes them one after the other, as many as were asked for. */
const trialCount = ({ sizes, sweep }: SweepSpec) =>
  sweep.state === 'open' || sweep.state === 'paused' ? Math.max(sizes.length, sweep.trials) : sizes.length;

function sweepProgress(
  spec: SweepSpec,
  { trials }: SweepResult,
): Required<Pick<StudyEntry, 'done' | 'cells' | 'best'>> {
  const done = trials.filter(
    ({ status }) => status !== null && [...AT_THEIR_END, 'stopped'].includes(status),
  ).length;
  return { done, cells: trialCount(spec), best: trials[0]?.rank === 1 ? trials[0] : null };
}

/** A study as its page shows it. Throws UserError if there is no such study, or its data set has been deleted. */
export async function studyPage(store: Store, one: { study: string; kind?: StudyKind }): Promise<StudyPage> {
  const study = store.studies.find(one.study, one.kind);
  const { spec } = study;
  if (!isSweep(spec))
    return { ...studyEntry(store, study), ...(await scalingFindings(store, study)) } satisfies ScalingPage;
  const result = resultOfSweep(store, study.id, spec);
  return { ...study, spec, ...sweepProgress(spec, result), ...result } satisfies SweepPage;
}

/** The runs that a study would have, or one line that says what is wrong with it. */
export async function studyPlan(store: Store, request: StudyRequest): Promise<StudyPlan> {
  try {
    const spec = await planStudy(store, request);
    if (isSweep(spec)) {
      const trials = spec.sizes.map(({ config }) => config);
      const { asha, finalists, search } = spec.sweep;
      const more = finalists ? Math.min(finalists.trials, trials.length) * (finalists.seeds.length - 1) : 0;
      return {
        trials,
        rungs: asha ? searchOf(spec).rungs : [],
        proposed: search === 'tpe',
        runs: cellsOf(spec).length + more,
        metric: spec.sweep.metric,
        problem: null,
      };
    }
    const { points } = await countedStudy(store, spec);
    return { points, ...studyCost(points), problem: null };
  } catch (error) {
    if (error instanceof UserError) return { problem: error.details };
    throw error;
  }
}

/** What is known of a sweep so far. */
export function resultOfSweep(store: Store, study: string, spec: SweepSpec): SweepResult {
  return sweepResult(spec, trialRuns(store, spec, store.studies.runs(study)));
}

/** Everything known of a scaling study so far. Throws UserError if its data set has been deleted. */
export async function scalingFindings(store: Store, study: StudyRecord): Promise<StudyFindings> {
  const { spec } = study;
  const runs = runsOfStudy(store, study.id);
  const points = await studyPoints(store, spec, plannedCells(spec), runs);
  const baseLarge = spec.kind === 'base-large' ? baseLargeOf(store, spec, runs) : null;
  const laws = baseLarge ? [] : studyLaws(points, (await interactionsOf(store, spec)).items);
  return { points, laws, baseLarge, depthWidth: depthWidth(spec, points) };
}

/** A scaling study that does not exist yet, counted. Throws UserError for a config that is not possible. */
export async function countedStudy(store: Store, spec: StudySpec): Promise<CountedStudy> {
  const cells = plannedCells(spec);
  return { spec, cells, points: await studyPoints(store, spec, cells, []) };
}

/** What a grid costs: FLOPs of all its runs, and the bytes of parameters and optimiser of the largest one. */
export function studyCost(points: readonly StudyPoint[]): { flops: number; bytes: number } {
  return {
    flops: points.reduce((sum, { flops }) => sum + flops, 0),
    bytes: Math.max(...points.map((point) => point.stateBytes)),
  };
}

/** The points of a grid whose runs may not exist yet. */
async function studyPoints(
  store: Store,
  spec: StudySpec,
  cells: readonly PlannedCell[],
  runs: readonly CellRun[],
): Promise<StudyPoint[]> {
  const data = await interactionsOf(store, spec);
  const counts = new Map<string, DataCounts>();
  return cells.map(({ cell, model, config }) => {
    const maxLength = typeof config.maxLength === 'number' ? config.maxLength : 1;
    const key = `${trainingPartKey(config)} ${maxLength}`;
    const counted = counts.get(key) ?? countData(trainingPart(data, config), maxLength);
    counts.set(key, counted);
    const sizes = requireScalable(findModel(model))(config, data);
    const run = runOf(runs, cell);
    const epochs = run?.epochs ?? (typeof config.epochs === 'number' ? config.epochs : 1);
    return {
      ...cell,
      label: spec.sizes[cell.size].label,
      model,
      run: run && { id: run.id, name: run.name, status: run.status },
      parameters: sizes.parameters,
      nonEmbedding: sizes.nonEmbedding,
      positions: counted.positions,
      flops: epochs * sizes.epochFlops(counted),
      stateBytes: stateBytes(sizes.parameters),
      seconds: run?.seconds ?? null,
      crossEntropy: metricOf(run, 'test/cross-entropy'),
      ndcg: metricOf(run, 'test/ndcg@10'),
    };
  });
}

function metricOf(run: OwnRun | null, name: string): number | null {
  const value = run?.status === 'completed' ? run.metrics[name] : undefined;
  return value === undefined || Number.isNaN(value) ? null : value;
}

function interactionsOf(store: Store, { dataset }: StudySpec) {
  const folder = store.datasets.folder(dataset.id);
  if (!existsSync(folder)) {
    throw new UserError(`the study's data set ${dataset.name} has been deleted: import it again`);
  }
  return openInteractions(folder);
}
