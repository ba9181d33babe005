/** What a host and its worker processes say to each other. */
import type { AnalystContext } from '../../core/api/analyst.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import type { SentError } from './sent-error.ts';

/** To a trainer. */
export type HostMessage =
  | { type: 'start'; spec: TrainSpec }
  | { type: 'cancel' }
  /** The present epoch is the last one. */
  | { type: 'finish' }
  /** These checkpoints are in the store. */
  | { type: 'recorded'; paths: readonly string[] }
  /** The trainer's last message has arrived: it may exit. */
  | { type: 'acknowledge' };

/** From a trainer. */
export type WorkerMessage =
  | { type: 'events'; events: TrainerEvent[] }
  /** The last message. The process exits once it has been acknowledged: an exit can overtake what was sent before it. */
  | { type: 'ended'; failure: SentError | null };

/** The analyst's one task: a call of a procedure of its contract. An iterator's values come as progress. */
export type AnalystTasks = {
  call: {
    input: { path: readonly string[]; input: unknown; context: AnalystContext };
    progress: object;
    output: unknown;
  };
};
