/** Studies: their grids become waiting runs, and in scaling studies the runs' results points and laws. */
import { existsSync } from 'node:fs';
import type { StudyEntry, StudyPage, StudyPlan } from '../../core/api/studies.ts';
import { countData, type DataCounts } from '../../core/data/batches/position-counts.ts';
import { openInteractions } from '../../core/data/read.ts';
import type { StudyFindings } from '../../core/documents/study/report.ts';
import { UserError } from '../../core/errors.ts';
import { findModel, resolveConfig } from '../../core/families/registry.ts';
import { readingOnly } from '../../core/files/readable.ts';
import { type CountedStudy, type StudyPoint, studyLaws } from '../../core/scaling/analysis.ts';
import { type BaseLargeChoice, baseLargeSizes } from '../../core/scaling/base-large.ts';
import { requireScalable, stateBytes } from '../../core/scaling/counts.ts';
import { depthWidth } from '../../core/scaling/depth-width.ts';
import {
  cellOverrides,
  cellsOf,
  checkGrid,
  isSweep,
  modelOfSize,
  type PlannedCell,
  percentText,
  type StudyCell,
  type StudySpec,
  shortKeys,
  sizeOfText,
  studySpecSchema,
} from '../../core/scaling/study.ts';
import type { StudyRecord, StudyRun } from '../../core/store/home/studies.ts';
import { createRun } from '../../core/store/runs/create-run.ts';
import { UNFINISHED } from '../../core/store/runs/run-life.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import { trainingPart, trainingPartKey } from '../../core/training/ranking/context.ts';
import { baseLargeOf } from './base-large.ts';

export type SharedRequest = Pick<StudySpec, 'overrides' | 'seeds' | 'device' | 'threads'> & {
  /** Name or id. */
  dataset: string;
};

/** A grid of one model, or several models as base and Large. */
export type StudyRequest =
  | (SharedRequest &
      Pick<StudySpec, 'model' | 'preset' | 'shares'> & {
        kind: 'law';
        /** As "64x2" or "64x2x4". */
        sizes: readonly string[];
      })
  | (SharedRequest & BaseLargeChoice & { kind: 'base-large' });

export interface StudyResult extends StudyFindings {
  study: StudyRecord;
}

/**
 * The spec of a study and its cells' configs, all checked.
 * Throws UserError for an unknown data set or model, a bad size or config, or a grid that repeats itself.
 */
export function planStudy(store: Store, request: StudyRequest): { spec: StudySpec; cells: PlannedCell[] } {
  const { id, name, fingerprint } = store.datasets.find(request.dataset);
  const dataset = { id, name, fingerprint };
  const spec = studySpecSchema.parse({ ...request, ...gridOf(request), dataset });
  checkGrid(spec);
  return { spec, cells: plannedCells(spec) };
}

function gridOf(request: StudyRequest): Pick<StudySpec, 'kind' | 'model' | 'preset' | 'sizes' | 'shares'> {
  if (request.kind === 'base-large') {
    const sizes = baseLargeSizes(request);
    return { kind: 'base-large', model: request.models[0], sizes, shares: [1] };
  }
  const model = findModel(request.model);
  requireScalable(model);
  const keys = shortKeys(Object.keys(model.configSchema.shape));
  const sizes = request.sizes.map((text) => sizeOfText(text, keys));
  return { kind: undefined, model: request.model, preset: request.preset, sizes, shares: request.shares };
}

/** Every cell with the model and the full config of its run. */
export function plannedCells(spec: StudySpec): PlannedCell[] {
  return cellsOf(spec).map((cell) => {
    const { model, preset } = modelOfSize(spec, spec.sizes[cell.size]);
    return {
      cell,
      model,
      config: resolveConfig(model, { preset, overrides: cellOverrides(spec, cell) }),
    };
  });
}

/** Creates a planned study or sweep with its queued runs in one transaction. Throws UserError if the name is taken. */
export function createStudy(store: Store, name: string, spec: StudySpec): StudyRecord {
  const cells = plannedCells(spec);
  return store.transaction(() => {
    const study = store.studies.create(name, spec);
    addRuns(store, study, cells);
    return study;
  });
}

/**
 * Creates runs for the cells without one and appends them to the queue, in one transaction. Returns their ids.
 * Throws UserError if the data set has been deleted.
 */
export function fillStudy(store: Store, study: StudyRecord): string[] {
  // Every config is resolved before the transaction, which keeps all other processes waiting.
  // Files that they name were checked when the study was made.
  const cells = readingOnly(null, () => plannedCells(study.spec));
  return store.transaction(() => {
    const existing = store.studies.runs(study.id);
    return addRuns(
      store,
      study,
      cells.filter(({ cell }) => !runOf(existing, cell)),
    );
  });
}

function addRuns(store: Store, { id: study, name, spec }: StudyRecord, cells: readonly PlannedCell[]) {
  const { dataset, device, threads } = spec;
  return cells.map(({ cell, model, config }) => {
    const share = spec.kind !== undefined ? '' : `-${percentText(cell.share).replace(' %', 'pct')}`;
    const label = `${name}-${spec.sizes[cell.size].label}${share}-seed${cell.seed}`;
    const request = { model, config, dataset: dataset.id, seed: cell.seed, device, threads };
    const { id } = createRun(store, { ...request, name: label });
    store.table.annotate(id, { tags: [`${isSweep(spec) ? 'sweep' : 'study'}:${name}`] });
    store.studies.setRun(study, cell, id);
    store.queue.put(id, 'end');
    return id;
  });
}

const runOf = (runs: readonly StudyRun[], { size, share, seed }: StudyCell) =>
  runs.find((one) => one.size === size && one.share === share && one.seed === seed);

/** Puts a study's unfinished runs back into the queue, in one transaction. Returns their ids. */
export function requeueUnfinished(store: Store, { id: study }: StudyRecord): string[] {
  return store.transaction(() => {
    const runs = store.runs.named(store.studies.runs(study).map(({ run }) => run));
    const ended = runs.filter(({ status }) => UNFINISHED.includes(status));
    for (const { id } of ended) {
      store.lifecycle.requeue(id);
      store.queue.put(id, 'end');
    }
    return ended.map(({ id }) => id);
  });
}

/** A study with its progress. */
export function studyEntry(store: Store, study: StudyRecord): StudyEntry {
  const runs = store.runs.named(store.studies.runs(study.id).map(({ run }) => run));
  const done = runs.filter(({ status }) => status === 'completed').length;
  return { ...study, done, cells: cellsOf(study.spec).length };
}

/** Everything known of a study so far. Throws UserError if its data set has been deleted. */
export async function studyResult(store: Store, study: StudyRecord): Promise<StudyResult> {
  const points = await studyPoints(store, study.spec, store.studies.runs(study.id));
  const baseLarge = baseLargeOf(store, study);
  const laws = baseLarge ? [] : studyLaws(points);
  return { study, points, laws, baseLarge, depthWidth: depthWidth(study.spec, points) };
}

/** A study as its page shows it. Throws UserError as `studyResult` does, or if there is no such study. */
export async function studyPage(store: Store, reference: string): Promise<StudyPage> {
  const record = store.studies.find(reference, 'study');
  const { study: _, ...result } = await studyResult(store, record);
  return { ...studyEntry(store, record), ...result };
}

/** What a grid would cost, or one line that says what is wrong with it. */
export async function studyPlan(store: Store, request: StudyRequest): Promise<StudyPlan> {
  try {
    const { points } = await countedStudy(store, request);
    return { points, ...studyCost(points), problem: null };
  } catch (error) {
    if (error instanceof UserError) return { points: null, problem: error.parts };
    throw error;
  }
}

/** A grid that does not exist yet, counted. Throws UserError as `planStudy` does. */
export async function countedStudy(store: Store, request: StudyRequest): Promise<CountedStudy> {
  const { spec, cells } = planStudy(store, request);
  return { spec, cells, points: await studyPoints(store, spec, []) };
}

/** What a grid costs: FLOPs of all its runs, and the estimated bytes of the largest one. */
export function studyCost(points: readonly StudyPoint[]): { flops: number; bytes: number } {
  return {
    flops: points.reduce((sum, { flops }) => sum + flops, 0),
    bytes: Math.max(...points.map(({ bytes }) => bytes.state + bytes.activations)),
  };
}

/** The points of a grid whose runs may not exist yet. */
export async function studyPoints(
  store: Store,
  spec: StudySpec,
  runs: readonly StudyRun[],
): Promise<StudyPoint[]> {
  const data = await interactionsOf(store, spec);
  const counts = new Map<string, DataCounts>();
  return plannedCells(spec).map(({ cell, model, config }) => {
    const maxLength = typeof config.maxLength === 'number' ? config.maxLength : 1;
    const key = `${trainingPartKey(config)} ${maxLength}`;
    const counted = counts.get(key) ?? countData(trainingPart(data, config), maxLength);
    counts.set(key, counted);
    const sizes = requireScalable(findModel(model))(config, data);
    const found = runOf(runs, cell);
    const run = found ? store.runs.get(found.run) : null;
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
      bytes: {
        state: stateBytes(sizes.parameters),
        activations: sizes.activationBytes,
      },
      seconds: run?.seconds ?? null,
      crossEntropy: metricOf(run, 'test/cross-entropy'),
      ndcg: metricOf(run, 'test/ndcg@10'),
    };
  });
}

function metricOf(run: RunRecord | null, name: string): number | null {
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
