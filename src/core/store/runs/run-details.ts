import type { CheckpointInfo } from '../../training/events.ts';
import type { Store } from '../store.ts';
import type { AttemptRecord, RunRecord } from '../types.ts';
import type { SeriesSummary } from './series.ts';

/** What the store has on a run, except its log and the points of its series. */
export interface RunDetails {
  run: RunRecord;
  attempts: AttemptRecord[];
  series: SeriesSummary[];
  checkpoints: CheckpointInfo[];
}

export function runDetails(store: Store, run: RunRecord): RunDetails {
  return {
    run,
    attempts: store.runs.attempts(run.id),
    series: store.series.list(run.id),
    checkpoints: store.checkpoints.list(run.id),
  };
}
