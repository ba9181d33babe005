/** A text as the program reads it: what is wrong at which line, what there is of it, and what it takes. */
import { basename } from 'node:path';
import { UserError } from '../../../../core/errors.ts';
import { totalMemory } from '../../../../core/memory.ts';
import { isSimpleBaseline, modelTitle } from '../../../../core/model-facts.ts';
import { keyWords } from '../../../../core/names.ts';
import { baselineOf, splitTitle } from '../../../../core/plans/expand-plan.ts';
import type { Plan } from '../../../../core/plans/plan-schema.ts';
import type {
  PlanCheck,
  PlanModelView,
  PlanTableView,
  PlanTakes,
  UnequalBudget,
} from '../../../../core/plans/plan-views.ts';
import {
  nameOfModel,
  type PlanParts,
  type PlanProblem,
  readPlanParts,
} from '../../../../core/plans/read-plan.ts';
import type { PlanWhere } from '../../../../core/store/home/plans.ts';
import type { Store } from '../../../../core/store/store.ts';
import { placeOf } from './open-plan.ts';
import { planCells } from './plan-cells.ts';
import { planResults, type ResultState } from './plan-results.ts';
import { type PlanFile, type PlanPlace, resolveBlocks } from './plan-rows.ts';
import { type BlockState, matching, planState } from './plan-state.ts';
import { planTakes } from './plan-takes.ts';

interface CheckRequest {
  text: string;
  /** From which its files are named. */
  folder: string;
  where: PlanWhere;
}

/** As much of a plan as goes with the home. */
export interface LoosePlan extends Pick<PlanParts, 'entries'> {
  written: PlanFile;
  place: PlanPlace;
  state: BlockState[];
  results: ResultState[];
  /** Whether all of it can be read, and its data are there. */
  isWhole: boolean;
}

/** Null where it is no plan; what cannot be read of it is among the problems. */
export async function readLoosely(
  store: Store,
  { text, folder, where }: CheckRequest,
): Promise<{ open: LoosePlan | null; parts: PlanParts; problems: PlanProblem[] }> {
  const parts = readPlanParts(text);
  const { plan, entries, lineOf } = parts;
  if (plan === null) return { open: null, parts, problems: parts.problems };
  const written = { plan, lineOf, file: 'the plan', folder };
  const place = placeOf(store, where);
  const problems = [...parts.problems];
  const { blocks, absent } = await resolveBlocks(store, written, place, ({ path: [of, at], line, error }) => {
    const model = of === 'models' && typeof at === 'number' ? entries[at] : null;
    // A model may stand in several tables.
    if (!problems.some((other) => other.line === line && other.text === error.message))
      problems.push({ line, model, text: error.message });
  });
  const results = await planResults(store, written, blocks, { folder });
  const state = planState(store, blocks, matching(where.usesOthers ?? false));
  const isWhole = problems.length === 0 && absent.length === 0;
  return { open: { written, entries, place, state, results, isWhole }, parts, problems };
}

export async function checkPlan(store: Store, request: CheckRequest): Promise<PlanCheck> {
  const { open, problems } = await readLoosely(store, request);
  const byLine = problems.toSorted((one, other) => one.line - other.line);
  if (open === null) return { problems: byLine, plan: null };
  const { written, entries, place, state, results } = open;
  const { plan } = written;
  const takes = planTakes(store, state, place);
  const metric = mainMetric(plan);
  const base = baselineOf(plan);
  return {
    problems: byLine,
    plan: {
      ...{ name: plan.plan, metrics: plan.metrics, seeds: plan.seeds, style: plan.paper.style },
      tables: plan.tables.map((table, at) => tableView(store, table, at, state)),
      models: modelViews(open, byLine),
      search: searchWords(plan),
      baseline: base === null || base < 0 ? null : nameOfModel(plan.models[base]),
      results: results.map(({ entry, runs, problem }) => {
        const { file, program } = plan.results[entry];
        return { file: basename(file), program, problem, isMeasured: runs.length > 0 };
      }),
      blocks: planCells(store, state, { takes: takes.blocks, entries, metric }),
      takes,
      memory: { most: mostMemory(store, state), machine: totalMemory() },
      unequal: unequalBudgets(takes, entries, state),
    },
  };
}

/** As runs have it: "test/ndcg@10". */
export const mainMetric = ({ metrics: [first] }: Pick<Plan, 'metrics'>): string =>
  first.includes('/') ? first : `test/${first}`;

function tableView(
  store: Store,
  { data, split, slices, models }: Plan['tables'][number],
  at: number,
  state: readonly BlockState[],
): PlanTableView {
  const dataset = state.find(({ table }) => table === at)?.dataset;
  const files = typeof data === 'string' || !('files' in data) ? [] : data.files;
  const fingerprint = typeof data === 'string' ? null : (data.fingerprint ?? null);
  const name = typeof data === 'string' ? (dataset?.name ?? data) : data.name;
  const isThere = dataset !== undefined || store.datasets.list().some((one) => one.name === name);
  return {
    data: name,
    splits: split.map(splitTitle),
    ...{ slices: [...slices], models: models ?? null },
    items: dataset?.statistics.items ?? null,
    absent: isThere ? null : { files, fingerprint },
  };
}

/** In the order of the file; those that cannot be read are among them. */
function modelViews({ written: { plan }, entries, state }: LoosePlan, problems: readonly PlanProblem[]) {
  const rows = state.flatMap((block) => block.rows);
  const views = plan.models.map((one, at): PlanModelView => {
    const { model, name, preset, settings, space, trials } = one;
    const search = rows.find(({ entry }) => entry === at)?.search?.sweep;
    const isTuned = space !== undefined || trials !== undefined;
    const keys = search?.vary.map(({ key }) => key) ?? space?.map(({ key }) => key) ?? [];
    return {
      ...{ entry: entries[at], model, name: name ?? modelTitle(model), preset: preset ?? null },
      ...{ reference: nameOfModel(one), settings, space: space ?? [] },
      tuned: isTuned ? keys.map((key) => keyWords(key)) : null,
      trials: trials ?? (isTuned ? (search?.trials ?? plan.search.trials) : null),
      problem: problems.find((one) => one.model === entries[at]) ?? null,
    };
  });
  const known = new Set(entries);
  const unread = problems.filter(({ model }) => model !== null && !known.has(model));
  for (const problem of new Map(unread.map((one) => [one.model, one])).values())
    views.push({
      ...{ entry: problem.model ?? 0, model: '', name: `line ${problem.line}`, reference: '', preset: null },
      ...{ settings: {}, space: [], tuned: null, trials: null, problem },
    });
  return views.sort((one, other) => one.entry - other.entry);
}

const PROPOSERS = { grid: 'grid', random: 'drawn at random', tpe: 'TPE proposes' };

/** "TPE proposes, ASHA stops early from 3 epochs" */
function searchWords({ search: { propose, asha, stop } }: Plan): string {
  return [
    PROPOSERS[propose ?? 'random'],
    ...(asha ? [`ASHA stops early from ${asha.min} epochs`] : []),
    ...(stop?.unimproved ? [`ends after ${stop.unimproved} trials without a better one`] : []),
  ].join(', ');
}

/** Bytes, as runs alike of this machine had. */
function mostMemory(store: Store, state: readonly BlockState[]): number | null {
  const known = state.flatMap(({ dataset, rows }) => {
    const models = [...new Set(rows.map(({ model }) => model))];
    return store.runs.ofModels(models, dataset.fingerprint).flatMap(({ peakMemory }) => peakMemory ?? []);
  });
  return known.length === 0 ? null : known.reduce((most, bytes) => Math.max(most, bytes));
}

/** Models without a random start aside, which have little to tune. */
function unequalBudgets(
  { blocks }: PlanTakes,
  entries: readonly number[],
  state: readonly BlockState[],
): UnequalBudget[] {
  const rows = new Map(
    blocks.flatMap((block, at) =>
      block.rows.map((row, place) => [row.entry, { ...row, search: state[at].rows[place].search }]),
    ),
  );
  const all = [...rows.values()].filter(({ model }) => !isSimpleBaseline(model));
  const [most] = all.toSorted((one, other) => (other.trials?.total ?? 0) - (one.trials?.total ?? 0));
  if (!most?.trials) return [];
  const { total } = most.trials;
  return all
    .filter(({ trials }) => (trials?.total ?? 1) < total)
    .map(({ entry, name, trials, one }) => ({
      ...{ entry: entries[entry], name, trials: trials?.total ?? 1, most: total, mostName: most.name },
      time: one && { low: one.low * total, high: one.high * total },
    }));
}

/** Throws UserError that says what is in the way of training it. */
export function requireMayStart({ problems, plan }: PlanCheck): void {
  const [first] = problems;
  if (first) throw new UserError(`line ${first.line}: ${first.text}`);
  const absent = plan?.tables.find((table) => table.absent !== null);
  if (absent) throw new UserError(absentText(absent));
}

/** What is wanted, and how it is got. */
const absentText = ({ data, absent }: PlanTableView): string => {
  const { files = [], fingerprint = null } = absent ?? {};
  const print = fingerprint === null ? '' : ` with the fingerprint ${fingerprint}`;
  return `the data set ${data} is not here: import ${files.length > 0 ? files.join(', ') : 'it'} under that name${print}`;
};
