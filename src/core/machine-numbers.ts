import { onDevice, type TrainedNumbers, trainNumbers } from './engine/index.ts';
import { processorHere } from './processor.ts';
import type { Processor } from './processor-kinds.ts';

export interface MachineNumbers {
  processor: Processor;
  numbers: TrainedNumbers;
}

/** What a fixed training comes to on this machine's processor, to be compared with that of another one. */
export async function machineNumbers(): Promise<MachineNumbers> {
  return { processor: processorHere(), numbers: await onDevice('cpu', { threads: 1 }, trainNumbers) };
}
