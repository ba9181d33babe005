export type { DeviceState } from './devices/index.ts';
export { checkDevice, listDevices, openDevice } from './devices/index.ts';
export * from './host-tables/index.ts';
export * from './ops.ts';
export * from './optimisers.ts';
export * from './program-cache.ts';
export { tracedSoftmaxLoss } from './softmax-loss.ts';
export * from './types.ts';
