/** Where runs are trained. */
import type { TrainSpec } from '../../core/training/events.ts';
import type { PlaceState } from '../../core/training/place.ts';
import type { StrayThere } from '../workers/agent/questions.ts';
import type { TrainerReport } from '../workers/serve-trainings.ts';
import type { WorkerExit } from '../workers/worker-exit.ts';

export interface TrainerListener {
  /** Receives the events of a trainer in order, in batches, all of them before it has ended. */
  onReport(report: TrainerReport): void;
  /** Whenever another machine was heard of; never for trainers of this one. */
  onPlace(state: PlaceState): void;
}

/** A training whose host has ended, as that left it. */
export interface LeftTraining {
  journal: string;
  /** What of it the store has, in bytes. */
  offset: number;
  /** How the training ended, where the journal says so before the offset. */
  ending: WorkerExit | null;
  /** Where it stood, if that is known. */
  place: PlaceState | null;
}

export interface Executor {
  /** Starts a training. */
  start(spec: TrainSpec, listener: TrainerListener): TrainerWorker;
  /** Hosts a training whose host has ended. */
  attach(left: LeftTraining, listener: TrainerListener): TrainerWorker;
  /** Ends there what was given up while it could not be reached. */
  endLeft?(): void;
  /** Trainings there that are none of these, by the names of their folders. Only of another machine. */
  strays?(known: readonly string[]): Promise<StrayThere[]>;
  /** Ends such a training, with its checkpoint where it heeds that. Throws UserError where none goes on. Only of another machine. */
  endStray?(name: string): Promise<void>;
  /** Lets go of what is kept open to another machine. */
  close?(): Promise<void>;
}

export interface TrainerWorker {
  /** Never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** Asks the trainer to end after its present epoch, with the test. */
  stopAfterEpoch(): void;
  /** Takes that back. A trainer that is testing already ends all the same. */
  goOn?(): void;
  /** Asks the trainer to stop, and kills it if it does not within the grace period. Asked again, kills it at once. */
  cancel(): void;
  /** Kills the worker; `because` becomes the message of its exit. */
  kill(because: string): void;
  /** Asks another machine at once how it stands. */
  look?(): void;
  /** Whether what it was asked for could be taken back, as its machine has not heard of it yet. */
  takeBack?(): boolean;
  /** Hosts it no longer and lets it go on; `ended` then stays pending. Only of another machine or another program. */
  detach?(): void;
  /** Ends the run as cancelled, whatever its program still does. Only of another program. */
  giveUp?(): void;
}
