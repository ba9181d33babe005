import type { ImportState } from './datasets.ts';
import type { TrainingProgress } from './runs.ts';

/**
 * Events sent to the window. Events of one kind about one thing are merged while the window is
 * busy: it receives the latest.
 */
export type AppEvent =
  /** A run's row changed: status, results, notes; null if it may be any run. */
  | { type: 'run'; run: string | null }
  /** How far the training of a run is; null where an attempt begins or has ended. */
  | { type: 'progress'; run: string; progress: TrainingProgress | null }
  /** New points are available. */
  | { type: 'series'; run: string }
  | { type: 'log'; run: string }
  | { type: 'queue' }
  | { type: 'comparisons' }
  | { type: 'import'; state: ImportState }
  | { type: 'datasets' }
  | { type: 'settings' }
  /** Other plug-ins may run than before. */
  | { type: 'plugins' }
  /** Another data folder is open: everything must be fetched again. The last event of the old one. */
  | { type: 'home' }
  /** The program ends, once the trainers of so many runs have stopped. */
  | { type: 'closing'; runs: number }
  /** A message for the user, on any screen. */
  | { type: 'notice'; level: 'info' | 'warn' | 'error'; title: string; text: string; run: string | null };
