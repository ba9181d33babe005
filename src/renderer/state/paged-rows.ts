import {
  keepPreviousData,
  type QueryFunction,
  type QueryKey,
  useQueries,
  useQuery,
} from '@tanstack/react-query';
import { useCallback, useState } from 'react';

const PAGE = 100;

interface PageQuery<Row> {
  queryKey: QueryKey;
  queryFn: QueryFunction<{ total: number; rows: Row[] }>;
}

export interface PagedRows<Row> {
  total: number;
  row(index: number): Row | undefined;
  /** Says which rows are needed; their pages are asked for. */
  onRange(first: number, last: number): void;
  error: unknown;
  /** Nothing is known yet. */
  loading: boolean;
  retry(): void;
}

/** Rows of a table of any length, in pages of 100 as they come into sight. `page` makes the query of one. */
export function usePagedRows<Row>(page: (offset: number, limit: number) => PageQuery<Row>): PagedRows<Row> {
  const [[from, to], setPages] = useState<[number, number]>([0, 0]);
  const first = useQuery({ ...page(0, PAGE), placeholderData: keepPreviousData });
  const wanted = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((number) => number > 0);
  const others = useQueries({
    queries: wanted.map((number) => ({ ...page(number * PAGE, PAGE), placeholderData: keepPreviousData })),
  });
  const pages = new Map(wanted.map((number, at) => [number, others[at].data?.rows]));
  pages.set(0, first.data?.rows);
  const onRange = useCallback((start: number, end: number) => {
    const range: [number, number] = [Math.floor(start / PAGE), Math.floor(end / PAGE)];
    setPages((known) => (known[0] === range[0] && known[1] === range[1] ? known : range));
  }, []);
  return {
    total: first.data?.total ?? 0,
    row: (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE],
    onRange,
    error: first.error ?? others.find(({ error }) => error !== null)?.error ?? null,
    loading: first.isPending,
    retry: () => void first.refetch(),
  };
}
