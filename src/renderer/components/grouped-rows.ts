/** Rows that come in groups, laid out under headings that can be closed. */
import { useCallback, useMemo } from 'react';
import type { PagedRows } from '../state/paged-rows.ts';
import type { Section } from './columns.ts';

export interface RowGroup {
  /** Unique. */
  id: string;
  label: string;
  rows: number;
}

interface Placed extends RowGroup {
  /** Index of its heading in the table. */
  at: number;
  /** Index of its first row among all rows. */
  first: number;
  open: boolean;
}

/** Where each group's heading stands, and how many lines there are in all. */
export function placeGroups(
  groups: readonly RowGroup[],
  closed: ReadonlySet<string>,
): { placed: Placed[]; total: number } {
  let [at, first] = [0, 0];
  const placed = groups.map((group) => {
    const open = !closed.has(group.id);
    const here = { ...group, at, first, open };
    at += 1 + (open ? group.rows : 0);
    first += group.rows;
    return here;
  });
  return { placed, total: at };
}

/** The group in which a line of the table lies: the last whose heading is not behind it. */
export function groupAt(placed: readonly Placed[], index: number): Placed | undefined {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle].at <= index) low = middle + 1;
    else high = middle;
  }
  return placed[low - 1];
}

/** Line of the table → index among all rows, or null for a heading. */
export function rowAt(placed: readonly Placed[], index: number): number | null {
  const group = groupAt(placed, index);
  return group === undefined || group.at === index ? null : group.first + index - group.at - 1;
}

/** `groups` null shows the rows as they are. */
export function useGroupedRows<Row>(
  rows: Pick<PagedRows<Row>, 'total' | 'row' | 'request' | 'requestRows'>,
  groups: readonly RowGroup[] | null,
  closed: ReadonlySet<string>,
) {
  const layout = useMemo(() => (groups === null ? null : placeGroups(groups, closed)), [groups, closed]);
  const { request: requestPlain, requestRows } = rows;
  const request = useCallback(
    (first: number, last: number) => {
      if (layout === null) return requestPlain(first, last);
      const lines = Array.from({ length: last - first + 1 }, (_, at) => rowAt(layout.placed, first + at));
      requestRows(lines.filter((line) => line !== null));
    },
    [layout, requestPlain, requestRows],
  );
  if (layout === null) {
    return { total: rows.total, row: rows.row, section: undefined, groupId: () => undefined, request };
  }
  const heading = (index: number) => {
    const group = groupAt(layout.placed, index);
    return group?.at === index ? group : undefined;
  };
  return {
    total: layout.total,
    row: (index: number) => {
      const at = rowAt(layout.placed, index);
      return at === null ? undefined : rows.row(at);
    },
    section: (index: number): Section | undefined => {
      const group = heading(index);
      return group && { label: group.label, count: group.rows, open: group.open, keys: [] };
    },
    groupId: (index: number) => heading(index)?.id,
    request,
  };
}
