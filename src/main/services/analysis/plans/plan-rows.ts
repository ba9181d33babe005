/** The rows of a plan with whole configs, checked against the home before anything is trained. */
import { dirname } from 'node:path';
import type { DatasetSummary } from '../../../../core/data/types.ts';
import { UserError } from '../../../../core/errors.ts';
import { findModel, resolveConfig } from '../../../../core/families/registry.ts';
import { withAbsolutePaths } from '../../../../core/files/absolute-paths.ts';
import { realPath } from '../../../../core/files/inside.ts';
import {
  blocksOf,
  type PlannedBlock,
  type PlannedRow,
  type PlannedSource,
} from '../../../../core/plans/expand-plan.ts';
import { requireMeasured } from '../../../../core/plans/plan-metrics.ts';
import type { WrittenPlan } from '../../../../core/plans/read-plan.ts';
import { isSweep, type SweepSpec } from '../../../../core/store/home/study-spec.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { Config } from '../../../../core/training/config.ts';
import type { TrainSpec } from '../../../../core/training/events.ts';
import { resolveSources } from '../../runs/source-runs.ts';
import { planStudy } from '../study-plan.ts';
import { requireTrainable, settledConfig } from '../training-data.ts';
import { datasetOf } from './plan-data.ts';
import {
  overridesOn,
  type ResolvedSource,
  requireBuiltOn,
  requireFitting,
  requireUnseen,
  sourceOverrides,
} from './plan-sources.ts';

/** Where its runs are trained. */
export interface PlanPlace {
  device: TrainSpec['device'];
  threads: number;
  /** Hosts, null for this machine. */
  places: readonly (string | null)[];
}

export interface ResolvedRow extends Omit<PlannedRow, 'sources'> {
  /** Null where it is tuned. Whole, but for the runs that it builds on. */
  config: Config | null;
  /** The search that tunes it; null where it is trained as given. */
  search: SweepSpec | null;
  sources: ResolvedSource[];
}

export interface ResolvedBlock extends PlannedBlock {
  dataset: DatasetSummary;
  rows: ResolvedRow[];
}

/** A plan as its file says it. */
export interface PlanFile extends WrittenPlan {
  /** Path, as it was given. */
  file: string;
  /** From which files are named; by default that of `file`. */
  folder?: string;
}

/** Told of what a user has written that does not go with the home. */
export type TellProblem = (problem: { path: readonly PropertyKey[]; line: number; error: UserError }) => void;

/** Throws it, with its place in the file. */
const refuse =
  ({ file }: PlanFile): TellProblem =>
  ({ line, error }) => {
    throw new UserError({
      ...error.details,
      code: 'invalid',
      problem: `${file}:${line}: ${error.message}`,
      field: undefined,
      fix: undefined,
      kept: undefined,
    });
  };

/** What `work` answers; undefined where it throws a user's mistake, which is told with its line. */
async function atLine<T>(
  { file, lineOf }: PlanFile,
  path: readonly PropertyKey[],
  tell: TellProblem,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // What is inside of something else has its line already.
    if (!(error instanceof UserError) || error.message.startsWith(`${file}:`)) throw error;
    const { field } = error.details;
    const line =
      field === undefined
        ? lineOf(path)
        : Math.max(...[[], ['settings', field], ['space', field]].map((end) => lineOf([...path, ...end])));
    tell({ path, line, error });
  }
}

/**
 * Of blocks whose data are still to be imported there are no rows yet. What `tell` is told of is left out; without it, throws UserError for the
 * first of it.
 */
export async function resolveBlocks(
  store: Store,
  written: PlanFile,
  place: PlanPlace,
  tell = refuse(written),
): Promise<{ blocks: ResolvedBlock[]; absent: PlannedBlock[] }> {
  const { plan } = written;
  for (const [at, name] of plan.metrics.entries())
    await atLine(written, ['metrics', at], tell, () => requireMeasured(name));
  const blocks: ResolvedBlock[] = [];
  const absent: PlannedBlock[] = [];
  for (const block of blocksOf(plan)) {
    const path = ['tables', block.table, 'data'];
    const dataset = await atLine(written, path, tell, () =>
      datasetOf(store, plan.tables[block.table], folderOf(written)),
    );
    if (dataset === null) {
      absent.push(block);
      // What does not depend on the data is told before they are imported.
      for (const { entry, model } of block.rows)
        await atLine(written, ['models', entry], tell, () => void findModel(model));
    }
    if (!dataset) continue;
    const rows: ResolvedRow[] = [];
    for (const row of block.rows) {
      const resolved = await atLine(written, ['models', row.entry], tell, () =>
        resolveRow(store, written, row, dataset, { place, tell }),
      );
      if (resolved) rows.push(resolved);
    }
    blocks.push({ ...block, dataset, rows });
  }
  return { blocks, absent };
}

async function resolveRow(
  store: Store,
  written: PlanFile,
  row: PlannedRow,
  dataset: DatasetSummary,
  { place, tell }: { place: PlanPlace; tell: TellProblem },
): Promise<ResolvedRow | undefined> {
  const { id: model } = findModel(row.model);
  const { preset, tuned, sources: planned } = row;
  const overrides = fromFolderOf(written, model, overridesOn(planned, row.overrides));
  const asked = { ...row, model, overrides };
  requireBuiltOn(model, asked.overrides);
  await requireTrainable(store, { model, dataset: dataset.id, named: asked.overrides });
  const search = tuned && (await searchOf(store, written, asked, dataset.id, place));
  const config = search ? firstConfig(search) : await configOf(store, asked, dataset);
  const sources: ResolvedSource[] = [];
  for (const source of planned) {
    const resolved = await atLine(written, ['models', row.entry, source.key], tell, () =>
      resolveSource(store, written, source, { row: config, dataset }),
    );
    if (!resolved) return undefined;
    sources.push(resolved);
  }
  requireUnseen(config, sources);
  return { ...row, model, preset, config: search ? null : config, search, sources };
}

/** Of a source the parts that follow from the row are its `config`'s. */
async function resolveSource(
  store: Store,
  written: PlanFile,
  planned: PlannedSource,
  of: { row: Config; dataset: DatasetSummary },
): Promise<ResolvedSource> {
  const { row, dataset } = of;
  requireFitting(planned);
  const { id: model } = findModel(planned.model);
  const overrides = fromFolderOf(written, model, sourceOverrides(planned, row));
  const asked = { ...planned, model, overrides };
  await requireTrainable(store, { model, dataset: dataset.id, named: asked.overrides });
  const config = await configOf(store, asked, dataset);
  const sources: ResolvedSource[] = [];
  for (const source of planned.sources) sources.push(await resolveSource(store, written, source, of));
  return { ...asked, config, sources };
}

/** Files are named from the folder of the plan on, as its data are. */
const fromFolderOf = (written: PlanFile, model: string, overrides: Config): Config =>
  withAbsolutePaths(findModel(model).configSchema, overrides, folderOf(written));

const folderOf = ({ file, folder = dirname(realPath(file)) }: PlanFile): string => folder;

/** The whole config, with ids of the runs of the home that it names. */
async function configOf(
  store: Store,
  { model, preset, overrides, sources }: Pick<PlannedRow, 'model' | 'preset' | 'overrides' | 'sources'>,
  { id, name, fingerprint }: DatasetSummary,
): Promise<Config> {
  const asked = resolveConfig(model, { preset, overrides });
  const { config } = await settledConfig(store, { model, dataset: id, config: asked });
  requireStated(config, asked);
  await requireTrainable(store, { model, dataset: id, config });
  const trained = Object.fromEntries(sources.map(({ key }) => [key, config[key]]));
  const without = Object.fromEntries(Object.keys(trained).map((key) => [key, '']));
  const named = resolveSources(
    store,
    { ...config, ...without },
    { model, dataset: { id, name, fingerprint } },
  );
  return { ...named, ...trained };
}

/** Which run is the newest changes with every training: what a plan takes of one is said in it. */
function requireStated(config: Config, { vectorsFrom }: Config): void {
  if (!config.vectorsFrom || config.vectorsFrom === vectorsFrom) return;
  throw new UserError(
    'the data set has no columns that describe items: say which model their vectors are of, such as vectorsFrom: sasrec',
  );
}

/** Of the trial that comes first. */
export const firstConfig = ({ model, preset, overrides, sizes: [first] }: SweepSpec): Config =>
  resolveConfig(model, { preset, overrides: { ...overrides, ...first?.config } });

/** The seed that the trials of a search are trained from is the first of the row. */
async function searchOf(
  store: Store,
  { plan }: PlanFile,
  { model, preset, overrides, tuned, seeds }: PlannedRow,
  dataset: string,
  { device, threads, places }: PlanPlace,
): Promise<SweepSpec> {
  const { propose, trials, ...search } = plan.search;
  const vary = tuned?.vary ?? [];
  const spec = await planStudy(store, {
    ...{ kind: 'sweep', model, preset, overrides, dataset, device, threads, job: undefined },
    ...{ ...search, vary, seeds: seeds.slice(0, 1), on: places[0] ?? undefined },
    // What a fair baseline is tuned over is listed, and a list needs no drawing unless trials are counted.
    search: propose ?? (tuned?.trials === undefined && vary.length === 0 ? 'grid' : 'random'),
    trials: tuned?.trials ?? trials,
  });
  if (!isSweep(spec)) throw new Error('a search is a sweep');
  requireStated(spec.overrides, overrides);
  return spec;
}
