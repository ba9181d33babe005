import type { SeriesPoints, TrainerEvent } from '../../training/events.ts';
import type { Store } from '../store.ts';

/** What only a trainer of this program can tell: nobody else is believed to have measured something. */
const OWN_ONLY: readonly TrainerEvent['type'][] = ['result', 'checkpoint'];

/**
 * The events of another program without what a run of it cannot have: results and checkpoints, and points whose steps are no
 * whole numbers or do not grow. A line of the log says what was passed over.
 */
export function foreignEvents(store: Store, run: string, told: readonly TrainerEvent[]): TrainerEvent[] {
  const last = new Map(store.series.list(run).map(({ metric, lastStep }) => [metric, lastStep]));
  return told.flatMap((event): TrainerEvent[] => {
    if (OWN_ONLY.includes(event.type)) {
      return [
        passedOver(
          event,
          `a record "${event.type}", which only Tessera's own trainers write, was passed over`,
        ),
      ];
    }
    if (event.type !== 'series') return [event];
    const kept = event.points.map((points) => growing(points, last));
    const lost = event.points.flatMap(({ metric, steps }, at) => {
      const count = steps.length - kept[at].steps.length;
      return count === 0 ? [] : [`${count} of ${metric}`];
    });
    const points: TrainerEvent = { ...event, points: kept };
    if (lost.length === 0) return [points];
    return [points, passedOver(event, `points whose steps do not grow were passed over: ${lost.join(', ')}`)];
  });
}

function passedOver({ time }: TrainerEvent, message: string): TrainerEvent {
  return { type: 'log', time, level: 'warn', message };
}

/** The points behind the last step of their metric, which this raises. */
function growing(points: SeriesPoints, last: Map<string, number>): SeriesPoints {
  const kept = points.steps.flatMap((step, at) => {
    if (!Number.isSafeInteger(step) || step <= (last.get(points.metric) ?? -1)) return [];
    last.set(points.metric, step);
    return [at];
  });
  const pick = (values: readonly number[]) => kept.map((at) => values[at]);
  const { metric, steps, epochs, times, values } = points;
  return { metric, steps: pick(steps), epochs: pick(epochs), times: pick(times), values: pick(values) };
}
