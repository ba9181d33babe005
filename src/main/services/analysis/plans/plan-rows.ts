/** The rows of a plan with whole configs, checked against the home before anything is trained. */
import type { DatasetSummary } from '../../../../core/data/types.ts';
import { UserError } from '../../../../core/errors.ts';
import { findModel, resolveConfig } from '../../../../core/families/registry.ts';
import { blocksOf, type PlannedBlock, type PlannedRow } from '../../../../core/plans/expand-plan.ts';
import type { WrittenPlan } from '../../../../core/plans/read-plan.ts';
import { isSweep, type SweepSpec } from '../../../../core/store/home/study-spec.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { Config } from '../../../../core/training/config.ts';
import type { TrainSpec } from '../../../../core/training/events.ts';
import { resolveSources } from '../../runs/source-runs.ts';
import { planStudy } from '../study-plan.ts';
import { requireTrainable, settledConfig } from '../training-data.ts';
import { datasetOf } from './plan-data.ts';

/** Where its runs are trained. */
export interface PlanPlace {
  device: TrainSpec['device'];
  threads: number;
  /** Hosts, null for this machine. */
  places: readonly (string | null)[];
}

export interface ResolvedRow extends PlannedRow {
  /** Null where it is tuned. */
  config: Config | null;
  /** The search that tunes it; null where it is trained as given. */
  search: SweepSpec | null;
}

export interface ResolvedBlock extends PlannedBlock {
  dataset: DatasetSummary;
  rows: ResolvedRow[];
}

/** A plan as its file says it. */
export interface PlanFile extends WrittenPlan {
  /** Path, as it was given. */
  file: string;
}

/** What `work` throws of a user's mistake, with the line of the plan where it is. */
async function atLine<T>(
  { file, lineOf }: PlanFile,
  path: readonly PropertyKey[],
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { field } = error.details;
    const line =
      field === undefined
        ? lineOf(path)
        : Math.max(...[[], ['settings', field], ['space', field]].map((end) => lineOf([...path, ...end])));
    throw new UserError({
      ...error.details,
      code: 'invalid',
      problem: `${file}:${line}: ${error.message}`,
      field: undefined,
      fix: undefined,
      kept: undefined,
    });
  }
}

/** Of blocks whose data are still to be imported there are no rows yet. */
export async function resolveBlocks(
  store: Store,
  written: PlanFile,
  place: PlanPlace,
): Promise<{ blocks: ResolvedBlock[]; absent: PlannedBlock[] }> {
  const { plan } = written;
  const blocks: ResolvedBlock[] = [];
  const absent: PlannedBlock[] = [];
  for (const block of blocksOf(plan)) {
    const table = plan.tables[block.table];
    const dataset = await atLine(written, ['tables', block.table, 'data'], () => datasetOf(store, table));
    if (dataset === null) {
      absent.push(block);
      continue;
    }
    const rows: ResolvedRow[] = [];
    for (const row of block.rows)
      rows.push(
        await atLine(written, ['models', row.entry], () => resolveRow(store, written, row, dataset, place)),
      );
    blocks.push({ ...block, dataset, rows });
  }
  return { blocks, absent };
}

async function resolveRow(
  store: Store,
  written: PlanFile,
  row: PlannedRow,
  { id, name, fingerprint }: DatasetSummary,
  place: PlanPlace,
): Promise<ResolvedRow> {
  const { id: model } = findModel(row.model);
  const { preset, overrides, tuned } = row;
  await requireTrainable(store, { model, dataset: id });
  if (tuned !== null) {
    const search = await searchOf(store, written, { ...row, model }, id, place);
    return { ...row, model, config: null, search };
  }
  const asked = resolveConfig(model, { preset, overrides });
  const { config } = await settledConfig(store, { model, dataset: id, config: asked });
  await requireTrainable(store, { model, dataset: id, config });
  const resolved = resolveSources(store, config, { model, dataset: { id, name, fingerprint } });
  return { ...row, model, config: resolved, search: null };
}

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
  return spec;
}
