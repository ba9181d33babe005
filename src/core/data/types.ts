import type { ClickStatistics } from './clicks/types.ts';
import type { SideRoles } from './import/request.ts';
import type { SideColumn } from './side/types.ts';

/** What a data set is once imported. Ids are dense: user 0..users-1, item 0..items-1. */

/**
 * Interactions in memory, grouped by user (compressed rows) and ordered in time within a user.
 * The interactions of user u stand at offsets[u] .. offsets[u + 1] - 1.
 */
export interface Interactions {
  readonly users: number;
  /** Items with at least one interaction: the default catalogue. */
  readonly items: number;
  /** `items` plus those only listed in an items file; their dense ids follow the others. */
  readonly catalogueItems: number;
  /** [users + 1] */
  readonly offsets: Int32Array;
  /** [interactions] dense item ids */
  readonly itemIds: Int32Array;
  /** [interactions] Unix seconds, or null where the source has only an order. */
  readonly times: Float64Array | null;
  /** [interactions] or null where the source has none. */
  readonly ratings: Float32Array | null;
  /** [interactions] bits of what the user did (actions.ts); absent or null where the source does not say. */
  readonly actions?: Int32Array | null;
  /** Side features that were asked for. */
  readonly side?: readonly SideColumn[];
}

export interface DatasetStatistics {
  users: number;
  items: number;
  catalogueItems: number;
  interactions: number;
  /** interactions / (users * items); 0 without users or items */
  density: number;
  sequenceLength: { min: number; median: number; mean: number; max: number };
  itemPopularity: { min: number; median: number; mean: number; max: number };
  /** Counts by powers of two: bin i holds values in [2^i, 2^(i+1)). */
  sequenceLengthHistogram: number[];
  itemPopularityHistogram: number[];
  /** Unix seconds, or null where the source has no time. */
  timeSpan: { from: number; to: number } | null;
  /** Items with fewer than five interactions. */
  coldItems: number;
  hasRatings: boolean;
  hasTitles: boolean;
  /** Items with interactions that a file describes; left out where none describes items. */
  described?: number;
}

/** What the filters of an import left out; each counts of what the ones before it kept. */
export interface FilteredOut {
  /** In the files, unreadable rows aside. */
  source: { users: number; items: number; interactions: number };
  /** Interactions below the lowest rating. */
  rating: number;
  /** Interactions outside the dates. */
  dates: number;
  /** Interactions that repeat another one. */
  repeats: number;
  /** Interactions of the users and items outside the k-core. */
  core: number;
}

/** dataset.json in the data set's folder, and what the store keeps of it. */
export interface DatasetSummary {
  id: string;
  name: string;
  createdAt: string;
  /** Absolute paths as given at the import. */
  sources: string[];
  /** The files that were read of them; absent from data sets of earlier versions. */
  sourceFiles?: SourceFile[];
  /** Import options that shaped the result, for the record and for the protocol. */
  options: Record<string, unknown>;
  /** Of a click log: rows as interactions, and users and items where it has such columns (0 where not). */
  statistics: DatasetStatistics;
  /** Given where the data set is a click log. */
  clicks?: ClickStatistics;
  /**
   * The meaning of the side columns of items, users and interactions, by their names in items.parquet, users.parquet and
   * interactions.parquet; that of interactions is absent from data sets of earlier versions.
   */
  side?: { item: SideRoles; user: SideRoles; event?: SideRoles };
  /** Side columns that are categories although they look like numbers; absent from those of earlier versions. */
  mixed?: MixedColumn[];
  /** sha256 hex over the ordered sequences and the test targets; of a click log over its rows. */
  fingerprint: string;
  /** Absent from click logs, and from data sets that were imported by earlier versions. */
  filtered?: FilteredOut;
  badRows: number;
  /** The first bad rows as "file:line: problem". */
  badRowExamples?: string[];
  /** Rows beyond the first of the same user, item and time, kept unless the options say otherwise; null without times. */
  duplicates?: number | null;
  seconds: number;
}

/** A file of an import, as it was then. */
export interface SourceFile {
  /** Below the folder that was imported, with "/" between folders; of a file that was named, its own name. */
  name: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** A side column of numbers and other values. */
export interface MixedColumn {
  /** As in items.parquet or users.parquet. */
  name: string;
  /** The file, and the column's name in it. */
  file: string;
  column: string;
  /** How many values there are, missing ones aside. */
  values: number;
  /** How many of them are no numbers. */
  others: number;
  /** The first of those. */
  example: string;
}

/** One item for display. */
export interface ItemCard {
  item: number;
  originalId: string;
  title: string | null;
  /** Side columns such as genres, price, brand, categories. */
  side: Record<string, string | number | null>;
}
