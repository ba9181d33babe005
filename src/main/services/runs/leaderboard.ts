/** The configurations of a data set that were measured alike, chosen by validation. */
import { setImmediate } from 'node:timers/promises';
import type { Leaderboard, LeaderboardRow } from '../../../core/api/compare.ts';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { coverageText } from '../../../core/documents/result-words.ts';
import {
  byValidation,
  leaderboardMetrics,
  mayBeChosen,
  validationOf,
} from '../../../core/evaluation/choice.ts';
import { modelOf } from '../../../core/store/runs/run-kinds.ts';
import type { Store } from '../../../core/store/store.ts';
import { runTableQuery } from '../../../core/store/table/run-table-types.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import { isSweep } from '../../../core/studies/study.ts';
import { restsOn } from './source-runs.ts';

const MOST = 1000;

/** Of all protocols the one under which most rows may be chosen. `more` metrics stand in the rows, too. */
export function leaderboard(
  store: Store,
  { dataset, more = [] }: { dataset: string; more?: readonly string[] },
): Leaderboard {
  const known = store.datasets.list().find(({ name }) => name === dataset);
  const metrics = leaderboardMetrics(known?.clicks !== undefined);
  const valid = validationOf(metrics[0]);
  const { rows: found } = store.table.page(
    runTableQuery.parse({
      filters: [{ field: 'dataset', operator: '=', value: dataset }],
      statuses: ['completed'],
      sort: [{ field: `metric:${valid}`, descending: true }],
      metrics: [...new Set([...metrics, valid, ...more])],
      fold: true,
      limit: MOST,
    }),
  );
  const measured = found.filter(({ comparisonKey }) => comparisonKey !== null);
  const trials = unchosenTrials(store, new Set(measured.flatMap((row) => row.dataset?.fingerprint ?? [])));
  const kept = measured.filter(({ runs }) => runs.some(({ id }) => !trials.has(id)));
  // One question for all: what the rows have of their metrics is there already.
  const newest = store.runs.named(
    kept.map(({ id }) => id),
    { metrics: [] },
  );
  const runs = new Map(newest.map((run) => [run.id, run]));
  const rows = kept.flatMap((row) => measuredRow(store, row, runs.get(row.id), metrics[0]));
  const weight = (group: readonly LeaderboardRow[]) =>
    MOST * group.filter((row) => row.valid !== null).length + group.length;
  const groups = [...Map.groupBy(rows, ({ comparisonKey }) => comparisonKey).values()];
  const [alike = []] = groups.sort((a, b) => weight(b) - weight(a));
  return {
    ...byValidation(alike, valid),
    metrics,
    runs: known ? store.datasets.countRunsOf(known.id) : 0,
    elsewhere: kept.length - alike.length,
    trials: measured.length - kept.length,
  };
}

/** The leaderboard of each data set by its name. Others have their turn between two: of very many runs each takes a fraction of a second. */
export async function leaderboards(
  store: Store,
  { datasets }: { datasets: readonly string[] },
): Promise<Record<string, Leaderboard>> {
  const boards: [string, Leaderboard][] = [];
  for (const dataset of datasets) {
    boards.push([dataset, leaderboard(store, { dataset })]);
    await setImmediate();
  }
  return Object.fromEntries(boards);
}

/** None for an evaluation of another run's checkpoint, or without the metric. */
function measuredRow(
  store: Store,
  row: RunTableRow,
  run: RunRecord | undefined,
  metric: string,
): LeaderboardRow[] {
  if (run === undefined || run.kind === 'imported') return [];
  if ((run.kind === 'own' && run.evaluates !== null) || !(metric in row.metrics)) return [];
  const cell = row.metrics[validationOf(metric)];
  const valid = cell && mayBeChosen(run.protocol, restsOn(store, run)) ? cell.mean : null;
  const { dataset } = run;
  return [
    {
      ...row,
      model: modelOf(run),
      dataset,
      seeds: row.runs.length,
      valid: valid !== null && Number.isFinite(valid) ? valid : null,
      remark: run.kind === 'external' ? coverageText(run.result) : null,
    },
  ];
}

/** Runs of studies on these data sets but for the best trials of sweeps: a study chose among them, or trained them for its law alone. */
export function unchosenTrials(store: Store, fingerprints: ReadonlySet<string>): Set<string> {
  const studies = store.studies.list().filter(({ spec }) => fingerprints.has(spec.dataset.fingerprint));
  const sweeps = studies.flatMap(({ id, spec }) => (isSweep(spec) ? [{ id, spec }] : []));
  const chosen = new Set([...store.sweeps.chosen(sweeps).values()].flat());
  const ids = studies.flatMap(({ id }) => store.studies.runIds(id));
  return new Set(ids.filter((id) => !chosen.has(id)));
}
