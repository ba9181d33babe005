import type { PlaceState, QueueState } from '../../core/api/queue.ts';
import type { OwnRun, TrainingProgress } from '../../core/api/runs.ts';
import { untilText } from '../format/format.ts';
import { isAway } from './away.ts';

/** Seconds of whole runs by id; null where no earlier run tells. */
type RunSeconds = Record<string, number | null>;

export interface QueueTime {
  /** Until the last of the runs that are counted has ended; null where none is. */
  seconds: number | null;
  /** Of training that the waiting ones among them bring. */
  work: number;
  /** Runs that are not paused and of which nothing is known. */
  uncounted: number;
  paused: number;
  /** When each run that is not paused ends, by its id. */
  ends: Record<string, RunEnd>;
}

/** Seconds from now; null of what nothing is known of. `atLeast`: something unknown comes before. */
export interface RunEnd {
  seconds: number | null;
  /** When the run before it on its device ends, which is the least. */
  after: number;
  atLeast: boolean;
}

interface QueuedRun {
  run: Pick<OwnRun, 'id' | 'device' | 'requestedDevice' | 'place'>;
}

/** Of whole runs, what their checkpoints leave: epochs take equally long. */
export function secondsLeft(
  { waiting, reached }: Pick<QueueState, 'waiting' | 'reached'>,
  whole: RunSeconds,
): RunSeconds {
  const left = waiting.flatMap(({ run: { id, config } }) => {
    const [done, of] = [reached[id]?.epoch ?? 0, config.epochs];
    const seconds = whole[id] ?? null;
    return seconds !== null && typeof of === 'number' && of > 0
      ? [[id, seconds * Math.max(0, 1 - done / of)] as const]
      : [];
  });
  return { ...whole, ...Object.fromEntries(left) };
}

type Left = Pick<TrainingProgress, 'secondsLeft'>;

/** What the times follow from, in the order in which runs start. */
export interface Queue extends Pick<QueueState, 'slots'> {
  running: readonly (QueuedRun & { progress: Left | null; place: PlaceState | null })[];
  waiting: readonly (QueuedRun & { held: boolean })[];
}

/**
 * Deals the waiting runs to the slots of their devices as these become free, which is what the queue does. With `only`,
 * until the last of those runs has ended; what waits behind them all is left out, and without it what other machines train.
 */
export function queueTime(
  { running, waiting, slots }: Queue,
  seconds: RunSeconds,
  live: Record<string, Left | undefined> = {},
  only?: ReadonlySet<string>,
): QueueTime {
  // A run on any device waits because the one it would get is busy, so it is one of those that train.
  const here = running.filter(({ run }) => run.place === null);
  const any = here.find(({ run }) => run.requestedDevice === 'auto') ?? here[0];
  const deviceOf = ({ device, requestedDevice, place }: QueuedRun['run']): string => {
    if (place !== null) return place;
    if (device !== null || requestedDevice !== 'auto') return device ?? requestedDevice;
    return any?.run.device ?? requestedDevice;
  };
  const ends = new Map<string, number[]>();
  const time: QueueTime = { seconds: null, work: 0, uncounted: 0, paused: 0, ends: {} };
  const unknown = new Set<string>();
  const count = (run: QueuedRun['run'], from: number, length: number | null) => {
    const [id, device] = [run.id, deviceOf(run)];
    const isCounted = only ? only.has(id) : run.place === null;
    const atLeast = unknown.has(device);
    time.ends[id] = { seconds: length === null ? null : from + length, after: from, atLeast };
    if (length === null) unknown.add(device);
    if (length === null) {
      if (only || run.place === null) time.uncounted++;
    } else {
      ends.set(device, [...(ends.get(device) ?? []), from + length]);
      if (isCounted) time.seconds = Math.max(time.seconds ?? 0, from + length);
    }
  };
  const dealt = only ? waiting.slice(0, waiting.findLastIndex(({ run }) => only.has(run.id)) + 1) : waiting;
  for (const { run, progress, place } of running) {
    // When it begins there, nobody knows.
    if (isAway(place)) {
      time.uncounted += only?.has(run.id) ? 1 : 0;
      continue;
    }
    const left = (live[run.id] ?? progress)?.secondsLeft ?? seconds[run.id] ?? null;
    count(run, 0, left);
  }
  for (const { run, held } of dealt) {
    const device = deviceOf(run);
    const places = slots[device] ?? 1;
    if (held || places === 0) {
      time.paused++;
      continue;
    }
    const length = seconds[run.id] ?? null;
    const latest = (ends.get(device) ?? []).toSorted((a, b) => b - a);
    count(run, latest[places - 1] ?? 0, length);
    time.work += run.place === null ? (length ?? 0) : 0;
  }
  return time;
}

/** "18:03", or "after 18:03" where something unknown comes first. */
export function endText(end: RunEnd | undefined, now: number): string {
  if (!end) return '–';
  const at = (seconds: number) => untilText(now + 1000 * seconds, now);
  if (end.seconds !== null && !end.atLeast) return at(end.seconds);
  return end.seconds === null && end.after === 0 ? '–' : `after ${at(end.seconds ?? end.after)}`;
}
