import type { ImportState } from './datasets.ts';
import type { TrainingProgress } from './runs.ts';

/**
 * What the window is told without asking. Events of one kind about one thing are joined while the window is
 * busy: it gets the newest.
 */
export type AppEvent =
  /** The run's row changed: status, results, notes; null where it may be any. */
  | { type: 'run'; run: string | null }
  | { type: 'progress'; run: string; progress: TrainingProgress }
  /** New points; ask for them. */
  | { type: 'series'; run: string }
  | { type: 'log'; run: string }
  | { type: 'queue' }
  | { type: 'import'; state: ImportState }
  | { type: 'datasets' }
  | { type: 'settings' }
  /** Another data folder is open: ask for everything again. The last of its events. */
  | { type: 'home' }
  /** Something to tell the user, whatever screen is open. */
  | { type: 'notice'; level: 'info' | 'warn' | 'error'; title: string; text: string; run: string | null };
