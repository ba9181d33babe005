import type { DatasetSummary } from '../data/types.ts';
import type { DeviceContext } from '../engine/index.ts';
import type { Config } from './config.ts';
import type { TrainerEvent, TrainSpec } from './events.ts';

/** Whether the present epoch is to be the last one; that may be taken back until it has ended. */
export interface LastEpoch {
  readonly isWanted: boolean;
}

/** What a family trains or evaluates a run with. */
export interface RunContext<C = Config> {
  spec: TrainSpec;
  /** Complete and checked by the model's schema; a family types what it reads of it (`C`) once, where a run begins. */
  config: C;
  summary: DatasetSummary;
  device: DeviceContext;
  emit(event: TrainerEvent): void;
  signal?: AbortSignal;
  /** Asks training to make its present epoch the last one, and to go on to the test. */
  stopAfterEpoch?: LastEpoch;
  /** To be called once, before the first step: trained parameters, and the step of the checkpoint it continues from. */
  started(parameters: number, fromStep: number): void;
}
