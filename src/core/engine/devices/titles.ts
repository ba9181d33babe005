import type { DeviceId } from '../types.ts';

export const DEVICE_TITLES: Readonly<Record<DeviceId, string>> = {
  cuda: 'CUDA (ONNX Runtime)',
  webgpu: 'WebGPU (ONNX Runtime, Dawn)',
  'tfjs-gpu': 'TensorFlow.js on CUDA (tfjs-node-gpu)',
  cpu: 'CPU (ONNX Runtime)',
};
