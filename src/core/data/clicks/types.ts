/** What a click log is once imported: labelled rows of numbers and categories. */
import type { ClickRole } from '../import/request.ts';

/** One column of a click log, for its data set's page. */
export interface ClickColumn {
  name: string;
  role: ClickRole;
  /** Rows without a value. */
  missing: number;
  /** Different values of a categorical, multi-valued, user or item column. */
  distinct?: number;
  /** Values a row has on average, of a multi-valued column. */
  meanValues?: number;
  /** Of a numeric column with values. */
  min?: number;
  mean?: number;
  max?: number;
}

export interface ClickStatistics {
  rows: number;
  /** Names of the label columns, the main one first; none where every row is a positive. */
  tasks: string[];
  /** Rows whose label is 1, aligned with `tasks`. */
  positives: number[];
  /** All columns that are kept. */
  columns: ClickColumn[];
  /** Columns that say nothing, and why: "C9: no row has a value". */
  leftOut: string[];
}

/** A numeric column. */
export interface DenseColumn {
  name: string;
  /** Whose column it is: one value a user, or an item, in all rows. Default: a column of the row itself. */
  follows?: 'user' | 'item';
  /** NaN where it is missing. */
  value(row: number): number;
}

/** A categorical column: codes 0 .. vocabulary - 1, 0 for a missing value. */
export interface FeatureColumn {
  name: string;
  /** Whose ids the codes are: code i + 1 is the dense user or item i. */
  of: 'user' | 'item' | 'other';
  /** As of DenseColumn. */
  follows?: 'user' | 'item';
  vocabulary: number;
  /** Most values of one row. */
  width: number;
  /** By code from 1 on, where they are at hand. */
  values?: readonly string[];
  /** Has so many different values that it is a feature only where it is named. */
  wide?: boolean;
  /** Writes the codes of a row from `at` on, oldest first, and returns how many; `target` has room for `width`. */
  read(row: number, target: Int32Array, at: number): number;
}

/** Labelled rows in memory. */
export interface ClickTable {
  readonly rows: number;
  /** Names of the labels, the main one first. */
  readonly tasks: readonly string[];
  /** 0 or 1, [tasks][rows]; no task where every row is a positive. */
  readonly labels: readonly Uint8Array[];
  /** Unix seconds [rows], or null. */
  readonly times: Float64Array | null;
  /** Dense user and item of every row, -1 where unknown [rows]; null without such a column. */
  readonly users: Int32Array | null;
  readonly items: Int32Array | null;
  /** Number of dense items, those without rows included; 0 without an item column. */
  readonly itemCount: number;
  readonly dense: readonly DenseColumn[];
  readonly features: readonly FeatureColumn[];
  /**
   * Rows that stay together in a split: row r belongs to the group floor(r / groupSize). More than 1 where sampled
   * negatives stand behind their positive.
   */
  readonly groupSize: number;
  /** Hash of the column that labels are made of, where the data set's fingerprint does not cover it. */
  readonly labelHash?: { ratings: string } | { actions: string };
}
