import type { DatasetStatistics } from '../data/types.ts';
import type { ComparedSlice, Significance, TestedRun } from '../evaluation/paired/types.ts';
import type { PracticalRequest } from '../evaluation/practical/index.ts';
import type { Protocol } from '../evaluation/types.ts';
import type { DrawFigure } from '../figures/spec.ts';
import type { UnknownFact } from '../foreign/results/unknown.ts';
import type { Processor } from '../processor-kinds.ts';
import type { RecipeDataset } from '../reproduce/recipe.ts';
import type { RunLabel } from '../run-names.ts';
import type { Tuning } from '../store/table/sweeps.ts';
import type { ResultFacts } from '../store/types.ts';
import type { CheckpointEvaluation } from '../training/events.ts';
import type { FactColumn, LatexStyle, ReportPart, RowNames } from './formats.ts';

/** One training curve. */
export interface RunSeries {
  /** Metric name such as "valid/ndcg@10". */
  metric: string;
  steps: number[];
  epochs: number[];
  /** Milliseconds. */
  times: number[];
  values: number[];
}

/** What a comparison takes of a run. Only id, name, model and metrics must be there. */
export interface ComparedRun extends TestedRun {
  id: string;
  name: string;
  model: string;
  /** What trained it, such as "RecBole 1.2", where that was not this program. */
  program?: string | null;
  seed?: number | null;
  config?: Record<string, unknown> | null;
  dataset?: { name: string; fingerprint: string; statistics?: DatasetStatistics | null } | null;
  /** What tells its data apart (`dataKey`), or the name that another program has for them; null or absent where nobody knows. */
  data?: string | null;
  /** Which checkpoint of another run it measured; null or absent for a training. */
  evaluates?: Pick<CheckpointEvaluation, 'kind' | 'splits'> | null;
  /** Whether it was trained and tests what it started from, because no epoch was better. */
  asItStarted?: boolean;
  /** What it rests on that was made elsewhere; of version 1 as far as the run's config tells. */
  unknownSources?: readonly string[];
  /** The pretrained models among these by name, as far as they can be told. */
  pretrained?: readonly string[];
  /** Of a result of another program: what its file holds, and what nobody has said of it. */
  result?: ResultFacts | null;
  unknown?: readonly UnknownFact[];
  /** The versions of the program that trained it, in order. */
  versions?: readonly string[];
  /** What was spent on choosing its settings, where a sweep did. */
  tuning?: Tuning | null;
  /** The kinds of CPU that trained it, in order. */
  processors?: readonly Processor[];
  environment?: Record<string, string | number> | null;
  device?: string | null;
  seconds?: number | null;
  /** Bytes, joules, and seconds of ranking for one user; absent or null where they are not known. */
  peakMemory?: number | null;
  energy?: number | null;
  listSeconds?: number | null;
  /** Number of trained parameters. */
  parameters?: number | null;
  series?: readonly RunSeries[] | null;
}

export interface ComparisonOptions {
  /** Id or name of a run; the others are tested against its row. Default: the first run; null for none. */
  baseline?: string | null;
  /** Metrics to show, "test/" being optional. Default: those of the tables of the field. */
  metrics?: readonly string[];
  /** What rows are called: by the names of their runs, or by model and what tells them apart. Default: full. */
  names?: RowNames;
  /** What the user calls rows, by the id of one of their runs. */
  labels?: Readonly<Record<string, string>>;
  /** Resamples of the bootstrap. Default: 2000. */
  resamples?: number;
  /** Seed of the bootstrap. Default: 1. */
  bootstrapSeed?: number;
  /** What is asked of differences besides. Default: nothing. */
  practical?: PracticalRequest;
}

/** Rows tested against the baseline so far. */
export interface ComparisonProgress {
  done: number;
  total: number;
}

export interface MetricColumn {
  /** Full name such as "test/ndcg@10". */
  name: string;
  /** As a table shows it, for example "NDCG@10". */
  label: string;
  direction: 'higher' | 'lower' | 'none';
  decimals: number;
}

export interface ComparisonCell {
  /** Mean over the runs of the row that have the metric; null when none has. */
  mean: number | null;
  /** Standard deviation over seeds (n - 1); null for one run. */
  std: number | null;
  values: number[];
  mark: 'best' | 'second' | null;
  /** Row minus the baseline of its protocol over the users of both; null for a baseline, and without one. */
  delta: number | null;
  deltaPercent: number | null;
  significance: Significance | null;
  /** Place of its footnote among those of the comparison. */
  note?: number;
}

/** One line of the table: a run, or runs that differ in nothing but their seed. */
export interface ComparisonRow {
  /** As the comparison calls its rows. */
  name: string;
  /** The name of its run, or what the names of its runs have in common. */
  fullName: string;
  label: RunLabel;
  model: string;
  runs: ComparedRun[];
  seeds: number[];
  /** Index into `protocols`. */
  protocol: number;
  /** Of its protocol. */
  isBaseline: boolean;
  /** What nobody has said of it: such a row is never marked best, chosen or led by. */
  unknown: readonly UnknownFact[];
  /** Places of its footnotes among those of the comparison. */
  notes: number[];
  /** Aligned with `columns`. */
  cells: ComparisonCell[];
  /** Means of the metrics that are no column, aligned with `otherColumns`. */
  others: (number | null)[];
}

/**
 * Rows that were measured under one protocol and may be compared with each other. Only what their models know of the
 * target's time may differ; a warning then says so.
 */
export interface ProtocolGroup {
  /** "A", "B", … */
  label: string;
  /** Null where the runs do not state their protocol; several, separated by ", ", where the target's time differs. */
  fingerprint: string | null;
  /** Without the target's time where the rows differ in it. */
  protocol: Protocol | null;
  rows: number[];
  /** Index of the row that its others are tested against; null where there is none. */
  baseline: number | null;
}

/** What one source has printed of a row's model on the row's data set. */
export interface PublishedRow {
  /** Whether the source proposes the model itself. */
  isPaper: boolean;
  /** Id and title of the source, and where it can be found. */
  source: string;
  title: string;
  where: string;
  /** By full names of metrics such as "test/ndcg@10". */
  values: Record<string, number>;
}

export interface Comparison {
  columns: MetricColumn[];
  otherColumns: MetricColumn[];
  /** Ordered by protocol group, else as given. */
  rows: ComparisonRow[];
  protocols: ProtocolGroup[];
  /** Index of the row that was chosen as the baseline; other protocols are tested against their own row of it. */
  baseline: number | null;
  /** What a reader must know before reading the numbers; whole sentences. */
  warnings: string[];
  /** What the marks beside names and values mean. */
  footnotes: string[];
  /** Config keys in which comparable rows differ; one value a row, null where a row has no such key. */
  configDifferences: { key: string; values: (string | null)[] }[];
  resamples: number;
  /** Published results shown beside the rows; empty unless requested. */
  published: PublishedSection[];
  /** By data set: every model with what is published of it and what these runs reached; where published results are. */
  overview?: TableSection[];
  /** What others have printed of each row's model, aligned with `rows`; none unless requested. */
  beside?: PublishedRow[][];
  /** Slices of every row, aligned with `rows`; none unless they were requested. */
  slices?: ComparedSlice[][];
  /** What its rows are made again from; none unless a report asks for it. */
  reproduction?: Reproduction;
}

/** What whoever has neither this home nor its runs needs to make them again. */
export interface Reproduction {
  /** Of the rows that were measured here. */
  datasets: readonly RecipeDataset[];
  /** Imports and trainings, in their order. */
  commands: readonly string[];
  /** What runs are called in commands, by their ids: a name that no other run has, or the id itself. */
  references: Readonly<Record<string, string>>;
  /** Runs of this program that are not trained again, by their ids. */
  left: readonly { run: string; reason: string }[];
}

/** A published value, or one of ours with its difference to the value it stands under. */
export interface PublishedCell {
  value: number | null;
  /** Ours minus published. */
  difference: number | null;
  percent: number | null;
  /** Numbers of footnotes. */
  marks: number[];
}

/** A published result, or a row of the comparison under the result of its model. */
export interface PublishedLine {
  kind: 'published' | 'ours';
  name: string;
  /** Model id; null for a published model that is none of ours. */
  model: string | null;
  marks: number[];
  /** Aligned with the section's columns. */
  cells: PublishedCell[];
}

/** What one source has published for one data set. */
export interface PublishedSection {
  source: string;
  where: string;
  dataset: string;
  /** In one line. */
  protocol: string;
  columns: MetricColumn[];
  lines: PublishedLine[];
  /** Numbered from 1, in the order of their marks. */
  footnotes: string[];
  /** What holds for all numbers, why this data set, and where ours was made differently; whole sentences. */
  remarks: string[];
}

/** A table of texts. */
export interface ReportTable {
  headings: string[];
  /** The first columns are text, the others numbers. */
  textColumns: number;
  lines: string[][];
}

/** A table of a report: a heading, lines of texts, and what to know about them. */
export interface TableSection extends ReportTable {
  title: string;
  /** Whole sentences under the table. */
  notes?: string[];
}

/** What can be asked of a report; each format takes what applies to it. Without a word, everything and the usual columns. */
export interface WriteOptions {
  facts?: readonly FactColumn[];
  parts?: readonly ReportPart[];
  /** Names of the series whose curves are drawn; default: the most telling ones. */
  curves?: readonly string[];
  /** html and md: the heading; latex: the begin of the caption. */
  title?: string;
  /** html and md: the user's own text under the heading; blank lines part its paragraphs. */
  text?: string;
  /** html: shown under the title, for example the day and the program's version. */
  subtitle?: string;
  /** Draws figures, for formats that show them. Default: they are left out. */
  draw?: DrawFigure;
  /** folder, md: takes a chart as an SVG file, and gives the name of that file beside the report. Default: no charts. */
  keepFigure?(svg: string): string;
  /** page: the script that answers in it. Default: the page stays as it is written. */
  script?: string;
  /** folder: name of the file beside the report that has its numbers. */
  tableFile?: string;
  /** latex: wrap the tables in a document that compiles by itself. */
  standalone?: boolean;
  /** latex: the class that the tables are set for, and what they are referred to by. */
  style?: LatexStyle;
  label?: string;
  /** What the user calls rows, by the id of one of their runs. */
  labels?: Record<string, string>;
  /** table: bold and underline by escape sequences. */
  ansi?: boolean;
}
