import {
  keepPreviousData,
  type QueryFunction,
  type QueryKey,
  useQueries,
  useQuery,
} from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { type Query, queryClient } from './api.ts';

const PAGE = 64;
/** As many rows as every procedure gives at once. */
const COPIED = 500;

interface Page<Row> {
  total: number;
  rows: Row[];
}

export interface PageOfRows {
  offset: number;
  limit: number;
}

interface PageQuery<P> {
  queryKey: QueryKey;
  queryFn: QueryFunction<P>;
}

export interface PagedRows<Row, P = Page<Row>> extends Query<P> {
  total: number;
  /** The first page, with what else it tells of all rows. */
  data: P | undefined;
  row(index: number): Row | undefined;
  /** Rows loaded so far. */
  loaded: readonly Row[];
  /** The pages asked for so far that are in sight, the first one always. */
  pages: readonly PageOfRows[];
  /** Asks for the pages of the rows from the first to the last. */
  request(first: number, last: number): void;
  /** The same for rows that do not stand together. */
  requestRows(rows: readonly number[]): void;
  /** Every row there is, for a copy. */
  all(): Promise<Row[]>;
}

export async function allRows<P extends Page<unknown>>(
  page: (offset: number, limit: number) => PageQuery<P>,
): Promise<P['rows']> {
  const rows: P['rows'] = [];
  for (;;) {
    const next = await queryClient.fetchQuery({ ...page(rows.length, COPIED), gcTime: 0 });
    rows.push(...next.rows);
    if (next.rows.length === 0 || rows.length >= next.total) return rows;
  }
}

/** Rows of a table of any length, in pages of 64 as they come into sight. `page` makes the query of one. */
export function usePagedRows<P extends Page<unknown>>(
  page: (offset: number, limit: number) => PageQuery<P>,
): PagedRows<P['rows'][number], P> {
  const [needed, setNeeded] = useState<readonly number[]>([]);
  // Only the first page stands in for its successor: of another page the rows would stand in wrong places.
  const first = useQuery({ ...page(0, PAGE), placeholderData: keepPreviousData });
  const others = useQueries({ queries: needed.map((number) => page(number * PAGE, PAGE)) });
  const firstPage: P | undefined = first.data;
  const pages = new Map<number, readonly P['rows'][number][]>([[0, firstPage?.rows ?? []]]);
  for (const [at, number] of needed.entries()) pages.set(number, others[at].data?.rows ?? []);
  const loaded = [...pages.values()].flat();
  const requestRows = useCallback((rows: readonly number[]) => {
    const next = [...new Set(rows.map((row) => Math.floor(row / PAGE)))].filter((number) => number > 0);
    setNeeded((before) => (before.join() === next.join() ? before : next));
  }, []);
  const request = useCallback(
    (start: number, end: number) =>
      requestRows(Array.from({ length: Math.max(0, end - start + 1) }, (_, at) => start + at)),
    [requestRows],
  );
  const asked = useMemo(
    () => [0, ...needed].map((number) => ({ offset: number * PAGE, limit: PAGE })),
    [needed],
  );
  return {
    pages: asked,
    total: firstPage?.total ?? 0,
    data: firstPage,
    row: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    loaded,
    request,
    requestRows,
    all: () => allRows(page),
    error: first.error,
    refetch: () => void first.refetch(),
  };
}
