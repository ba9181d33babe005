/** Compared runs as a plan that makes their table anew. */
import { readSplit } from '../../../../core/data/splits/index.ts';
import { groupRuns } from '../../../../core/documents/comparison/rows/rows.ts';
import { UserError } from '../../../../core/errors.ts';
import type { PracticalRequest } from '../../../../core/evaluation/practical/index.ts';
import { configOfRun, findModel } from '../../../../core/families/registry.ts';
import { BUILT_ON } from '../../../../core/plans/choices.ts';
import {
  type ComparedModel,
  type ComparedSources,
  planOfComparison,
} from '../../../../core/plans/plan-of-comparison.ts';
import { isGenerated } from '../../../../core/run-names.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { MeasuredRun, RunRecord } from '../../../../core/store/types.ts';
import { comparedRuns, hasResults, isMeasured } from '../compared-runs.ts';
import { shownBaseline } from '../comparisons.ts';

export interface PlanOfRuns {
  name: string;
  baseline?: string | null;
  metrics?: readonly string[];
  practical?: PracticalRequest;
  labels?: Readonly<Record<string, string>>;
  /** For other homes: data sets with their fingerprints, whatever they are called there. */
  byContent?: boolean;
}

/** In YAML. Throws UserError where none of the runs was measured here. */
export function planOfRuns(
  store: Store,
  runs: readonly RunRecord[],
  { name, baseline = runs[0]?.id ?? null, metrics, practical, labels = {}, byContent = false }: PlanOfRuns,
): string {
  const measured = runs.filter(isMeasured).filter(hasResults);
  if (measured.length === 0)
    throw new UserError('no run of these was measured here: a plan has nothing to train');
  const groups = groupRuns(
    comparedRuns(
      store,
      measured.map(({ id }) => id),
    ),
  );
  const rows = groups.map(({ runs: members }): ComparedModel => {
    const records = members.map(({ id }) => store.runs.get(id)).filter(isMeasured);
    const given = records.map(({ id }) => labels[id]).find((label) => label !== undefined);
    const isBaseline = records.some(({ id }) => id === baseline);
    return { ...rowOf(store, records), isBaseline, name: given ?? ownName(records[0]) };
  });
  const fingerprints = new Map(measured.map(({ dataset }) => [dataset.name, dataset.fingerprint]));
  return planOfComparison(rows, {
    name,
    metrics,
    practical,
    defaultsOf,
    fingerprints: byContent ? fingerprints : undefined,
  });
}

/** As the window shows them, which takes a baseline where none is chosen. */
export function planAsShown(
  store: Store,
  { runs, ...look }: Omit<PlanOfRuns, 'byContent'> & { runs: string[] },
): string {
  const records = runs.map((id) => store.runs.get(id));
  return planOfRuns(store, records, { ...look, baseline: shownBaseline(store, { runs, ...look }) });
}

/** Null where the program named it. */
const ownName = (run: MeasuredRun): string | null =>
  run.kind === 'external' || isGenerated({ ...run, program: null })
    ? null
    : run.name.replace(/-seed\d+$/, '');

function rowOf(store: Store, records: readonly MeasuredRun[]): Omit<ComparedModel, 'isBaseline' | 'name'> {
  const [first] = records;
  const seeds = records.flatMap(({ seed }) => seed ?? []).sort((a, b) => a - b);
  const dataset = first.dataset.name;
  if (first.kind === 'own') {
    const config = configOfRun(first);
    return { model: first.model, dataset, seeds, config, sources: sourcesOf(store, config) };
  }
  const { protocol, program, model } = first;
  const split = protocol && 'candidates' in protocol ? readSplit(protocol.split).split : null;
  return {
    ...{ model: model ?? program, dataset, seeds, config: null },
    result: { file: first.result.file, program, model, split, asked: first.result.asked },
  };
}

/** Of a run that has been deleted the id stays in the settings. */
function sourcesOf(store: Store, named: Record<string, unknown>): ComparedSources {
  const found = BUILT_ON.flatMap((key) => {
    const id = named[key];
    if (typeof id !== 'string' || id === '' || !store.runs.exists(id)) return [];
    const run = store.runs.own(id);
    const { model, seed } = run;
    const config = configOfRun(run);
    return [[key, { model, seed, config, sources: sourcesOf(store, config) }]];
  });
  return Object.fromEntries(found);
}

/** Of a model that has no config by itself nothing is a default. */
const defaultsOf = (model: string): Record<string, unknown> =>
  findModel(model).configSchema.safeParse({}).data ?? {};
