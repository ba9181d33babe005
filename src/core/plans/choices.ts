/** What a plan chooses from by words of its own. */
import type { SliceResult } from '../evaluation/slices.ts';
import type { SourceKey } from '../training/sources.ts';

/** How its tables are written. */
export const PAPER_STYLES = ['acm', 'ieee', 'markdown', 'csv'] as const;
export type PaperStyle = (typeof PAPER_STYLES)[number];

/** What can be left out of its tables: trials a row was tuned with, ± over seeds, daggers, slices, the underlined second, the 0 before a point, and in the caption what was measured. */
export const PAPER_PARTS = [
  'trials',
  'spread',
  'significance',
  'slices',
  'second',
  'zero',
  'measured',
] as const;
export type PaperPart = (typeof PAPER_PARTS)[number];

/** The slices that its tables can have as columns. */
export const SLICES = {
  popularity: 'item popularity',
  history: 'history length',
  new: 'new in time',
  seen: 'seen in training',
  prefix: 'seen ID prefix',
} as const satisfies Record<string, SliceResult['by']>;

export const SLICE_NAMES = Object.keys(SLICES) as (keyof typeof SLICES)[];

/** Config keys whose runs a plan trains by itself, for the models that build on them. */
export const BUILT_ON = ['tokeniser', 'vectorsFrom'] as const satisfies readonly SourceKey[];
