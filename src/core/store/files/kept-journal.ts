/**
 * `kept.jsonl` in the folder of a run that no journal tells of (a result of another program, a run of a tracker, one of before
 * there were journals): its curves, ranks, log and usage, as records of a journal.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isInside } from '../../files/inside.ts';
import type { TrainerEvent } from '../../training/events.ts';
import { JournalWriter, readToEnd } from '../../training/journal.ts';
import type { Store } from '../store.ts';

export const KEPT_FILE = 'kept.jsonl';
const SPLITS = ['valid', 'test', 'final'] as const;

/** Writes what the database alone has of a run to a new file. */
export function writeKept(store: Store, run: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const journal = new JournalWriter(path);
  try {
    for (const event of eventsOf(store, run)) journal.append([event]);
  } finally {
    journal.close();
  }
}

function* eventsOf(store: Store, run: string): Generator<TrainerEvent> {
  for (const { metric } of store.series.list(run))
    for (const points of store.series.pieces(run, metric)) yield { type: 'series', points: [points] };
  const folder = store.runs.folder(run);
  for (const checkpoint of store.checkpoints.recorded(run).reverse())
    if (isInside(folder, checkpoint.path)) yield { type: 'checkpoint', checkpoint };
  for (const sample of store.samples.list(run, Number.MAX_SAFE_INTEGER))
    yield { type: 'usage', sample, peakMemory: 0 };
  for (const { time, level, message } of store.logs.list(run)) yield { type: 'log', time, level, message };
  const { status, epochs, selectedEpoch, seconds, protocol } = store.runs.get(run);
  const ranks = SPLITS.flatMap((split) => store.ranks.read(run, split) ?? []);
  if (ranks.length === 0 || protocol === null) return;
  const figures = {
    epochs: epochs ?? 0,
    selectedEpoch: selectedEpoch ?? 0,
    seconds: seconds ?? 0,
    metrics: {},
  };
  const ending = status === 'completed' ? 'completed' : 'cancelled';
  yield { type: 'result', result: { status: ending, ...figures, ranks, protocol } };
}

/** Brings what such a file tells back into the database, whose figures come from the run's own file. */
export function readKept(store: Store, run: string, path: string): void {
  for (const { events } of readToEnd(path, 0)) {
    store.transaction(() => {
      for (const event of events) {
        if (event.type === 'series') store.series.append(run, event.points);
        else if (event.type === 'usage') store.samples.add(run, event.sample);
        else if (event.type === 'log') store.logs.append(run, [{ ...event, time: event.time ?? Date.now() }]);
        else if (event.type === 'checkpoint') store.checkpoints.add(run, event.checkpoint);
        else if (event.type === 'result')
          for (const ranks of event.result.ranks) store.ranks.save(run, ranks);
      }
    });
  }
}
