/** What a page that answers by itself holds of a comparison: the ranks of every user, and which users a slice has. */
import type { Significance } from '../../evaluation/paired/types.ts';
import type { SliceRows } from '../../evaluation/slices.ts';
import type { EvaluationSplit, UserRanks } from '../../evaluation/types.ts';

export interface PageMetric {
  /** Full name such as "test/ndcg@10". */
  name: string;
  label: string;
  decimals: number;
  sign: 1 | -1;
}

export interface PageRow {
  name: string;
  colour: number;
  /** Nobody has said all that must be known of it: it is never the best. */
  isUnknown: boolean;
  seeds: number;
  /** Over all users, aligned with the metrics. */
  means: (number | null)[];
  spreads: (number | null)[];
  /** Packed ranks of each seed; null where they are of other users than those of the page, or not there. */
  ranks: string[] | null;
  /** Packed lengths of the lists of each seed, one more than there are, 0 for whole ones; absent where all ranks are known. */
  lengths?: string[];
}

/** A slice of users; `rows` are the packed places of its ranks. */
export interface PageSlice extends Pick<SliceRows, 'by' | 'slice' | 'description'> {
  rows: string;
}

export interface PageData {
  split: EvaluationSplit;
  several?: UserRanks['several'];
  metrics: PageMetric[];
  rows: PageRow[];
  /** Place of the baseline among the rows; null without one. */
  baseline: number | null;
  /** Packed: 1 for a rank of the same user as the one before, else 0. */
  goesOn: string;
  slices: PageSlice[];
  /** Against the baseline over all users, [rows][metrics]. */
  tests: (Significance | null)[][];
  resamples: number;
  /** The same results in other formats, by the ending of their files. */
  files: Record<'tex' | 'csv', string>;
}
