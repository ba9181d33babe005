export type { DeviceState } from './devices/index.ts';
export { checkDevice, listDevices, openDevice } from './devices/index.ts';
export { type TrainedNumbers, trainNumbers } from './devices/numbers.ts';
export * from './host-tables/index.ts';
export { requireStateMemory } from './memory.ts';
export * from './ops/index.ts';
export * from './optimisers.ts';
export * from './program-cache.ts';
export * from './types.ts';
