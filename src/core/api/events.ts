import { type RunTopic, TOPICS, type Topic } from './asking.ts';
import type { ImportState } from './datasets.ts';
import type { TrainingProgress } from './runs.ts';
import type { WorkState } from './work.ts';

/** What may have changed of the home as a whole: any run's row, the queue, and so on. */
export type Changed = 'runs' | Exclude<Topic, RunTopic | 'imports' | 'work'>;

/**
 * Events sent to the window. Events of one kind about one thing are merged while the window is
 * busy: it receives the latest.
 */
export type AppEvent =
  | { type: Changed }
  /** A run went on: its status, its results, and what it has. */
  | { type: 'run'; run: string }
  /** How far the training of a run is; null where an attempt begins or has ended. */
  | { type: 'progress'; run: string; progress: TrainingProgress | null }
  /** New points are available. */
  | { type: 'series'; run: string }
  | { type: 'log'; run: string }
  | { type: 'checkpoint'; run: string }
  | { type: 'import'; state: ImportState }
  | { type: 'work'; state: WorkState }
  /** Another data folder is open: everything must be fetched again. The last event of the old one. */
  | { type: 'home' }
  /** The program ends, once the trainers of so many runs have stopped. */
  | { type: 'closing'; runs: number }
  /** A message for the user, on any screen. */
  | { type: 'notice'; level: 'info' | 'warn' | 'error'; title: string; text: string; run: string | null };

/** What each event says to have changed. What it carries itself, windows need not ask for. */
export const CHANGES: Readonly<Record<AppEvent['type'], readonly Topic[]>> = {
  run: ['runs', 'checkpoints', 'series', 'logs'],
  runs: ['runs'],
  checkpoint: ['checkpoints'],
  progress: [],
  series: ['series'],
  log: ['logs'],
  queue: ['queue'],
  projects: ['projects'],
  studies: ['studies'],
  comparisons: ['comparisons'],
  plans: ['plans'],
  import: ['imports'],
  work: ['work'],
  datasets: ['datasets'],
  trash: ['trash'],
  settings: ['settings'],
  views: ['views'],
  hosts: ['hosts'],
  plugins: ['plugins'],
  models: ['models'],
  home: TOPICS,
  closing: [],
  notice: [],
};
