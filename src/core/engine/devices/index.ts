import { messageOf, UserError } from '../../errors.ts';
import type { ChosenDevice, DeviceContext, DeviceId, DeviceOptions } from '../types.ts';
import { requireDevice } from './device-list.ts';
import { deviceKinds, oneLine, openTested } from './kinds.ts';

/**
 * Opens a device, and says why that one. One that was chosen for "auto" has been tried by whoever chose it (`checks.ts`). One that
 * is named is tried here: whoever names one knows that it works, and the start of another process is saved.
 * @throws UserError when a device requested by name cannot be used.
 */
export async function openDevice(
  choice: DeviceId | ChosenDevice,
  options: DeviceOptions,
): Promise<{ context: DeviceContext; reason: string }> {
  if (typeof choice === 'object')
    return { context: await requireDevice(choice.id, deviceKinds).open(options), reason: choice.reason };
  const kind = requireDevice(choice, deviceKinds);
  try {
    return { context: await openTested(kind, options), reason: 'requested' };
  } catch (error) {
    const problem = `device "${choice}" cannot be used: ${oneLine(messageOf(error))}`;
    throw new UserError({ code: 'unusable-device', problem, fix: kind.advice });
  }
}

/** Works on a device that is opened for that, and closed then. */
export async function onDevice<T>(
  choice: DeviceId | ChosenDevice,
  options: DeviceOptions,
  work: (device: DeviceContext) => Promise<T>,
): Promise<T> {
  const { context } = await openDevice(choice, options);
  try {
    return await work(context);
  } finally {
    await context.dispose();
  }
}
