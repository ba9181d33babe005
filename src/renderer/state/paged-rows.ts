import {
  keepPreviousData,
  type QueryFunction,
  type QueryKey,
  useQueries,
  useQuery,
} from '@tanstack/react-query';
import { useCallback, useState } from 'react';

const PAGE = 64;

interface Page<Row> {
  total: number;
  rows: Row[];
}

interface PageQuery<P> {
  queryKey: QueryKey;
  queryFn: QueryFunction<P>;
}

export interface PagedRows<Row, P = Page<Row>> {
  total: number;
  /** The first page, with what else it tells of all rows. */
  first: P | undefined;
  row(index: number): Row | undefined;
  /** All rows that are at hand. */
  loaded: readonly Row[];
  /** Says which rows are needed; their pages are asked for. */
  onRange(first: number, last: number): void;
  /** The same for rows that do not stand together. */
  onRows(rows: readonly number[]): void;
  error: unknown;
  /** Nothing is known yet. */
  loading: boolean;
  retry(): void;
}

/** Rows of a table of any length, in pages of 64 as they come into sight. `page` makes the query of one. */
export function usePagedRows<P extends Page<unknown>>(
  page: (offset: number, limit: number) => PageQuery<P>,
): PagedRows<P['rows'][number], P> {
  const [wanted, setWanted] = useState<readonly number[]>([]);
  // Only the first page stands in for its successor: of another page the rows would stand in wrong places.
  const first = useQuery({ ...page(0, PAGE), placeholderData: keepPreviousData });
  const others = useQueries({ queries: wanted.map((number) => page(number * PAGE, PAGE)) });
  const firstPage: P | undefined = first.data;
  const pages = new Map<number, readonly P['rows'][number][]>([[0, firstPage?.rows ?? []]]);
  for (const [at, number] of wanted.entries()) pages.set(number, others[at].data?.rows ?? []);
  const loaded = [...pages.values()].flat();
  const onRows = useCallback((rows: readonly number[]) => {
    const next = [...new Set(rows.map((row) => Math.floor(row / PAGE)))].filter((number) => number > 0);
    setWanted((known) => (known.join() === next.join() ? known : next));
  }, []);
  const onRange = useCallback(
    (start: number, end: number) =>
      onRows(Array.from({ length: Math.max(0, end - start + 1) }, (_, at) => start + at)),
    [onRows],
  );
  return {
    total: firstPage?.total ?? 0,
    first: firstPage,
    row: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    loaded,
    onRange,
    onRows,
    error: first.error ?? others.find(({ error }) => error !== null)?.error ?? null,
    loading: first.isPending,
    retry: () => void first.refetch(),
  };
}
