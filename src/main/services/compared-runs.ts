import { UserError } from '../../core/errors.ts';
import type { ComparedRun, RunSeries } from '../../core/reports/types.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';

/** Enough for any chart on paper. */
const CURVE_POINTS = 600;

/**
 * What a comparison takes of the named runs, each once. Throws UserError for an unknown run, or one
 * without results. Curves are only read where the report draws them.
 */
export function comparedRuns(
  store: Store,
  references: readonly string[],
  withCurves: boolean,
): ComparedRun[] {
  const ids = new Set(references.map((reference) => store.runs.find(reference).id));
  return [...ids].map((id) => comparedRun(store, store.runs.get(id), withCurves));
}

function comparedRun(store: Store, run: RunRecord, withCurves: boolean): ComparedRun {
  if (Object.keys(run.metrics).length === 0) {
    throw new UserError(`run ${run.name} (${run.id}) has no results to compare (status: ${run.status})`);
  }
  const { id, name, model, metrics, seed, config, protocol, environment, device, seconds, parameters } = run;
  const ranks = (['test', 'final', 'valid'] as const).map((split) => store.ranks.read(id, split));
  return {
    ...{ id, name, model, metrics, seed, config, protocol, environment, device, seconds, parameters },
    dataset: {
      name: run.dataset.name,
      fingerprint: run.dataset.fingerprint,
      statistics: run.dataset.id === null ? null : store.datasets.get(run.dataset.id).statistics,
    },
    ranks: ranks.filter((split) => split !== null),
    series: withCurves ? curves(store, id) : null,
  };
}

function curves(store: Store, run: string): RunSeries[] {
  return store.series.list(run).map(({ metric }) => store.series.read(run, metric, { limit: CURVE_POINTS }));
}
