/** Which waiting run may begin next, by how many may train at once on each device and host. */
import type { ReadyRun } from '../../../core/store/runs/queue.ts';
import type { RunRecord } from '../../../core/store/types.ts';

const DEFAULT_SLOTS = 1;

/** How many runs may train on a device or host at once. */
export const slotsOf = (most: Readonly<Record<string, number>>, device: string): number =>
  most[device] ?? DEFAULT_SLOTS;

export interface Slots {
  /** Runs at a time, by device, as it is set at the moment. */
  most(): Readonly<Record<string, number>>;
  /** What this process trains or computes on a device at the moment. */
  busy(device: string): number;
  /** What other processes train. */
  elsewhere: readonly ReadyRun[];
}

/** Another program uses none of the devices that runs wait for: nothing is known of it. */
export const deviceOf = (run: RunRecord) =>
  run.kind === 'own' ? (run.device ?? run.requestedDevice) : run.program;

/** A host is a place of its own: which device its "auto" is, it says itself. Null while nobody knows what "auto" is here. */
export function placeOf(
  { device, place }: Pick<ReadyRun, 'device' | 'place'>,
  auto: string | null,
): string | null {
  return place ?? (device === 'auto' ? auto : device);
}

/** Whether a device or host has room for one more. */
export function isFree(device: string, auto: string | null, { most, busy, elsewhere }: Slots): boolean {
  const others = elsewhere.filter((other) => (placeOf(other, auto ?? device) ?? device) === device);
  return busy(device) + others.length < slotsOf(most(), device);
}

/** The first waiting run that was not tried yet and whose place is free, with that as its device; null for none. */
export function nextReady(
  waiting: readonly ReadyRun[],
  auto: string | null,
  tried: ReadonlySet<string>,
  slots: Slots,
): ReadyRun | null {
  for (const ready of waiting) {
    const device = placeOf(ready, auto);
    if (device === null || tried.has(ready.run)) continue;
    if (isFree(device, auto, slots)) return { run: ready.run, device, place: ready.place };
  }
  return null;
}
