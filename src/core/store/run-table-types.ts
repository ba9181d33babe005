import type { RunRecord, RunStatus } from './types.ts';

/**
 * What the table of runs can be sorted, filtered and grouped by: a column such as "model" or "createdAt",
 * "metric:test/ndcg@10", or "config:dim".
 */
export type RunField = string;

export interface RunFilter {
  field: RunField;
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';
  value: string | number | boolean;
}

export interface RunTableQuery {
  /** Only these; empty means any. */
  runs: string[];
  /** Words that all must occur in name, model, data set, project, status, notes, tags or at the start of the id. */
  search: string;
  filters: RunFilter[];
  /** Empty means any. */
  statuses: RunStatus[];
  tags: string[];
  /** Id of the only project; null means any. */
  project: string | null;
  starred: boolean;
  archived: 'hide' | 'only' | 'all';
  /** First key first; newest first where it leaves a tie. */
  sort: { field: RunField; descending: boolean }[];
  groupBy: RunField | null;
  /** Runs that differ only in their seed become one row. */
  fold: boolean;
  /** With `fold`, the runs of a study become one row, too. */
  foldStudies: boolean;
  /** Metrics wanted of each row, such as "test/ndcg@10". */
  metrics: string[];
  /** Config keys wanted of each row. */
  config: string[];
  offset: number;
  limit: number;
}

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
}

/** A run, or with `fold` the runs that differ only in their seed; single values are the newest run's. */
export interface RunTableRow
  extends Pick<
      RunRecord,
      | 'id'
      | 'name'
      | 'model'
      | 'dataset'
      | 'status'
      | 'message'
      | 'requestedDevice'
      | 'device'
      | 'parameters'
      | 'createdAt'
      | 'startedAt'
      | 'endedAt'
      | 'epochs'
      | 'seconds'
      | 'protocolFingerprint'
    >,
    Annotations {
  /** The study that the row stands for; its runs differ in their config, so that the row has no metrics. */
  study: { id: string; name: string } | null;
  /** Newest first. */
  runs: { id: string; name: string; seed: number; status: RunStatus }[];
  /** Of the metrics asked for; a metric that the row lacks is left out. */
  metrics: Record<string, MetricCell>;
  /** Of the keys asked for. */
  config: Record<string, unknown>;
  /** Value of the field it is grouped by. */
  group: string | null;
}

/** Rows that stand together under `groupBy`. */
export interface RunTableGroup {
  /** Null for the rows without a value; they come last. */
  value: string | null;
  rows: number;
}

export interface RunTablePage {
  /** Rows there are under the filters. */
  total: number;
  /** All groups in the order of the rows; null where nothing is grouped. */
  groups: RunTableGroup[] | null;
  rows: RunTableRow[];
}

/** What the columns and filters of the table can name. */
export interface RunTableFields {
  metrics: string[];
  config: string[];
  models: string[];
  datasets: string[];
  tags: string[];
  projects: string[];
  /** How many runs there are, archived ones apart. */
  runs: number;
  archived: number;
}
