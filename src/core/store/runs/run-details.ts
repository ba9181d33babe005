import { statSync } from 'node:fs';
import type { CheckpointInfo } from '../../training/events.ts';
import type { RunOrigin } from '../others/tracker-runs.ts';
import type { Store } from '../store.ts';
import type { AttemptRecord, RunRecord } from '../types.ts';
import type { SeriesSummary } from './series.ts';

/** A checkpoint whose file is there. */
export interface RunCheckpoint extends CheckpointInfo {
  /** Of the parameters, without the trainer's state beside them. */
  bytes: number;
}

/** What the store has on a run, except its log and the points of its series. */
export interface RunDetails {
  run: RunRecord;
  attempts: AttemptRecord[];
  series: SeriesSummary[];
  checkpoints: RunCheckpoint[];
  /** Of a run that was imported from another tracker's files. */
  origin?: RunOrigin;
}

export function runDetails(store: Store, run: RunRecord): RunDetails {
  const origin = run.kind === 'imported' ? store.trackers.originOf(run.id) : null;
  return {
    run,
    attempts: store.runs.attempts(run.id),
    series: store.series.list(run.id),
    checkpoints: store.checkpoints.list(run.id).map((checkpoint) => ({
      ...checkpoint,
      bytes: statSync(checkpoint.path, { throwIfNoEntry: false })?.size ?? 0,
    })),
    ...(origin === null ? {} : { origin }),
  };
}
