import { z } from 'zod';
import type { Protocol } from '../../evaluation/types.ts';
import type { RunLabel } from '../../run-names.ts';
import type { StudyKind } from '../home/study-spec.ts';
import { RUN_STATUSES } from '../runs/run-life.ts';
import type { OwnRun, RunRecord, RunStatus } from '../types.ts';
import type { Tuning } from './sweeps.ts';

const id = z.string().min(1);
/**
 * What the table of runs can be sorted, filtered and grouped by: a column such as "model" or "createdAt",
 * "metric:test/ndcg@10", or "config:dim".
 */
const field = z.string().min(1).max(200);
const filter = z.object({
  field,
  operator: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains']),
  value: z.union([z.string(), z.number(), z.boolean()]),
});
const sortKey = z.object({ field, descending: z.boolean() });

export const runTableQuery = z.object({
  /** Only these; empty means any. */
  runs: z.array(id).max(10_000).default([]),
  /** Words that all must occur in name, model, data set, project, status, notes, tags or at the start of the id. */
  search: z.string().max(500).default(''),
  filters: z.array(filter).max(50).default([]),
  /** Empty means any. */
  statuses: z.array(z.enum(RUN_STATUSES)).default([]),
  tags: z.array(z.string()).default([]),
  /** Id of the only project; null means any. */
  project: z.string().nullable().default(null),
  starred: z.boolean().default(false),
  archived: z.enum(['hide', 'only', 'all']).default('hide'),
  /** First key first; newest first where it leaves a tie. */
  sort: z.array(sortKey).max(8).default([]),
  groupBy: field.nullable().default(null),
  /** Runs that differ only in their seed become one row. */
  fold: z.boolean().default(false),
  /** With `fold`, the runs of a study or a sweep become one row, too. */
  foldStudies: z.boolean().default(false),
  /** Test results of a sweep's trials: of all, or of those alone that their sweeps chose. */
  trials: z.enum(['all', 'chosen']).default('all'),
  /** Also what there is of all rows: their order and their runs. */
  outline: z.boolean().default(false),
  /** Metrics wanted of each row, such as "test/ndcg@10". */
  metrics: z.array(z.string()).max(500).default([]),
  /** Config keys wanted of each row. */
  config: z.array(z.string()).max(500).default([]),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(1000).default(200),
});

export type RunTableQuery = z.output<typeof runTableQuery>;
export type RunFilter = z.output<typeof filter>;
export type RunField = z.output<typeof field>;

/** What a user noted about a run. */
export interface Annotations {
  tags: string[];
  notes: string;
  starred: boolean;
  archived: boolean;
  /** Name of the project that it is in. */
  project: string | null;
}

export interface MetricCell {
  /** Over the runs of the row that have the metric; NaN where one of them is not a number. */
  mean: number;
  /** Standard deviation over seeds (n - 1), null for one run. */
  std: number | null;
  count: number;
  /** "2,000 of 22,363 users" where the newest run evaluated only some. */
  sample?: string;
  /** The program that trained the run says so; nobody measured it here. */
  stated?: boolean;
}

/** A run, or with `fold` the runs that differ only in their seed: numbers are their means, other single values the newest run's. */
export interface RunTableRow
  extends Pick<
      RunRecord,
      | 'id'
      | 'kind'
      | 'name'
      | 'model'
      | 'dataset'
      | 'status'
      | 'message'
      | 'device'
      | 'parameters'
      | 'createdAt'
      | 'startedAt'
      | 'endedAt'
      | 'epochs'
      | 'selectedEpoch'
      | 'seconds'
      | 'peakMemory'
      | 'energy'
      | 'listSeconds'
      | 'protocolFingerprint'
    >,
    Annotations {
  /** What trained it, where that is another program. */
  program: string | null;
  /** Null where another program trained it. */
  requestedDevice: OwnRun['requestedDevice'] | null;
  /** Rows of one key were measured alike: their metrics may stand beside each other. Null without results. */
  comparisonKey: string | null;
  /** What the row is called where there is little room. */
  label: RunLabel;
  /**
   * The study or sweep that the row stands for. Its runs differ in their config, so that a study's row has no metrics, and a
   * sweep's those of the trial that it chose.
   */
  study: { id: string; name: string; kind: StudyKind; sizes: number } | null;
  /** It is of the trial that its sweep chose. */
  chosen: boolean;
  /** What was spent on choosing its settings; null where no sweep chose them. */
  tuning: Tuning | null;
  /** Waits in the queue until it is released. */
  paused: boolean;
  /** Newest first. */
  runs: { id: string; name: string; seed: number | null; status: RunStatus }[];
  /** Of the requested metrics; a metric that the row lacks is left out. */
  metrics: Record<string, MetricCell>;
  /** Of the requested keys. */
  config: Record<string, unknown>;
  /** Key of its group. */
  group: string | null;
}

/** Rows that stand together under `groupBy`. */
export interface RunTableGroup {
  key: string;
  /** Null for the rows without a value; they come last. */
  value: string | null;
  rows: number;
  /** Of rows that are grouped by data set, and so by protocol as well: what measured them; null without results. */
  protocol: Protocol | null;
}

/** Which values are the best, of rows that were measured alike and are three or more. */
export type RunPlace = 'best' | 'second';

/** By the first run of a row, then by metric. */
export type RunPlaces = Record<string, Record<string, RunPlace>>;

export interface RunTablePage {
  /** Rows there are under the filters. */
  total: number;
  /** All groups in the order of the rows; null where nothing is grouped. */
  groups: RunTableGroup[] | null;
  rows: RunTableRow[];
  /** Where it was asked for, of every row in order the ids of its runs, the newest first, with spaces between them. */
  outline: string[] | null;
}

/** How many runs there are, archived ones apart, and all metrics that they have. */
export interface RunTotals {
  runs: number;
  archived: number;
  metrics: string[];
  /** Of these the ones that say how good a run is, that which most runs have first. */
  decisive: string[];
}

/** What the columns and filters of the table can name. */
export interface RunTableFields extends RunTotals {
  config: string[];
  /** Of these keys those with more than one value. */
  differing: string[];
  models: string[];
  datasets: string[];
  tags: string[];
  projects: string[];
}
