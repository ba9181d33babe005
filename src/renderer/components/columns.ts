/** What stands in a table: a column has a value and a kind, from which its text, order, width and copies follow. */
import type { ReactNode } from 'react';
import {
  bytesText,
  decimalText,
  durationText,
  fixed,
  grouped,
  meanText,
  metricText,
  pValueText,
  rangeText,
  signed,
  signedRange,
  timeText,
  withMinus,
} from '../format/format.ts';

interface Mean {
  mean: number;
  std: number | null;
  /** Of values; left out, it is not told. */
  count?: number;
}

export interface Estimate {
  estimate: number;
  interval?: readonly [number, number] | null;
}

/** What the values of each kind are. */
interface Values {
  text: string;
  /** As it is, such as a seed or a rank, or as somebody else has written it. */
  number: number | string;
  count: number;
  /** With fixed decimals. */
  metric: number;
  /** A difference: its sign always stands. */
  signed: number;
  p: number;
  mean: Mean;
  /** Of a difference. */
  interval: readonly [number, number];
  /** With the interval around it, where there is one. */
  estimate: Estimate;
  /** A share of 1. */
  percent: number;
  bytes: number;
  /** Seconds. */
  duration: number;
  /** Unix milliseconds. */
  time: number;
  /** Nothing to copy: a picture, buttons. */
  none: null;
}

export type Kind = keyof Values;
type Value = Values[Kind] | undefined;

const WIDTHS: Record<Kind, number> = {
  ...{
    text: 120,
    number: 80,
    count: 100,
    metric: 112,
    signed: 100,
    p: 80,
    mean: 132,
    interval: 150,
    estimate: 180,
  },
  ...{ percent: 100, bytes: 100, duration: 96, time: 96, none: 96 },
};

const TEXTS: Partial<Record<Kind, (value: number, decimals?: number) => string>> = {
  number: (value) => withMinus(String(value)),
  count: grouped,
  metric: (value, decimals = 4) => decimalText(value, decimals),
  signed: (value, decimals = 4) => signed(value, decimals),
  p: pValueText,
  percent: (value, decimals = 1) => `${fixed(100 * value, decimals)} %`,
  bytes: bytesText,
  duration: (value) => (value < 1 ? '< 1 s' : durationText(value)),
  time: timeText,
};

/** What may be told of a column besides its kind and value. */
interface Details<Row> {
  /** Pixels, in a table whose columns have widths. Default: by kind. */
  width?: number;
  /** Default: by kind. */
  decimals?: number | ((row: Row) => number);
  sortable?: boolean;
  /** What the first click on its head sorts by. Default: the smallest value first. */
  largestFirst?: boolean;
  /** The cell as text, where it is not its value as its kind writes it. */
  text?(row: Row): string;
  /** Smaller, below the value; in a copied text behind it. */
  detail?(row: Row): string;
  /** Shown in place of the title. */
  head?: ReactNode;
  /** Shown in place of the text. */
  render?(row: Row, selected: boolean): ReactNode;
  /** At the pointer. Default: the text. */
  tip?(row: Row): string;
  /** Colour behind the cell. */
  background?(row: Row): string | undefined;
  /** Colour of the tile before the title. */
  swatch?: string;
  /** Takes some of the room that the columns leave, until the user gives it a width. */
  grows?: boolean;
  /** Copied with the others, and not shown. */
  unseen?: boolean;
  /** Stays in sight while the table scrolls sideways; for the first columns only. */
  pinned?: boolean;
  /** Shows what is open and what lies below. */
  tree?: boolean;
}

export interface Column<Row> extends Details<Row> {
  id: string;
  title: string;
  kind: Kind;
  value(row: Row): Value;
}

/** `details`, or nothing but the decimals. */
export function column<Row, K extends Kind = Kind>(
  id: string,
  title: string,
  kind: K,
  value: (row: Row) => Values[K] | null | undefined,
  details?: Details<Row> | Details<Row>['decimals'],
): Column<Row> {
  const rest = typeof details === 'object' ? details : { decimals: details };
  return { id, title, kind, value: (row) => value(row) ?? undefined, ...rest };
}

export function isNumeric({ kind }: Pick<Column<never>, 'kind'>): boolean {
  return kind !== 'text' && kind !== 'none';
}

export function widthOf({ kind, width = WIDTHS[kind] }: Pick<Column<never>, 'kind' | 'width'>): number {
  return width;
}

/** The cell without what stands below it. */
export function cellText<Row>(column: Column<Row>, row: Row): string {
  if (column.text) return column.text(row);
  const { kind } = column;
  const decimals = typeof column.decimals === 'function' ? column.decimals(row) : column.decimals;
  const value = column.value(row);
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return kind === 'text' || kind === 'none' ? '' : '–';
  if (typeof value === 'number') return TEXTS[kind]?.(value, decimals) ?? String(value);
  if ('estimate' in value) return fixed(value.estimate, decimals ?? 4) + rangeText(value.interval);
  if (!('mean' in value)) return signedRange(value, decimals ?? 4);
  return value.count === undefined ? meanText(value, decimals) : metricText({ count: 1, ...value }, decimals);
}

/** The whole cell in one line. */
export function textOf<Row>(column: Column<Row>, row: Row): string {
  return cellText(column, row) + (column.detail?.(row) ?? '');
}

/** As a program reads it; a mean and an interval are two cells, an estimate three, see `dataTitles`. */
export function dataOf<Row>(column: Column<Row>, row: Row): string[] {
  const { kind } = column;
  const value = column.value(row);
  const cells = dataTitles(column).length;
  if (cells > 1) {
    const numbers = value && typeof value === 'object' ? numbersIn(value) : [];
    return Array.from({ length: cells }, (_, at) => String(numbers[at] ?? ''));
  }
  if (kind === 'time' && typeof value === 'number') return [new Date(value).toISOString()];
  return [kind === 'number' ? String(value ?? '').replace(/^−(?=\d)/, '-') : String(value ?? '')];
}

/** The number that a value is sorted by, and those that stand beside it. */
function numbersIn(value: Mean | Estimate | readonly [number, number]): (number | null | undefined)[] {
  if ('mean' in value) return [value.mean, value.std];
  return 'estimate' in value ? [value.estimate, ...(value.interval ?? [])] : [...value];
}

export function dataTitles({ kind, title }: Pick<Column<never>, 'kind' | 'title'>): string[] {
  if (kind === 'mean') return [title, `${title} std`];
  const ends = [`${title} low`, `${title} high`];
  if (kind === 'estimate') return [title, ...ends];
  return kind === 'interval' ? ends : [title];
}

export interface Sort {
  field: string;
  descending: boolean;
}

/** What is missing comes last whichever way it is sorted. */
export function sortedRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  [key]: readonly Sort[],
): readonly Row[] {
  const column = columns.find(({ id }) => id === key?.field);
  if (!column || !key) return rows;
  const sign = key.descending ? -1 : 1;
  const keys = new Map(rows.map((row) => [row, sortKey(column.value(row))]));
  return rows.toSorted((one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true });
  });
}

function sortKey(value: Value): string | number | undefined {
  const key = value && typeof value === 'object' ? numbersIn(value)[0] : value;
  return key === null || Number.isNaN(key) ? undefined : key;
}

/** A line across the table that stands above a group of rows. */
export interface Section {
  label: string;
  /** Of rows in it. */
  count: number;
  detail?: string;
  /** Whether its rows are shown. */
  open: boolean;
  /** Of its rows. */
  keys: readonly string[];
}

/** Where the rows of a long table come from. Only what `row` gives is of rows that are loaded. */
export interface TableSource<Row> {
  total: number;
  /** The row at an index, or undefined while it is not loaded. */
  row(index: number): Row | undefined;
  /** Asks for the rows from the first to the last that are drawn. Keep it stable. */
  request?(first: number, last: number): void;
  /** Asks for what stands in the columns that are drawn, by their ids. Keep it stable. */
  requestColumns?(ids: readonly string[]): void;
  /** Whether what stands in a column of a row is loaded. Default: it is where its row is. Keep it stable. */
  hasCell?(row: Row, column: string): boolean;
  /** Key of the row at an index, where it is known before its row is. Keep it stable. */
  key?(index: number): string | undefined;
  /** What the box in the head stands for: all rows but those that belong to others. */
  keys?: readonly string[];
  /** The section that stands at an index in place of a row. */
  section?(index: number): Section | undefined;
  /** Whether the row at an index is open; undefined where there is nothing to open. Makes the table a tree. */
  expanded?(index: number): boolean | undefined;
  /** Index of the open row to which the one at an index belongs. */
  parent?(index: number): number | undefined;
  /** Opens or closes the section or row at an index. */
  toggle?(index: number): void;
}

export function listSource<Row>(rows: readonly Row[]): TableSource<Row> {
  return { total: rows.length, row: (index) => rows[index] };
}
