/** What a host and its worker processes say to each other. */
import type { AnalystContext } from '../../core/api/analyst.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';

/** To a trainer. */
export type HostMessage = { type: 'start'; spec: TrainSpec } | { type: 'cancel' };

/** From a trainer. */
export type WorkerMessage =
  | { type: 'events'; events: TrainerEvent[] }
  /** The training failed; the process exits with code 1 next. `name` is the error's class, such as "UserError". */
  | { type: 'error'; name: string; message: string; stack: string };

/** The analyst's one task: a call of a procedure of its contract. An iterator's values come as progress. */
export type AnalystTasks = {
  call: {
    input: { path: readonly string[]; input: unknown; context: AnalystContext };
    progress: unknown;
    output: unknown;
  };
};
