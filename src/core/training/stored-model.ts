import { type DeviceContext, type HostArray, HostTables } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { type NamedTensor, readSafetensors } from '../files/safetensors.ts';
import { constantTensors } from './constants.ts';
import type { StepModel } from './step-model.ts';

/**
 * Puts the parameters of a checkpoint and the model's constants on the device, and the tables that stay on the host into memory.
 * @throws UserError where the checkpoint is of another model or data set, or the memory does not suffice
 */
export async function loadStored(
  { parameters, constants, hostTables = {} }: StepModel,
  path: string,
  device: DeviceContext,
): Promise<HostTables> {
  const tables = HostTables.toRead(hostTables);
  const stored = storedTensors({ parameters, hostTables }, path, tables.targets('parameters'));
  await device.load({ ...stored, ...constantTensors({ constants }) });
  return tables;
}

/**
 * The parameters of a checkpoint, and its host tables in the arrays given for them.
 * @throws UserError where the checkpoint is of another model or data set
 */
export function storedTensors(
  { parameters, hostTables = {} }: Pick<StepModel, 'parameters' | 'hostTables'>,
  path: string,
  targets: Record<string, readonly HostArray[]> = {},
): Record<string, NamedTensor> {
  const wanted = (name: string) => Object.hasOwn(parameters, name) || Object.hasOwn(hostTables, name);
  const tensors = readSafetensors(path, targets, wanted);
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
  return Object.fromEntries(entries);
}
