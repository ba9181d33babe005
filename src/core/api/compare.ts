import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { DifferenceLine } from '../documents/comparison/sections/differences.ts';
import {
  BESIDE_KINDS,
  type BesideKind,
  FACT_COLUMNS,
  FILE_FORMATS,
  REPORT_PARTS,
  ROW_NAMES,
} from '../documents/formats.ts';
import type {
  Comparison,
  ComparisonCell,
  ComparisonProgress,
  ComparisonRow,
  ProtocolGroup,
  PublishedRow,
  PublishedSection,
  TableSection,
} from '../documents/types.ts';
import type { Report } from '../documents/writers/write.ts';
import type { Choosable } from '../evaluation/choice.ts';
import type { CalibrationBin } from '../evaluation/classification.ts';
import type { ComparedSlice } from '../evaluation/paired/types.ts';
import type { FiguresPdf } from '../figures/pdf/figures-pdf.ts';
import type { RunStatus } from '../store/types.ts';
import type { SeriesPoints } from '../training/events.ts';
import { asks, does, type Topic } from './asking.ts';
import { rowNames } from './comparisons.ts';
import { type RunTableRow, runId } from './runs.ts';

export { baselineName } from '../documents/comparison/rows/baseline-words.ts';
export { metricColumn } from '../documents/comparison/rows/columns.ts';
export {
  cellMark,
  exactWords,
  footnoteLines,
  footnoteMark,
  markedName,
  markText,
} from '../documents/comparison/rows/footnotes.ts';
export { bestFirst, leadColumns, statedOf } from '../documents/comparison/rows/order.ts';
export type { DifferenceLine } from '../documents/comparison/sections/differences.ts';
export {
  choosingSign,
  differencesFigure,
  namedSeries,
  type RowColours,
  rowLevels,
  rowMeans,
  rowSeries,
  testedFigures,
  trainingFigure,
} from '../documents/comparison/sections/figures.ts';
export {
  nobodyHits,
  type SliceCell,
  type SliceGroup,
  type SliceLine,
  sliceGroups,
  sliceVerdict,
} from '../documents/comparison/sections/slice-table.ts';
export { disagrees, findingOf, verdictOf } from '../documents/comparison/sections/verdict.ts';
export {
  type Difference,
  type DifferenceScale,
  differenceOf,
  differenceScale,
} from '../documents/difference-scale.ts';
export type { ForestAxis, ForestMark, Verdict } from '../documents/document.ts';
export {
  BESIDE_TITLES,
  type BesideKind,
  FACT_COLUMNS,
  FACT_TITLES,
  type FactColumn,
  FILE_FORMATS,
  type FileFormat,
  isAppendix,
  PART_TITLES,
  REPORT_FORMATS,
  REPORT_PARTS,
  type ReportPart,
  type RowNames,
  USUAL_PARTS,
} from '../documents/formats.ts';
export type {
  ComparisonCell,
  ComparisonProgress,
  MetricColumn,
  ProtocolGroup,
  PublishedRow,
  PublishedSection,
  TableSection,
} from '../documents/types.ts';
export { forestCell, forestHead } from '../documents/writers/forest-svg.ts';
export type { Report } from '../documents/writers/write.ts';
export { byValidation, type Choosable, LEADERBOARD_METRIC } from '../evaluation/choice.ts';
export type { CalibrationBin } from '../evaluation/classification.ts';
export { FEWEST_IN_BIN } from '../evaluation/classification.ts';
export { idsNote } from '../evaluation/familiarity.ts';
export type { ComparedSlice } from '../evaluation/paired/types.ts';
export { type PracticalRequest, ropeOf, ropeText } from '../evaluation/practical/index.ts';
export { FEWEST_USERS } from '../evaluation/significance.ts';

/** A row of a comparison without the per-user results it was made from. */
export interface ComparedRow extends Omit<ComparisonRow, 'runs'> {
  /** Id of its first run, which names the row everywhere. */
  id: string;
  runs: { id: string; name: string; seed: number | null }[];
  /** What others have printed of its model on its data set. */
  published: PublishedRow[];
  /** What trained it, where that was not this program. */
  program: string | null;
  /** How long its lists are, where nothing is known beyond them. */
  known: number | null;
  /** Share of the users that have a list of it; null where nearly all have one. */
  coverage: number | null;
  dataset: string | null;
  device: string | null;
  /** Mean over the runs that state it. */
  seconds: number | null;
  parameters: number | null;
}

/** A comparison as the window shows it. */
export interface ComparisonView extends Omit<Comparison, 'rows' | 'protocols' | 'published' | 'slices'> {
  rows: ComparedRow[];
  /** `words`: the protocol in one line, part by part. */
  protocols: (ProtocolGroup & { words: string[] })[];
  /** Every config key with one value per row, null if a row has no such key. */
  configs: Comparison['configDifferences'];
  /** Every field of the protocols with one value per protocol, null if a protocol does not state it. */
  protocolFields: { title: string; values: (string | null)[] }[];
  /** As every report prints them. */
  differences: DifferenceLine[];
  /** What the marks mean, and how the differences were tested. */
  notes: string[];
  testNote: string | null;
  /** Which rows were tuned, and with how much, where that is not the same for all. */
  tuningNote: string | null;
  /** What differences come to in practice; none unless it was asked for. */
  practical: TableSection[];
  /** Sources with results for the data set of at least one row. */
  published: { source: string; sections: PublishedSection[] }[];
  /** Requested runs without results. */
  withoutResults: { id: string; name: string; title: string; status: RunStatus }[];
  /** Requested runs that have been deleted. */
  deleted: string[];
}

/** How far the tests are; the first step has the comparison without them. */
export type ComparisonSoFar = ComparisonProgress & { untested?: ComparisonView };

/** The times are milliseconds since the run began. */
export interface ComparedCurve extends Omit<SeriesPoints, 'metric'> {
  run: string;
}

export interface CurveComparison {
  /** Of all runs together, the most informative first. */
  metrics: string[];
  /** Of one metric; runs without it are left out. */
  curves: ComparedCurve[];
}

/** Metrics of a row of the comparison by slice: means over its seeds. */
export interface SliceComparison {
  /** As in `ComparedRow`. */
  id: string;
  slices: ComparedSlice[];
}

/** Predicted against observed click rates on a ranking run's test rows, for its main label. */
export interface ReliabilityCurve {
  /** Of the run. */
  id: string;
  task: string;
  rows: number;
  /** Bins of equal width that have rows. */
  bins: CalibrationBin[];
  /** Expected calibration error, and the largest of the bins of FEWEST_IN_BIN rows. */
  expected: number;
  maximum: number;
}

/** `valid` is null where the row is shown, but must not be chosen; `remark`: whose lists are missing, of a result of another program. */
export type LeaderboardRow = RunTableRow & Choosable & { remark: string | null };

/** Configurations of one data set and protocol. */
export interface Leaderboard {
  /** Those that every row shows; it is ranked by the first. */
  metrics: [string, ...string[]];
  /** The best of each model by its validation, best first. */
  best: LeaderboardRow[];
  /** In the same order; those that must not be chosen last. */
  others: LeaderboardRow[];
  /** Runs on the data set, whatever became of them. */
  runs: number;
  /** How many were measured under other protocols or lack the metric. */
  elsewhere: number;
  /** How many runs of studies were left out: of sweeps all but the chosen trial, of scaling studies all. */
  trials: number;
}

/** A test metric of one run, beside the best baseline. */
export interface BaselineComparison {
  /** 95 %, over users; null where the metric has no value a user. */
  interval: [number, number] | null;
  /** Run minus the fitted baseline that is best on validation items among those that it may be compared with; null without one, and of that baseline itself. */
  against: BaselineDifference | null;
}

export interface BaselineDifference extends Pick<ComparisonCell, 'deltaPercent' | 'significance'> {
  /** Of the baseline. */
  id: string;
  name: string;
  model: string;
  delta: number;
}

/** Something that a report may have beside a comparison. */
export interface Beside {
  kind: BesideKind;
  id: string;
  name: string;
}

/** Runs of a comparison. */
export const MAX_COMPARED = 1_000;

const runs = z.array(runId).min(1).max(MAX_COMPARED);

/** What is asked of differences besides: whether they matter, and how many users and seeds they need. */
export const practicalRequest = z.object({
  rope: z.object({ size: z.number().nonnegative(), isShare: z.boolean() }).optional(),
  power: z.number().gt(0).lt(1).optional(),
});

const request = z.object({
  runs,
  /** A run of the list; null for none. Default: SASRec, else the best simple baseline, else the first. */
  baseline: runId.nullable().optional(),
  /** Names such as "test/ndcg@10". Default: the usual ones. */
  metrics: z.array(z.string()).min(1).optional(),
  labels: rowNames.optional(),
  practical: practicalRequest.optional(),
});

const reportRequest = request.extend({
  format: z.enum(FILE_FORMATS),
  title: z.string().trim().max(200).optional(),
  /** The user's own text under the title. */
  text: z.string().max(100_000).optional(),
  /** latex: a document that compiles by itself. */
  standalone: z.boolean().default(false),
  names: z.enum(ROW_NAMES).optional().describe('what rows are called; default: as usual in the format'),
  facts: z.array(z.enum(FACT_COLUMNS)).optional(),
  parts: z.array(z.enum(REPORT_PARTS)).optional(),
  /** Series whose curves are drawn. */
  curves: z.array(z.string()).max(100).optional(),
  /** Ids of sources whose results stand beside the rows. */
  published: z.array(z.string()).default([]),
  /** What else is in it, each from a page of its own on. */
  also: z
    .array(z.object({ kind: z.enum(BESIDE_KINDS), id: z.string().min(1) }))
    .max(50)
    .default([]),
});

const baselineRequest = z.object({ run: runId, metric: z.string() });

export type CompareRequest = z.output<typeof request>;
export type BaselineRequest = z.output<typeof baselineRequest>;
export type ReportRequest = z.output<typeof reportRequest>;

/** The best of a data set: of a study only what it chose. */
const CHOSEN: readonly Topic[] = ['runs', 'datasets', 'studies', 'projects'];

export const compare = {
  hub: {
    /** Curves of one metric, thinned to the width of the chart. Default: the most informative metric. */
    curves: asks([], { runs: ['runs', 'series'] })
      .input(
        z.object({
          runs,
          metric: z.string().optional(),
          /** First and last step. */
          from: z.int().min(0).optional(),
          to: z.int().min(0).optional(),
          pixels: z.int().min(10).max(20_000),
        }),
      )
      .output(type<CurveComparison>()),
    leaderboard: asks(CHOSEN)
      .input(z.object({ dataset: z.string() }))
      .output(type<Leaderboard>()),
    /** By data set, for what shows several. */
    leaderboards: asks(CHOSEN)
      .input(z.object({ datasets: z.array(z.string()) }))
      .output(type<Record<string, Leaderboard>>()),
  },
  analyst: {
    /** Reports progress, then returns the table. */
    table: asks(['datasets'], { runs: ['runs'] })
      .input(request)
      .output(eventIterator(type<ComparisonSoFar>(), type<ComparisonView>())),
    toBaseline: asks(CHOSEN).input(baselineRequest).output(type<BaselineComparison>()),
    /** 95 % over users, by the name of each test metric of a run that follows from a rank a user. */
    intervals: asks([], { run: ['runs'] })
      .input(z.object({ run: runId }))
      .output(type<Record<string, [number, number]>>()),
    /** Differences are to the row of the baseline, a run of the list. */
    slices: asks(['datasets'], { runs: ['runs'] })
      .input(z.object({ runs, baseline: runId.nullable().optional() }))
      .output(type<SliceComparison[]>()),
    /** Only of ranking runs. */
    reliability: asks([], { runs: ['runs'] })
      .input(z.object({ runs }))
      .output(type<ReliabilityCurve[]>()),
    report: asks(['runs', 'studies', 'comparisons', 'datasets'], { runs: ['series'] })
      .input(reportRequest)
      .output(type<Report>()),
    /** A figure as a PDF, of the SVG that is saved of it: the text of the file, and letters that its typeface lacks. */
    figurePdf: does
      .input(z.object({ svg: z.string().min(1).max(50_000_000), title: z.string().max(2000) }))
      .output(type<FiguresPdf>()),
    /** What a report may have beside a comparison. */
    beside: asks(['runs', 'studies', 'comparisons']).output(type<Beside[]>()),
  },
};
