import { checkMetricNames } from '../../evaluation/metrics-table.ts';
import { protocolFingerprint } from '../../evaluation/protocol.ts';
import { countText } from '../../names.ts';
import type { SeriesPoints, TrainerEvent } from '../../training/events.ts';
import { foreignEvents } from '../others/foreign-events.ts';
import type { Store } from '../store.ts';
import type { LogEntry } from '../types.ts';

/** Writes a trainer's events to the store, in order. The caller has the run's lease, and a transaction. */
export function recordEvents(store: Store, run: string, told: readonly TrainerEvent[]): void {
  const { runs, checkpoints, logs, samples } = store;
  const isOwn = runs.kindOf(run) === 'own';
  const events = isOwn ? told : foreignEvents(store, run, told);
  const points: SeriesPoints[] = [];
  const lines: LogEntry[] = [];
  for (const event of events) {
    const time = event.time ?? store.machine.clock.now();
    if (event.type === 'started') {
      // It goes on from there: where it could not use its checkpoint, or was started again, later points are dropped.
      append(store, run, points.splice(0), isOwn);
      if (isOwn) store.lifecycle.truncateAfter(run, event.fromStep > 0 ? event.fromStep : null);
      runs.setStarted(run, event);
    } else if (event.type === 'series') points.push(...event.points);
    else if (event.type === 'checkpoint') checkpoints.add(run, event.checkpoint);
    else if (event.type === 'usage') {
      samples.add(run, event.sample);
      samples.setPeakMemory(run, event.peakMemory);
    } else if (event.type === 'log') {
      const { level, message, once } = event;
      if (once === undefined || !logs.hasSaid(run, once)) lines.push({ time, level, message });
    } else if (event.type === 'result') {
      checkMetricNames(Object.keys(event.result.metrics));
      runs.setResult(run, event.result, protocolFingerprint(event.result.protocol));
      for (const ranks of event.result.ranks) {
        if (store.ranks.save(run, ranks)) continue;
        const message = `the lists of ${countText(ranks.users.length, 'user')} are too large for the database and were not stored; the ranks were`;
        lines.push({ time, level: 'warn', message });
      }
    } else if (event.type === 'finished') store.foreign.setStated(run, event.metrics);
  }
  append(store, run, points, isOwn);
  logs.append(run, lines);
}

/** The metrics of other programs have any name. */
function append(store: Store, run: string, points: SeriesPoints[], isOwn: boolean): void {
  if (isOwn) checkMetricNames(points.map(({ metric }) => metric));
  store.series.append(run, joinByMetric(points));
}

/** Joins the points by metric, so that a chunk is written once per batch. */
function joinByMetric(series: SeriesPoints[]): SeriesPoints[] {
  const joined = new Map<string, SeriesPoints>();
  for (const { metric, steps, epochs, times, values } of series) {
    const all = joined.get(metric) ?? { metric, steps: [], epochs: [], times: [], values: [] };
    joined.set(metric, all);
    for (const [at, step] of steps.entries()) {
      all.steps.push(step);
      all.epochs.push(epochs[at]);
      all.times.push(times[at]);
      all.values.push(values[at]);
    }
  }
  return [...joined.values()];
}
