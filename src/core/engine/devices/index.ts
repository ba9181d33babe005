import { messageOf, UserError } from '../../errors.ts';
import type { ChosenDevice, DeviceContext, DeviceId, DeviceOptions } from '../types.ts';
import { deviceChecks } from './checks.ts';
import { requireDevice } from './device-list.ts';
import { deviceKinds, oneLine, openTested } from './kinds.ts';

/**
 * Opens the requested device, or for `auto` the first that is preferred, and says why. `known`: what `auto` stands for on this
 * machine, which then is not found out again. A device that is named is tried here: whoever names one knows that it works, and
 * the start of another process is saved.
 * @throws UserError when a device requested by name cannot be used.
 */
export async function openDevice(
  choice: DeviceId | 'auto',
  options: DeviceOptions,
  known?: ChosenDevice,
): Promise<{ context: DeviceContext; reason: string }> {
  if (choice === 'auto') {
    const { id, reason } = known ?? (await deviceChecks.auto());
    return { context: await requireDevice(id, deviceKinds).open(options), reason };
  }
  const kind = requireDevice(choice, deviceKinds);
  try {
    return { context: await openTested(kind, options), reason: 'requested' };
  } catch (error) {
    const problem = `device "${choice}" cannot be used: ${oneLine(messageOf(error))}`;
    throw new UserError({ code: 'unusable-device', problem, fix: kind.advice });
  }
}
