/** Rows that open in place: what belongs to them is laid out below, among the lines of a table of any length. */
import { useCallback, useEffect, useState } from 'react';

/** An open row and how many lines belong to it. */
export interface Opened {
  /** Its line while no row is open. */
  at: number;
  count: number;
}

interface Placed extends Opened {
  /** Its line with what stands open above it. */
  shown: number;
}

/** `opened` in the order of the lines. */
export function placeOpened<T extends Opened>(opened: readonly T[]): (T & Placed)[] {
  let above = 0;
  return opened.map((row) => {
    const placed = { ...row, shown: row.at + above };
    above += row.count;
    return placed;
  });
}

/** What stands at a line: a line of the closed table, or with `under` the `member`th of what belongs to that row. */
export function lineAt<T extends Placed>(
  placed: readonly T[],
  index: number,
): { line: number; under: T | null; member: number } {
  const row = placed.findLast(({ shown }) => shown <= index);
  if (row === undefined) return { line: index, under: null, member: 0 };
  const after = index - row.shown;
  if (after >= 1 && after <= row.count) return { line: row.at, under: row, member: after - 1 };
  return { line: after === 0 ? row.at : row.at + after - row.count, under: null, member: 0 };
}

interface Lines<Row> {
  total: number;
  row(line: number): Row | undefined;
  request(first: number, last: number): void;
}

interface OpenRow<Row> extends Opened {
  key: string;
  row: Row;
}

/** Scrolling by a row or two needs nothing new. */
const STRIDE = 16;

/**
 * Where the open rows stand. A row is found once it has been in sight; one that is not loaded at the moment is taken
 * to stand where it was. `countOf` is 0 for a row that has nothing to open. Keep the options stable.
 */
export function useExpandedRows<Row>(
  lines: Lines<Row>,
  open: ReadonlySet<string>,
  { keyOf, countOf }: { keyOf(row: Row): string; countOf(row: Row): number },
) {
  const [openRows, setOpenRows] = useState<readonly OpenRow<Row>[]>([]);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const placed = placeOpened(openRows);
  const from = lineAt(placed, range.first).line;
  const to = Math.min(lines.total - 1, lineAt(placed, range.last).line);
  useEffect(() => {
    const next = findOpen(lines, open, openRows, { from, to }, { keyOf, countOf });
    if (!isSame(next, openRows)) setOpenRows(next);
  });
  const { request: requestLines } = lines;
  useEffect(() => requestLines(from, to), [requestLines, from, to]);
  const request = useCallback((firstDrawn: number, lastDrawn: number) => {
    const first = Math.floor(firstDrawn / STRIDE) * STRIDE;
    const last = Math.ceil((lastDrawn + 1) / STRIDE) * STRIDE - 1;
    setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
  }, []);
  return {
    total: lines.total + openRows.reduce((sum, { count }) => sum + count, 0),
    opened: openRows,
    at: (index: number) => lineAt(placed, index),
    request,
  };
}

function findOpen<Row>(
  lines: Lines<Row>,
  open: ReadonlySet<string>,
  before: readonly OpenRow<Row>[],
  { from, to }: { from: number; to: number },
  { keyOf, countOf }: { keyOf(row: Row): string; countOf(row: Row): number },
): OpenRow<Row>[] {
  if (open.size === 0) return [];
  const next = new Map(
    before
      .filter(({ key, at }) => open.has(key) && at < lines.total && lines.row(at) === undefined)
      .map((row) => [row.key, row]),
  );
  const looked = new Set([
    ...before.map(({ at }) => at),
    ...Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n),
  ]);
  for (const at of looked) {
    const row = lines.row(at);
    if (row === undefined) continue;
    const [key, count] = [keyOf(row), countOf(row)];
    if (open.has(key) && count > 0) next.set(key, { key, at, count, row });
  }
  return [...next.values()].sort((a, b) => a.at - b.at);
}

function isSame<Row>(a: readonly OpenRow<Row>[], b: readonly OpenRow<Row>[]): boolean {
  return a.length === b.length && a.every(({ at, row }, index) => at === b[index].at && row === b[index].row);
}
