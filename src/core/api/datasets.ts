import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { ImportProgress } from '../data/import/import.ts';
import type { ImportPreview } from '../data/import/preview.ts';
import { importOverridesSchema, importRequestSchema } from '../data/import/request.ts';
import { splitIds, splits } from '../data/splits/index.ts';
import type { DatasetSummary, ItemCard, MixedColumn } from '../data/types.ts';
import type { ErrorDetails } from '../errors.ts';
import { pathField } from '../files/path-fields.ts';
import type { ExportProgress } from '../foreign/split/export-split.ts';
import { EXPORT_FORMATS } from '../foreign/split/formats.ts';
import type { Manifest } from '../foreign/split/manifest.ts';
import type { NamedRun } from '../store/runs/named-rows.ts';
import { asks, does } from './asking.ts';
import { runId } from './runs.ts';

export type { ClickColumn, ClickStatistics } from '../data/clicks/types.ts';
export type { ImportPreview, PreviewFile } from '../data/import/preview.ts';
export {
  CLICK_ROLES,
  type ClickRole,
  DATASET_KINDS,
  type DatasetKind,
  ENCODINGS,
  IMPORT_PRESETS,
  type ImportPreset,
  type ImportRequestInput,
  NO_COLUMN,
  ROLES,
  type Role,
  SIDE_ROLES,
  type SideRole,
  TIME_UNITS,
} from '../data/import/request.ts';
export type { DatasetSummary, ItemCard, MixedColumn } from '../data/types.ts';
export * from '../documents/dataset-facts.ts';
export { othersText, roleName } from '../documents/dataset-words.ts';
export { EXPORT_FORMATS, type ExportFormat } from '../foreign/split/formats.ts';

export const datasetReference = z.string().min(1).describe('name or id of a data set');

const paths = importRequestSchema.shape.paths;
const page = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) };

/** What an import would keep under its filters. */
export interface ImportCount {
  users: number;
  items: number;
  interactions: number;
  /** Of these items, those that a file describes; null where none describes items. */
  described: number | null;
  /** Rows of the files beyond the first of the same user, item and, where they have times, time; null of a click log, and of more than five million rows. */
  repeats: number | null;
  /** Rows of the files that share user and time with another one; null without times, too. */
  tied: number | null;
  /** Before any filter. */
  source: { users: number; items: number; interactions: number };
  badRows: number;
  badRowExamples: string[];
  /** Where these are: the file, and its line from 1. */
  badRowPlaces: { file: string; line: number }[];
  /** Side columns that will be categories although they look like numbers. */
  mixed: MixedColumn[];
}

/** Progress of a count: files and side files are read, their rows counted, and the filters applied. */
export interface CountProgress {
  phase: 'read' | 'describe' | 'count' | 'filter';
  /** Of the phase, 0..1; 0 if unknown. */
  fraction: number;
}

export interface DatasetDetails {
  summary: DatasetSummary;
  folder: string;
  /** Runs that were trained on it, oldest first. */
  runs: NamedRun[];
}

/** An import that runs or has just ended. */
export interface ImportState extends ImportProgress {
  id: string;
  name: string;
  startedAt: number;
  /** When the phase began, Unix milliseconds. */
  phaseStartedAt: number;
  status: 'running' | 'completed' | 'failed' | 'cancelled';
  /** Why it failed. */
  problem: ErrorDetails | null;
  /** Id of the data set once completed. */
  dataset: string | null;
}

export interface ItemRow extends ItemCard {
  interactions: number;
}

export interface ItemPage {
  total: number;
  items: ItemRow[];
  /** Names of the side columns. */
  side: string[];
}

export interface UserRow {
  /** As in the imported files. */
  id: string;
  interactions: number;
  /** Ranks of the test item, one a requested run; null where a run has none for this user. */
  ranks: (number | null)[];
}

/** An exported split, and where it was written. */
export type ExportedSplit = Pick<Manifest, 'counts' | 'fingerprint'> & { folder: string };

/** What can be held out of a data set. */
export const HELD_OUT = splitIds.map((value) => {
  const { title: label, needsTimes } = splits[value];
  return { value, label, needsTimes };
});

export const exportRequest = z.object({
  dataset: datasetReference,
  folder: pathField('New or empty folder; nothing for one in the data folder'),
  format: z.enum(EXPORT_FORMATS),
  split: z.enum(splitIds),
});

/**
 * longest, shortest: by interactions; random: another sample for each request; cold: users whose test item has fewer than five training interactions, fewest first;
 * difference: largest difference between the runs' reciprocal ranks of the test item first.
 */
export const USER_ORDERS = ['longest', 'shortest', 'random', 'cold', 'difference'] as const;
export type UserOrder = (typeof USER_ORDERS)[number];

export const TIME_BINS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type TimeBin = (typeof TIME_BINS)[number];

/** Users and interactions over time, in the calendar of UTC. */
export interface Activity {
  /** How long a bin is. */
  bin: TimeBin;
  /** Consecutive bins; `from` in Unix seconds. A user is new in the bin of the first interaction. */
  bins: { from: number; users: number; newUsers: number; interactions: number }[];
}

const usersRequest = z.object({
  dataset: datasetReference,
  search: z.string().max(200).default(''),
  order: z.enum(USER_ORDERS).default('longest'),
  /** The runs whose ranks are requested. */
  runs: z.array(runId).max(3).default([]),
  limit: page.limit,
});
export type UsersRequest = z.output<typeof usersRequest>;

const itemsRequest = z.object({
  dataset: datasetReference,
  search: z.string().max(200).default(''),
  sort: z.enum(['interactions', 'title', 'id']).default('interactions'),
  descending: z.boolean().default(true),
  ...page,
});
export type ItemsRequest = z.output<typeof itemsRequest>;

export const datasets = {
  hub: {
    /** All data sets, newest first. */
    list: asks(['datasets']).output(type<DatasetSummary[]>()),
    show: asks(['datasets', 'runs'])
      .input(z.object({ dataset: datasetReference }))
      .output(type<DatasetDetails>()),
    /** Starts an import; its progress comes as events. */
    import: does.input(importRequestSchema).output(type<ImportState>()),
    imports: asks(['imports']).output(type<ImportState[]>()),
    cancelImport: does.input(z.object({ id: z.string() })).output(type<void>()),
    /** Writes the generated sample data set to disk and returns its files, to be previewed like dropped ones. */
    sample: does.output(type<{ paths: string[] }>()),
    /** Removes files that were dropped but will not be imported. */
    removeUploads: does.input(z.object({ paths })).output(type<void>()),
  },
  analyst: {
    /** Reads the beginnings of files and detects their format and columns. */
    preview: asks([])
      .input(z.object({ paths, overrides: importOverridesSchema.prefault({}) }))
      .output(type<ImportPreview>()),
    /** What would remain under the filters. The files are read once; further filters are quick. */
    count: asks([])
      .input(importRequestSchema)
      .output(eventIterator(type<CountProgress>(), type<ImportCount>())),
    /** Writes training, validation, test and items into a folder. */
    export: does.input(exportRequest).output(eventIterator(type<ExportProgress>(), type<ExportedSplit>())),
    /** Null without times that fit a calendar. */
    activity: asks(['datasets'])
      .input(z.object({ dataset: datasetReference }))
      .output(type<Activity | null>()),
    items: asks(['datasets']).input(itemsRequest).output(type<ItemPage>()),
    /** Users whose id begins with the text. */
    users: asks(['datasets'], { runs: ['runs'] })
      .input(usersRequest)
      .output(type<UserRow[]>()),
  },
};
