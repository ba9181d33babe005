import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  title: string;
  /** Width in pixels. Default: 120. */
  width?: number;
  /** Right-aligned. */
  numeric?: boolean;
  sortable?: boolean;
  /** What the first click on its head sorts by. Default: the smallest value first. */
  largestFirst?: boolean;
  /** The cell as text: what is copied, and shown where there is no `render`. */
  text(row: Row): string;
  render?(row: Row, selected: boolean): ReactNode;
  /** Colour behind the cell, such as of a heat map. */
  background?(row: Row): string | undefined;
  /** Its cells end in a slot for deviations. */
  spread?: boolean;
  /** Takes some of the room that the columns leave, until the user gives it a width. */
  grows?: boolean;
  /** The title is for screen readers alone. */
  titleHidden?: boolean;
  /** Stays in sight while the table scrolls sideways; for the first columns only. */
  pinned?: boolean;
  /** Shows what is open and what lies below. */
  tree?: boolean;
}

export interface Sort {
  field: string;
  descending: boolean;
}

/** A line across the table that stands above a group of rows. */
export interface Section {
  label: string;
  detail: string;
  /** Whether its rows are shown. */
  open: boolean;
}

/** What a user can change of the columns, and a screen keeps. */
export interface TableLayout {
  order: string[];
  hidden: string[];
  /** Pixels, of the columns that were resized. */
  widths: Record<string, number>;
}

/** Where the rows of a long table come from. */
export interface TableSource<Row> {
  total: number;
  /** The row at an index, or undefined while it is not loaded. */
  row(index: number): Row | undefined;
  /** Asks for the rows from the first to the last that are drawn. Keep it stable. */
  request?(first: number, last: number): void;
}

export function listSource<Row>(rows: readonly Row[]): TableSource<Row> {
  return { total: rows.length, row: (index) => rows[index] };
}

export interface DataTableProps<Row> {
  /** Accessible name for screen readers. */
  label: string;
  /** Memoise them: with others every row is drawn again. */
  columns: readonly Column<Row>[];
  rows: TableSource<Row>;
  rowKey(row: Row): string;
  /** The section that stands at an index in place of a row. */
  section?(index: number): Section | undefined;
  /** Whether the row at an index is open; undefined where there is nothing to open. Makes the table a tree. */
  expanded?(index: number): boolean | undefined;
  /** Index of the open row to which the one at an index belongs. */
  parent?(index: number): number | undefined;
  /** Opens or closes the section or row at an index. */
  onToggle?(index: number): void;
  /** Keeps the last row in sight as rows are added. */
  follow?: boolean;
  /** The user scrolled away from the last row, or back to it. */
  onFollow?(follow: boolean): void;
  selection?: ReadonlySet<string>;
  onSelect?(selection: ReadonlySet<string>): void;
  /** Rows have check boxes: keys move without selecting, and a click on a box adds a row or takes it away. */
  checkable?: boolean;
  /** A plain click adds a row or takes it away, as in a list to pick from. */
  clickToggles?: boolean;
  /** Enter or double click. */
  onOpen?(row: Row): void;
  sort?: readonly Sort[];
  onSort?(sort: Sort[]): void;
  layout?: TableLayout;
  onLayout?(layout: TableLayout): void;
}

type Details<Row> = Omit<Column<Row>, 'id' | 'title' | 'text' | 'numeric'>;

/** A column of words. */
export function column<Row>(
  id: string,
  title: string,
  text: (row: Row) => string,
  details?: Details<Row>,
): Column<Row> {
  return { id, title, text, ...details };
}

/** A column of numbers, right-aligned. */
export function numeric<Row>(
  id: string,
  title: string,
  text: (row: Row) => string,
  details?: Details<Row>,
): Column<Row> {
  return { id, title, text, numeric: true, ...details };
}
