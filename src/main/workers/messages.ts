/** What a host and its trainer process say to each other. */
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';

export type HostMessage = { type: 'start'; spec: TrainSpec } | { type: 'cancel' };

export type WorkerMessage =
  | { type: 'events'; events: TrainerEvent[] }
  /** The trainer gives up; it exits with code 1 next. `name` is the error's class, such as "UserError". */
  | { type: 'error'; name: string; message: string; stack: string };
