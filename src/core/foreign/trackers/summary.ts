/** What an import of runs is asked, and what it finds. */
import { z } from 'zod';
import { pathSchema } from '../../files/path-fields.ts';
import { withCommas } from '../../names.ts';

/** What is read, and what it is called. A file is of the first that knows it. */
export const TRACKER_TITLES = {
  tensorboard: 'TensorBoard',
  mlflow: 'MLflow',
  wandb: 'W&B',
  trackio: 'trackio',
  neptune: 'Neptune',
  optuna: 'Optuna',
  huggingface: 'Hugging Face Trainer',
  sacred: 'Sacred',
  recbole: 'RecBole',
  bundle: 'a bundle of Tessera',
  csv: 'CSV',
} as const;
export type OwnTracker = keyof typeof TRACKER_TITLES;
/** One of ours, or the name that a plug-in gives its own. */
export type TrackerKind = OwnTracker | (string & {});
export const TRACKER_KINDS = Object.keys(TRACKER_TITLES) as OwnTracker[];

/** A user's table: their names of metrics, and ours; empty for a name that is to stay as it is. */
export type MetricMap = Record<string, string>;

export const trackerRequestSchema = z.object({
  /** Files and folders, of one tracker. */
  paths: z.array(pathSchema).min(1),
  /** Null finds it out. */
  from: z.string().max(200).nullable(),
  /** Goes before what is remembered. */
  map: z.record(z.string(), z.string().max(200)),
});
export type TrackerRequest = z.output<typeof trackerRequestSchema>;

export interface TrackerProgress {
  /** 0..1 */
  fraction: number;
  runs: number;
}

/** A run that was found. deleted: it was imported before, and lies in the trash. */
export interface FoundRun {
  /** Null for one that is not kept yet. */
  id: string | null;
  name: string;
  state: 'new' | 'changed' | 'unchanged' | 'deleted';
  /** New ones. */
  points: number;
  metrics: number;
}

export interface TrackerSummary {
  tracker: TrackerKind;
  title: string;
  runs: FoundRun[];
  /** Searches that have become sweeps now. */
  sweeps: { id: string; name: string }[];
  /** Every metric of the runs, and what it is kept as. */
  metrics: { theirs: string; ours: string }[];
  /** What was passed over: a thing and how many, or a sentence. */
  lost: { what: string; count: number | null }[];
}

/** Words for how a run stands to what is kept. */
export const FOUND_STATES: Record<FoundRun['state'], string> = {
  new: 'new',
  changed: 'updated',
  unchanged: 'unchanged',
  deleted: 'in the trash',
};

/** Such as "3 new, 1 in the trash". */
export function foundText({ runs }: TrackerSummary): string {
  const states = Object.keys(FOUND_STATES) as FoundRun['state'][];
  const counts = states.map((state) => [runs.filter((run) => run.state === state).length, state] as const);
  return counts
    .flatMap(([count, state]) => (count > 0 ? `${withCommas(count)} ${FOUND_STATES[state]}` : []))
    .join(', ');
}

export const lostText = ({ what, count }: TrackerSummary['lost'][number]): string =>
  count === null ? `${what}.` : `Skipped: ${what} (${withCommas(count)}).`;
