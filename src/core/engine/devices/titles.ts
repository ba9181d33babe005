import type { DeviceId } from '../types.ts';

/** Devices whose runtime gives JavaScript no memory of theirs: what is trained goes there and comes back in every step. */
export const copiesState = (id: string | null): boolean => id === 'cuda';

export const DEVICE_TITLES: Readonly<Record<DeviceId, string>> = {
  cuda: 'CUDA (ONNX Runtime)',
  webgpu: 'WebGPU (ONNX Runtime, Dawn)',
  'tfjs-gpu': 'TensorFlow.js on CUDA (tfjs-node-gpu)',
  cpu: 'CPU (ONNX Runtime)',
};
