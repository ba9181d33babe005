import { type DeviceContext, HostTables } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { readSafetensors } from '../files/safetensors.ts';
import type { StepModel } from './step-model.ts';

/**
 * Puts the parameters of a checkpoint on the device, and the tables that stay on the host into memory.
 * @throws UserError where the checkpoint is of another model or data set, or the memory does not suffice
 */
export async function loadStored(
  { parameters, hostTables = {} }: StepModel,
  path: string,
  device: DeviceContext,
): Promise<HostTables> {
  const tables = HostTables.toRead(hostTables);
  const wanted = (name: string) => Object.hasOwn(parameters, name) || Object.hasOwn(hostTables, name);
  const tensors = readSafetensors(path, tables.targets('parameters'), wanted);
  const entries = Object.entries(parameters).map(([name, { shape }]) => {
    const tensor = tensors[name];
    if (!tensor || tensor.spec.shape.join() !== shape.join()) {
      const found = tensor ? `has shape [${tensor.spec.shape}] instead of [${shape}]` : 'is missing';
      throw new UserError(
        `${path}: tensor "${name}" ${found}; the checkpoint is of another model or data set`,
      );
    }
    return [name, tensor] as const;
  });
  await device.load(Object.fromEntries(entries));
  return tables;
}
