import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { SliceResult } from '../evaluation/slices.ts';
import { pathField, pathSchema } from '../files/path-fields.ts';
import {
  type TrackerKind,
  type TrackerProgress,
  type TrackerSummary,
  trackerRequestSchema,
} from '../foreign/trackers/summary.ts';
import type { NamedRun } from '../store/runs/named-rows.ts';
import type { TrainingProgress } from '../store/runs/queue-state.ts';
import type { RunDetails } from '../store/runs/run-details.ts';
import type { RunState } from '../store/runs/run-life.ts';
import {
  type Annotations,
  type RunPlaces,
  type RunTableFields,
  type RunTableGroup,
  type RunTablePage,
  type RunTotals,
  runTableQuery,
} from '../store/table/run-table-types.ts';
import type { LogEntry } from '../store/types.ts';
import type { SeriesPoints, UsageSample } from '../training/events.ts';
import type { PlaceState } from '../training/place.ts';
import { asks, does, type Topic } from './asking.ts';

export type { SliceResult } from '../evaluation/slices.ts';
export {
  FOUND_STATES,
  type FoundRun,
  foundText,
  lostText,
  type MetricMap,
  type TrackerKind,
  type TrackerProgress,
  type TrackerSummary,
} from '../foreign/trackers/summary.ts';
export { labelText, nameAlone, nameOf, type RunLabel, sharedName } from '../run-names.ts';
export { versionText } from '../store/runs/attempts.ts';
export type { TrainingProgress } from '../store/runs/queue-state.ts';
export type { RunCheckpoint } from '../store/runs/run-details.ts';
export { isUnfinished, phaseOf, type RunState, UNFINISHED } from '../store/runs/run-life.ts';
export { RUN_FIELDS, type RunFieldName, runFieldFacts } from '../store/table/run-fields.ts';
export type {
  Annotations,
  MetricCell,
  RunField,
  RunFilter,
  RunPlace,
  RunPlaces,
  RunTableFields,
  RunTableQuery,
  RunTableRow,
  RunTotals,
} from '../store/table/run-table-types.ts';
export type {
  AttemptRecord,
  ExternalRun,
  ImportedRun,
  LogEntry,
  MeasuredRun,
  OwnRun,
  RunRecord,
  RunStatus,
} from '../store/types.ts';
export type { CheckpointInfo, SeriesPoints, UsageSample } from '../training/events.ts';

export const runId = z.string().min(1).describe('id of a run');
const runIds = z.array(runId).min(1).max(100_000);
const pixels = z.int().min(10).max(20_000).describe('width of the chart in device pixels');

/** What a page about one run needs at once; points, log and slices are fetched separately. */
export interface RunPage extends RunDetails {
  annotations: Annotations;
  /** Whether it is in the trash. */
  deleted: boolean;
  /** Place among the waiting runs from 1, or null. */
  queuePosition: number | null;
  /** What its page has to say: that a run it builds on was deleted, or that it does not beat Popularity; null for nothing. */
  notice: string | null;
  /** Whether it waits to be released. */
  held: boolean;
  /** How far its training is, as far as the process that hosts it has told; null where it does not train. */
  state: RunState | null;
  /** Latest progress of its training. */
  progress: TrainingProgress | null;
  /** Where it stands on another machine. */
  live: PlaceState | null;
}

/** As the window shows it: protocols in words. */
export interface RunsPage extends Omit<RunTablePage, 'groups'> {
  groups: (Omit<RunTableGroup, 'protocol'> & { protocol: string | null })[] | null;
}

/** What goes along with runs that are deleted. */
export interface RunDeletion {
  /** That were spent on training them. */
  seconds: number;
  /** Other runs that build on them, newest first. */
  dependants: NamedRun[];
  /** Names of saved comparisons that show them. */
  comparisons: string[];
}

export const modelExportRequest = z.object({
  run: runId,
  folder: pathField('New or empty folder; nothing for one in the data folder'),
});

/** A row says what project and what study it is of, and whether it is held. */
const TABLE: readonly Topic[] = ['runs', 'queue', 'projects', 'studies'];

export const runs = {
  hub: {
    table: asks(TABLE).input(runTableQuery).output(type<RunsPage>()),
    /** Which of all rows are the best. */
    places: asks(TABLE).input(runTableQuery).output(type<RunPlaces>()),
    /** Counted at once, also where there are many. */
    totals: asks(['runs']).output(type<RunTotals>()),
    /** What columns, filters and groups can name. */
    fields: asks(['runs', 'projects']).output(type<RunTableFields>()),
    show: asks(['queue', 'projects', 'trash'], { run: ['runs', 'checkpoints', 'series'] })
      .input(z.object({ run: runId }))
      .output(type<RunPage>()),
    /** Curves, thinned to the width of the chart; every visible extreme is kept. */
    series: asks([], { run: ['series'] })
      .input(
        z.object({
          run: runId,
          metrics: z.array(z.string()).min(1).max(200),
          /** First and last step. Default: the whole curve. */
          from: z.int().min(0).optional(),
          to: z.int().min(0).optional(),
          pixels,
        }),
      )
      .output(type<SeriesPoints[]>()),
    /** The newest lines, the oldest of them first. Default: all that are kept. */
    logs: asks([], { run: ['logs'] })
      .input(z.object({ run: runId, most: z.int().min(1).optional() }))
      .output(type<LogEntry[]>()),
    /** CPU, memory and GPU over the course of the run. */
    system: asks([], { run: ['runs'] })
      .input(z.object({ run: runId, pixels }))
      .output(type<UsageSample[]>()),
    /** By the ids of the runs; those that are gone or in the trash are left out. */
    annotations: asks(['projects'], { runs: ['runs'] })
      .input(z.object({ runs: runIds }))
      .output(type<Record<string, Annotations>>()),
    /** What goes along with runs that are deleted. */
    deletion: asks(['runs', 'comparisons'])
      .input(z.object({ runs: runIds }))
      .output(type<RunDeletion>()),
  },
  analyst: {
    slices: asks(['datasets'], { run: ['runs'] })
      .input(z.object({ run: runId }))
      .output(type<SliceResult[]>()),
    /** Writes the tested model as ONNX. */
    exportModel: does
      .input(modelExportRequest)
      .output(eventIterator(type<{ doing: string }>(), type<{ folder: string; files: string[] }>())),
    /** Which trackers have written each of some files and folders; none where it is of something else. */
    trackers: asks([])
      .input(z.object({ paths: z.array(pathSchema) }))
      .output(type<TrackerKind[][]>()),
    /** What an import of runs of another tracker would keep. */
    previewImport: asks(['runs'])
      .input(trackerRequestSchema)
      .output(eventIterator(type<TrackerProgress>(), type<TrackerSummary>())),
    /** Keeps them, or what is new of them, and remembers the names of their metrics. */
    import: does
      .input(trackerRequestSchema)
      .output(eventIterator(type<TrackerProgress>(), type<TrackerSummary>())),
  },
};
