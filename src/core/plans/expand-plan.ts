/** A plan becomes what is trained and measured: a block is a table of it under one split, a row a model in a block. */
import { splitOf, splitWords } from '../data/splits/index.ts';
import { isSimpleBaseline, modelTitle } from '../model-facts.ts';
import { BUILT_ON } from './choices.ts';
import type { Plan, PlanBuiltOn, PlanModel, PlanSource, PlanSplit } from './plan-schema.ts';
import { NO_BASELINE, nameOfModel } from './read-plan.ts';

/** What a model builds on. */
export interface PlannedSource {
  /** The config key that names its run. */
  key: (typeof BUILT_ON)[number];
  model: string;
  preset?: string;
  overrides: Record<string, unknown>;
  seed: number;
  /** What it builds on itself. */
  sources: PlannedSource[];
}

export interface PlannedRow {
  /** Index into the models of the plan. */
  entry: number;
  /** What the tables call it. */
  name: string;
  model: string;
  preset?: string;
  /** What is set beside the preset: of the table, of the model, and the split. */
  overrides: Record<string, unknown>;
  seeds: readonly number[];
  /** Trained before it, and shared by all its runs. */
  sources: PlannedSource[];
  /** How it is tuned; null where it is trained as given. */
  tuned: { vary: NonNullable<PlanModel['space']>; trials?: number } | null;
}

export interface PlannedBlock {
  /** Index into the tables of the plan, and into the splits of that. */
  table: number;
  split: number;
  /** "leave-last-out", or as the plan calls it. */
  title: string;
  held: Record<string, unknown>;
  rows: PlannedRow[];
}

/** Blocks in the order of the plan, with the rows of each in the order of its models. */
export function blocksOf(plan: Plan): PlannedBlock[] {
  return plan.tables.flatMap((table, at) => {
    const chosen = [...plan.models.keys()].filter(
      (entry) => table.models?.includes(nameOfModel(plan.models[entry])) ?? true,
    );
    return table.split.map((split, place) => ({
      ...{ table: at, split: place, title: splitTitle(split), held: split.settings },
      rows: chosen.map((entry) => rowOf(plan, entry, { ...table.settings, ...split.settings })),
    }));
  });
}

function rowOf(plan: Plan, entry: number, shared: Record<string, unknown>): PlannedRow {
  const { model, name, preset, settings, space, trials, seeds } = plan.models[entry];
  const isTuned = space !== undefined || trials !== undefined;
  return {
    ...{ entry, model, preset, name: name ?? titleAmong(plan.models, entry) },
    // The split is the table's, whatever a model says.
    overrides: { ...settings, ...shared },
    seeds: seeds ?? (isSimpleBaseline(model) ? plan.seeds.slice(0, 1) : plan.seeds),
    sources: sourcesOf(plan.models[entry], plan.seeds[0]),
    tuned: isTuned ? { vary: space ?? [], trials } : null,
  };
}

function sourcesOf(given: PlanBuiltOn, usualSeed: number): PlannedSource[] {
  return BUILT_ON.flatMap((key) => {
    const source: PlanSource | undefined = given[key];
    if (source === undefined) return [];
    const { model, preset, settings: overrides, seed = usualSeed } = source;
    return [{ key, model, preset, overrides, seed, sources: sourcesOf(source, usualSeed) }];
  });
}

/** The title of a model, with its preset where the plan has the model more than once. */
function titleAmong(models: readonly PlanModel[], entry: number): string {
  const { model, preset } = models[entry];
  const isAlone = models.filter((other) => other.model === model).length === 1;
  return isAlone || preset === undefined ? modelTitle(model) : `${modelTitle(model)}, ${preset}`;
}

export function splitTitle({ title, settings }: PlanSplit): string {
  return title ?? splitWords(splitOf(settings));
}

/** Index of the model that the others are tested against; null for none. */
export function baselineOf({ models, baseline }: Pick<Plan, 'models' | 'baseline'>): number | null {
  if (baseline === NO_BASELINE) return null;
  if (baseline !== undefined) return models.findIndex((model) => nameOfModel(model) === baseline);
  return Math.max(
    0,
    models.findIndex(({ model }) => model === 'sasrec'),
  );
}
