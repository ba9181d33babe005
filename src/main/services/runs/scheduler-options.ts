import type { ChosenDevice } from '../../../core/engine/types.ts';
import type { RunRecord } from '../../../core/store/types.ts';

/** What a scheduler asks of its process, and tells it. */
export interface SchedulerOptions {
  /** Runs trained at the same time, by device. Default: one. */
  slots(): Record<string, number>;
  /** The device that "auto" stands for on this machine. */
  autoDevice(): Promise<ChosenDevice>;
  /** Whether the run is to be trained here. Default: all are, and no other process starts any. */
  takes?(run: string): boolean;
  /** What this machine's processor computes between trainings, one at a time, before runs that wait; `look` may begin it where there is room. */
  between?: { isBusy(): boolean; look(hasRoom: boolean): void };
  /** How long all runs wait for that answer. */
  autoMs?: number;
  /** Makes the next training of a search that is open, which then waits; resolves with whether there was one to make. */
  takeStep?(study: string): Promise<boolean>;
  /** Whether the next trainings of a search are to be made here. Default: those of all are. */
  steers?(study: string): boolean;
  /** The queue, or a run's place in it, has changed. */
  onChange(run: string | null): void;
  /** The run as stored once it has ended. */
  onEnded(run: RunRecord): void;
  /** Reports an error that no call can return. */
  onProblem(error: unknown): void;
}
