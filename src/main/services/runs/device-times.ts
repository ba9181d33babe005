/** How long a training takes on each device of this machine, by some seconds of it on each. */
import type { DeviceState } from '../../../core/engine/devices/checks.ts';
import type { DeviceId } from '../../../core/engine/types.ts';
import { CancelledError, messageOf } from '../../../core/errors.ts';
import type { ProbeRequest, ProbeService } from './probes.ts';

export interface DeviceTime {
  device: DeviceId;
  /** Of the whole training with every epoch; null where it is unknown. */
  seconds: number | null;
  /** Most memory of the trainer in bytes; on a GPU not the GPU's own. Null where the system does not say. */
  memoryBytes: number | null;
  /** Why the time is unknown, or what it leaves out. */
  note: string | null;
}

/**
 * One device after the other, for they would slow each other down. A device that fails is an answer. Throws CancelledError when
 * the signal fires.
 */
export async function timeDevices(
  probes: Pick<ProbeService, 'measure'>,
  request: Omit<ProbeRequest, 'device'>,
  devices: readonly Pick<DeviceState, 'id' | 'usable' | 'detail'>[],
  { signal, onDevice }: { signal?: AbortSignal; onDevice?: (device: DeviceId) => void } = {},
): Promise<DeviceTime[]> {
  const times: DeviceTime[] = [];
  for (const { id, usable, detail } of devices) {
    const unknown = (note: string): DeviceTime => ({ device: id, seconds: null, memoryBytes: null, note });
    if (!usable) {
      times.push(unknown(detail));
      continue;
    }
    onDevice?.(id);
    try {
      const { seconds, memoryBytes, validated } = await probes.measure({ ...request, device: id }, signal);
      const note = seconds === null ? 'slower than a probe' : validated ? null : 'without validation';
      times.push({ device: id, seconds, memoryBytes, note });
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      times.push(unknown(messageOf(error)));
    }
  }
  return times;
}

/** Less is within what one probe differs from the next. */
const CLEARLY = 1.1;

/**
 * The device with the least time, and whether the next one takes clearly longer; null where no time is known. Times that leave
 * validation out and times that hold it are not told apart: it is a small part of both.
 */
export function fastestOf(times: readonly DeviceTime[]): { device: DeviceId; isClear: boolean } | null {
  const known = times.flatMap(({ device, seconds }) => (seconds === null ? [] : [{ device, seconds }]));
  const [first, second] = known.sort((a, b) => a.seconds - b.seconds);
  if (!first) return null;
  return { device: first.device, isClear: !second || second.seconds > first.seconds * CLEARLY };
}
