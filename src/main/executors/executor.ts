/** Where runs are trained. */
import type { TrainSpec } from '../../core/training/events.ts';
import type { TrainerReport } from '../workers/serve-trainings.ts';
import type { WorkerExit } from '../workers/worker-exit.ts';

/** Receives the events of a trainer in order, in batches, all of them before it has ended. */
export type OnReport = (report: TrainerReport) => void;

export interface Executor {
  /** Starts a training. */
  start(spec: TrainSpec, onReport: OnReport): TrainerWorker;
  /** Hosts a training whose host has ended, from what is behind an offset in its journal. */
  attach(journal: string, offset: number, onReport: OnReport): TrainerWorker;
}

export interface TrainerWorker {
  /** Never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** Asks the trainer to end after its present epoch, with the test. */
  stopAfterEpoch(): void;
  /** Asks the trainer to stop, and kills it if it does not within the grace period. Asked again, kills it at once. */
  cancel(): void;
  /** Kills the worker; `because` becomes the message of its exit. */
  kill(because: string): void;
}
