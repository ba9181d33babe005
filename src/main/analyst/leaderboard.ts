/** The configurations of a data set that were measured alike, chosen by validation. */
import {
  LEADERBOARD_METRIC,
  LEADERBOARD_METRICS,
  type Leaderboard,
  type LeaderboardRow,
} from '../../core/api/compare.ts';
import type { RunTableRow } from '../../core/api/runs.ts';
import { byValidation, mayBeChosen, validationOf } from '../../core/evaluation/choice.ts';
import { runTableQuery } from '../../core/store/runs/run-table-types.ts';
import type { Store } from '../../core/store/store.ts';
import { isSweep } from '../../core/studies/study.ts';
import { restsOn } from '../services/analysis/compared-runs.ts';
import { resultOfSweep } from '../services/analysis/studies.ts';

const VALID = validationOf(LEADERBOARD_METRIC);
const MOST = 1000;

/** Of all protocols the one under which most rows may be chosen. */
export function leaderboard(store: Store, { dataset }: { dataset: string }): Leaderboard {
  const { rows: found } = store.table.page(
    runTableQuery.parse({
      filters: [{ field: 'dataset', operator: '=', value: dataset }],
      statuses: ['completed'],
      sort: [{ field: `metric:${VALID}`, descending: true }],
      metrics: [...LEADERBOARD_METRICS, VALID],
      fold: true,
      limit: MOST,
    }),
  );
  const trials = unchosenTrials(store, new Set(found.map((row) => row.dataset.fingerprint)));
  const kept = found.filter(({ runs }) => runs.some(({ id }) => !trials.has(id)));
  const rows = kept.flatMap((row) => measuredRow(store, row));
  const weight = (group: readonly LeaderboardRow[]) =>
    MOST * group.filter(({ valid }) => valid !== null).length + group.length;
  const groups = [...Map.groupBy(rows, ({ comparisonKey }) => comparisonKey).values()];
  const [alike = []] = groups.sort((a, b) => weight(b) - weight(a));
  return {
    ...byValidation(alike, VALID),
    elsewhere: kept.length - alike.length,
    trials: found.length - kept.length,
  };
}

/** None for an evaluation of another run's checkpoint, or without the metric. */
function measuredRow(store: Store, row: RunTableRow): LeaderboardRow[] {
  const run = store.runs.get(row.id);
  if (run.evaluates !== null || !(LEADERBOARD_METRIC in row.metrics)) return [];
  const cell = row.metrics[VALID];
  const valid = cell && mayBeChosen(run.protocol, restsOn(store, run)) ? cell.mean : null;
  return [{ ...row, seeds: row.runs.length, valid: valid !== null && Number.isFinite(valid) ? valid : null }];
}

/** Runs of sweeps on these data sets but for their best trials: a sweep chose among them, and they stand in its table alone. */
export function unchosenTrials(store: Store, fingerprints: ReadonlySet<string>): Set<string> {
  return new Set(
    store.studies
      .list('sweep')
      .flatMap(({ id, spec }) =>
        isSweep(spec) && fingerprints.has(spec.dataset.fingerprint)
          ? resultOfSweep(store, id, spec).trials.filter(({ rank }) => rank !== 1)
          : [],
      )
      .flatMap(({ runs }) => runs.map(({ id }) => id)),
  );
}
