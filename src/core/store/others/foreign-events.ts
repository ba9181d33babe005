import type { SeriesPoints, TrainerEvent } from '../../training/events.ts';
import type { Store } from '../store.ts';

/**
 * The events of another program without points whose steps do not grow, and without what its log has said already of what is
 * skipped.
 */
export function foreignEvents(store: Store, run: string, told: readonly TrainerEvent[]): TrainerEvent[] {
  const last = new Map(store.series.list(run).map(({ metric, lastStep }) => [metric, lastStep]));
  const said = new Set<string>();
  const kept: TrainerEvent[] = [];
  const add = (event: TrainerEvent) => {
    if (event.type !== 'log' || event.once === undefined) return kept.push(event);
    if (said.has(event.once) || store.logs.hasSaid(run, event.once)) return;
    said.add(event.once);
    kept.push(event);
  };
  for (const event of told) {
    if (event.type !== 'series') {
      add(event);
      continue;
    }
    const points = event.points.map((one) => growing(one, last));
    add({ ...event, points: points.map(({ kept }) => kept) });
    for (const { kept, lost } of points) {
      if (lost === null) continue;
      const once = `Skipped points of ${kept.metric} whose step does not grow`;
      add({
        type: 'log',
        time: event.time,
        level: 'warn',
        message: `${once}: the first at step ${lost}`,
        once,
      });
    }
  }
  return kept;
}

/** The points behind the last step of their metric, which this raises; and the first step that is not, or null. */
function growing(
  { metric, steps, epochs, times, values }: SeriesPoints,
  last: Map<string, number>,
): { kept: SeriesPoints; lost: number | null } {
  let lost: number | null = null;
  const places = steps.flatMap((step, at) => {
    const grows = step > (last.get(metric) ?? -1);
    if (grows) last.set(metric, step);
    else lost ??= step;
    return grows ? [at] : [];
  });
  const pick = (list: readonly number[]) => places.map((at) => list[at]);
  const kept = { metric, steps: pick(steps), epochs: pick(epochs), times: pick(times), values: pick(values) };
  return { kept, lost };
}
