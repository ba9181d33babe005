/** What stands in the columns of the table of runs: of a few it comes with the rows, of many in blocks as they come into sight. */
import { useQueries } from '@tanstack/react-query';
import { startTransition, useCallback, useDeferredValue, useMemo, useState } from 'react';
import type { RunsPage, RunTableRow } from '../../../core/api/runs.ts';
import { api, type client } from '../../state/api.ts';
import { allRows, type PageOfRows } from '../../state/paged-rows.ts';

type Query = Parameters<typeof client.runs.table>[0];

/** Columns that come at once; a question takes those of four blocks, the most that are in sight. */
const BLOCK = 50;
/** Columns that are asked for before they come into sight. */
const AHEAD = 25;
/** As many metrics, and as many settings, as a question takes: for a copy. */
const MOST_ASKED = 500;

/** The part of a question that names what is wanted of each row. */
export function askedFor(columns: readonly string[]): { metrics: string[]; config: string[] } {
  const named = (kind: string) =>
    columns.filter((field) => field.startsWith(kind)).map((field) => field.slice(kind.length));
  return { metrics: named('metric:'), config: named('config:') };
}

/** The first columns, what stands in which comes with the rows. */
export function firstBlock(columns: readonly string[]): readonly string[] {
  return columns.length > BLOCK ? columns.slice(0, BLOCK) : columns;
}

/** Which blocks are in sight besides the first, and how columns that come into sight are told. */
export function useBlocksInSight(columns: readonly string[]) {
  const [sight, setSight] = useState<readonly number[]>([]);
  const places = useMemo(() => new Map(columns.map((id, at) => [id, at])), [columns]);
  const requestColumns = useCallback(
    (ids: readonly string[]) => {
      const near = ids.flatMap((id) => {
        const at = places.get(id);
        return at === undefined ? [] : [Math.floor((at - AHEAD) / BLOCK), Math.floor((at + AHEAD) / BLOCK)];
      });
      const next = [...new Set(near)].filter((block) => block > 0).sort((a, b) => a - b);
      startTransition(() => setSight((before) => (before.join() === next.join() ? before : next)));
    },
    [places],
  );
  const blocks = useMemo(() => sight.filter((block) => block * BLOCK < columns.length), [sight, columns]);
  const inSight = useMemo(
    () => blocks.flatMap((block) => columns.slice(block * BLOCK, (block + 1) * BLOCK)),
    [blocks, columns],
  );
  const blockOf = useCallback((id: string) => Math.floor((places.get(id) ?? 0) / BLOCK), [places]);
  return { blocks, inSight, blockOf, requestColumns };
}

interface Cells extends Pick<RunTableRow, 'metrics' | 'config'> {
  blocks: ReadonlySet<number>;
}

/** What the blocks in sight have of the rows on some pages. */
export function useCells(
  columns: readonly string[],
  query: Query,
  { blocks, pages }: { blocks: readonly number[]; pages: readonly PageOfRows[] },
) {
  const asked = useMemo(
    () => blocks.flatMap((block) => pages.map((page) => ({ block, page }))),
    [blocks, pages],
  );
  const known = useQueries({
    queries: asked.map(({ block, page }) =>
      api.runs.table.queryOptions({
        input: { ...query, ...askedFor(columns.slice(block * BLOCK, (block + 1) * BLOCK)), ...page },
      }),
    ),
    combine: useCallback(
      (answers: { data?: RunsPage }[]) => joined(answers.map(({ data }, at) => [asked[at]?.block, data])),
      [asked],
    ),
  });
  // Drawn between frames, so that a table that scrolls does not wait for it.
  const cells = useDeferredValue(known);
  return useMemo(() => {
    // A row that has not changed stays the same object, and is not drawn again.
    const whole = new WeakMap<RunTableRow, RunTableRow>();
    return {
      has: (row: string, block: number) => cells.get(row)?.blocks.has(block) ?? false,
      withCells: (row: RunTableRow): RunTableRow => {
        const more = cells.get(row.id);
        if (!more) return row;
        const one = whole.get(row) ?? withMore(row, more);
        whole.set(row, one);
        return one;
      },
    };
  }, [cells]);
}

function joined(answers: readonly [number | undefined, RunsPage | undefined][]): ReadonlyMap<string, Cells> {
  const all = new Map<string, Cells & { blocks: Set<number> }>();
  for (const [block, page] of answers) {
    if (block === undefined) continue;
    for (const { id, metrics, config } of page?.rows ?? []) {
      const one = all.get(id) ?? { metrics: {}, config: {}, blocks: new Set() };
      Object.assign(one.metrics, metrics);
      Object.assign(one.config, config);
      one.blocks.add(block);
      all.set(id, one);
    }
  }
  return all;
}

function withMore<Row extends Pick<RunTableRow, 'metrics' | 'config'>>(
  row: Row,
  { metrics, config }: Pick<RunTableRow, 'metrics' | 'config'>,
): Row {
  return { ...row, metrics: { ...row.metrics, ...metrics }, config: { ...row.config, ...config } };
}

/** Every row with what stands in all columns, for a copy. */
export async function wholeRows(columns: readonly string[], query: Query): Promise<RunTableRow[]> {
  const parts = Array.from({ length: Math.max(1, Math.ceil(columns.length / MOST_ASKED)) }, (_, at) =>
    askedFor(columns.slice(at * MOST_ASKED, (at + 1) * MOST_ASKED)),
  );
  let rows: RunTableRow[] | undefined;
  for (const part of parts) {
    const page = (offset: number, limit: number) =>
      api.runs.table.queryOptions({ input: { ...query, ...part, offset, limit } });
    const more = await allRows(page);
    const byId = new Map(more.map((row) => [row.id, row]));
    rows = rows?.map((row) => withMore(row, byId.get(row.id) ?? { metrics: {}, config: {} })) ?? more;
  }
  return rows ?? [];
}
