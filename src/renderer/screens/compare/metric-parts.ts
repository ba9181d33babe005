import type { KeyboardEvent, MouseEvent } from 'react';
import type { ComparedRow, ComparisonView, DifferenceScale } from '../../../core/api/compare.ts';
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

/** With what the head and the rows share. */
export type MetricTableParts = MetricTableProps & {
  layout: MetricLayout;
  scale: DifferenceScale;
};
