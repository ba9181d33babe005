import type { KeyboardEvent, MouseEvent } from 'react';
import {
  type ComparedRow,
  type ComparisonView,
  type Difference,
  type DifferenceScale,
  differenceOf,
} from '../../../core/api/compare.ts';
import type { MetricLayout } from './metric-layout.ts';

/** What the table of metrics is given. */
export interface MetricTableProps {
  view: ComparisonView;
  /** Indexes of the columns shown, the main metric first. */
  shown: readonly number[];
  /** Rows in their order. */
  rows: readonly ComparedRow[];
  colours: ReadonlyMap<string, string>;
  /** What the tiles of the rows are filled with. */
  tiles: ReadonlyMap<string, string>;
  /** Width of its place. */
  width: number;
  hasPublished: boolean;
  simple: ComparedRow | undefined;
  selection: ReadonlySet<string>;
  /** Index among the rows. */
  active: number;
  onKeyDown(event: KeyboardEvent): void;
  onRow(event: MouseEvent, at: number): void;
  onOpen(at: number): void;
  /** Id of the row whose name is being changed. */
  renaming: string | null;
  /** Null where it stays, "" for its own name. */
  onRenamed(row: ComparedRow, name: string | null): void;
}

/** The difference of a row to the baseline, for the forest; of one that was not tested without an interval. */
export function drawnDifference({ id, cells, isBaseline }: ComparedRow, at: number): Difference | undefined {
  const { significance, delta } = cells[at];
  const [tested] = differenceOf(id, significance);
  if (tested || isBaseline || delta === null) return tested;
  return { id, difference: delta, low: delta, high: delta };
}

/** With what the head and the rows share. */
export type MetricTableParts = MetricTableProps & {
  layout: MetricLayout;
  scale: DifferenceScale;
};
