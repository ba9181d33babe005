import { Option } from 'commander';
import { DEVICES } from '../../core/device-names.ts';
import type { ChosenDevice } from '../../core/engine/types.ts';
import { UserError } from '../../core/errors.ts';
import type { Store } from '../../core/store/store.ts';
import { MOST_THREADS } from '../../core/threads.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { threadsOf } from '../services/settings.ts';
import { wholeNumber } from './options.ts';

/** Returns the device that --device names. Default: auto. Throws UserError for an unknown device. */
export function deviceChoice(requested: string | undefined): TrainSpec['device'] {
  const device = DEVICES.find((id) => id === (requested ?? 'auto'));
  if (!device) throw new UserError(`unknown device "${requested}"; choose one of: ${DEVICES.join(', ')}`);
  return device;
}

/** For `threadsOf`. */
export function threadsOption(): Option {
  return new Option('--threads <number>', 'CPU threads (default: as in Settings, else all)').argParser(
    wholeNumber(1, MOST_THREADS),
  );
}

/** Values of these options. */
export interface ComputeOptions {
  device?: string;
  threads?: number;
}

/** Where a command computes. Throws UserError for a device that is unknown or cannot be used. */
export async function computeOn(store: Store, { device: requested, threads }: ComputeOptions) {
  const { id: device } = await chosenDevice(deviceChoice(requested));
  return { device, threads: threadsOf(store, threads) };
}

/** What is meant on this machine. Throws UserError if it cannot be used, before there is a run to fail. */
export async function chosenDevice(device: TrainSpec['device']): Promise<ChosenDevice> {
  const requested = { id: device, reason: 'requested' } as ChosenDevice;
  if (device === 'cpu') return requested;
  const { deviceChecks } = await import('../../core/engine/devices/checks.ts');
  if (device === 'auto') return deviceChecks.auto();
  const { usable, detail } = await deviceChecks.check(device);
  if (!usable) throw new UserError(`device "${device}" cannot be used: ${detail}`);
  return requested;
}
