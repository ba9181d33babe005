import type { ComparedRun, Comparison, RunSeries } from '../../../core/documents/types.ts';
import { UserError } from '../../../core/errors.ts';
import { byValidation, mayBeChosen } from '../../../core/evaluation/choice.ts';
import { withRankMetrics } from '../../../core/evaluation/metrics.ts';
import type { ClickPredictions } from '../../../core/evaluation/predictions.ts';
import { readPredictions } from '../../../core/evaluation/predictions-file.ts';
import { tasksOf } from '../../../core/evaluation/tasks.ts';
import { trainingProcessors, trainingVersions } from '../../../core/store/runs/attempts.ts';
import { modelOf } from '../../../core/store/runs/run-kinds.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun, RunRecord } from '../../../core/store/types.ts';
import { splitConfig } from '../../../core/training/ranking/protocol.ts';
import { restsOn } from '../runs/source-runs.ts';
import { testedAsItStarted } from './language-pipeline.ts';

/** Enough for any chart on paper. */
const CURVE_POINTS = 600;

/** What a comparison needs of the runs with these ids, each once. Throws UserError for one without results. */
export function comparedRuns(store: Store, ids: readonly string[]): ComparedRun[] {
  const tunings = store.sweeps.tunings(ids, store.studies.sweeps());
  const data = store.datasets.keysOf(ids);
  return store.runs.named([...new Set(ids)]).map((run) => ({
    ...{ data: data.get(run.id) ?? null, ...comparedRun(store, run) },
    tuning: tunings.get(run.id) ?? null,
  }));
}

/** Whether it has something to compare: what this program measured, or another one states. */
export function hasResults(run: RunRecord): boolean {
  return Object.keys(run.kind === 'imported' ? run.stated : run.metrics).length > 0;
}

export const isMeasured = (run: RunRecord): run is MeasuredRun => run.kind !== 'imported';

function comparedRun(store: Store, run: RunRecord): ComparedRun {
  if (!hasResults(run)) {
    throw new UserError(`run ${run.name} (${run.id}) has no results to compare (status: ${run.status})`);
  }
  const { id, name, seed, config, environment, device, parameters } = run;
  const { seconds, peakMemory, energy, listSeconds } = run;
  const known = {
    ...{ id, name, seed, config, environment, device, parameters },
    ...{ seconds, peakMemory, energy, listSeconds },
  };
  const program = run.kind === 'own' ? null : run.program;
  // What another program states, under no protocol, is shown, and neither tested nor the best.
  if (!isMeasured(run)) {
    const data = run.dataset?.name ?? null;
    return { ...known, data, model: run.model ?? run.program, program, metrics: run.stated };
  }
  const attempts = store.runs.attempts(id);
  const { id: data, ...dataset } = run.dataset;
  const ranks = readAnew(() => store.ranks.withoutLists(id));
  return {
    ...{ ...known, model: modelOf(run), program, protocol: run.protocol },
    metrics: withRankMetrics(run.metrics, ranks),
    ...(run.kind === 'own'
      ? {
          evaluates: run.evaluates,
          asItStarted: testedAsItStarted(run),
          versions: trainingVersions(run, attempts),
          processors: trainingProcessors(run, attempts),
        }
      : { result: run.result }),
    ...restsOn(store, run),
    dataset: { ...dataset, statistics: data === null ? null : store.datasets.get(data).statistics },
    ranks,
    lists: readAnew(() => [store.ranks.read(id, 'test')].filter((split) => split !== null)),
    predictions: readAnew(() => [runPredictions(store, run)].filter((split) => split !== null)),
  };
}

/** What decides which interactions it was trained on: of another program, what was stated of its split. */
export function trainingConfigOf({ kind, config, protocol }: MeasuredRun): Record<string, unknown> {
  if (kind === 'own') return config ?? {};
  return protocol?.task === undefined && protocol ? splitConfig(protocol) : {};
}

/** Read each time that they are gone through: those of all compared runs at once may not fit the memory. */
const readAnew = <T>(read: () => Iterable<T>): Iterable<T> => ({
  [Symbol.iterator]: () => read()[Symbol.iterator](),
});

/** What a run that predicts labels said of its test rows; null for other runs, or where its folder has none. */
export function runPredictions(store: Store, { id, protocol }: MeasuredRun): ClickPredictions | null {
  const tasks = tasksOf(protocol);
  return tasks && readPredictions(store.runs.folder(id), 'test', tasks);
}

/** The same comparison with the curves that its report draws. Default: all of them. */
export function withCurves(store: Store, comparison: Comparison, metrics?: readonly string[]): Comparison {
  const rows = comparison.rows.map((row) => ({
    ...row,
    runs: row.runs.map((run) => ({ ...run, series: curvesOf(store, run.id, metrics) })),
  }));
  return { ...comparison, rows };
}

function curvesOf(store: Store, run: string, metrics?: readonly string[]): RunSeries[] {
  const known = store.series.list(run).map(({ metric }) => metric);
  return known
    .filter((metric) => metrics === undefined || metrics.includes(metric))
    .map((metric) => store.series.read(run, metric, { limit: CURVE_POINTS }));
}

/** Of single runs the best by `valid`, a metric of the validation items; undefined where none may be chosen. */
export function bestByValidation<T extends MeasuredRun>(
  store: Store,
  runs: readonly T[],
  valid: string,
): T | undefined {
  const rows = runs.map((run) => ({
    run,
    model: modelOf(run),
    seeds: 1,
    valid: mayBeChosen(run.protocol, restsOn(store, run)) ? (run.metrics[valid] ?? null) : null,
  }));
  return byValidation(rows, valid).best[0]?.run;
}
