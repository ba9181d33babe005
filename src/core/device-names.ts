import type { DeviceId } from './engine/types.ts';

/** Devices that a run can be asked to use; "auto" takes the first one that works. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs-gpu'] as const satisfies readonly (
  | 'auto'
  | DeviceId
)[];
