/** What a reader has chosen on a page, and what is known of it. */
import type { MeanOfSeeds } from '../core/documents/page/standing.ts';
import type { Significance } from '../core/evaluation/paired/types.ts';

/** What is chosen. */
export interface Chosen {
  /** Place of the main metric. */
  metric: number;
  slice: number | null;
  baseline: number | null;
  user: number;
  /** Row whose tip is shown, and whether a click holds it. */
  row: number | null;
  isHeld: boolean;
}

/** What is known of it so far. */
export interface Shown {
  /** Places of the main metric and the one beside it. */
  metrics: number[];
  users: number;
  means: MeanOfSeeds[][];
  tests: (Significance | null)[][];
  /** Rows that are tested so far; null when all are. */
  tested: number | null;
}

/** Draws the page again with other choices. */
export type Choose = (changes: Partial<Chosen>) => void;
