/** The lines of the table of runs: rows under headings of groups, and below a folded row the runs of its seeds. */
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { RunTablePage, RunTableRow } from '../../../core/api/runs.ts';
import { useExpandedRows } from '../../components/expanded-rows.ts';
import { useGroupedRows } from '../../components/grouped-rows.ts';
import { api } from '../../state/api.ts';
import { type PagedRows, usePagedRows } from '../../state/paged-rows.ts';
import { groupLabel } from './fields.ts';
import type { RunsView } from './runs-view.ts';

/** A row of the table; with `fold` the row of one seed below that of its config. */
export interface RunLine extends RunTableRow {
  fold?: RunTableRow;
}

/** A run stands in the table twice where it is also the newest of an open folded row. */
export function lineKey({ id, fold }: RunLine): string {
  return fold ? `${fold.id}/${id}` : id;
}

const NOTHING: ReadonlySet<string> = new Set();
const FOLDED = {
  keyOf: ({ id }: RunTableRow) => id,
  countOf: ({ runs }: RunTableRow) => (runs.length > 1 ? runs.length : 0),
};

/** `project`: id of the only one whose runs are shown; null for all. */
export function useRunLines(view: RunsView, project: string | null) {
  const query = useMemo(() => ({ ...tableQuery(view), project }), [view, project]);
  const rows = usePagedRows((offset, limit) =>
    api.runs.table.queryOptions({ input: { ...query, offset, limit } }),
  );
  const groups = useGroups(rows, query.groupBy);
  const [open, setOpen] = useState(NOTHING);
  const expanded = useExpandedRows(groups, open, FOLDED);
  const folded = expanded.opened.map(({ row }) => row);
  const seeds = useSeedRows(folded, query);
  const toggle = (index: number) => {
    const { line, under } = expanded.at(index);
    const row = under === null ? groups.row(line) : under.row;
    if (row === undefined) groups.toggle(line);
    else if (FOLDED.countOf(row) > 0) setOpen(toggled(open, row.id));
  };
  return {
    rows,
    /** All rows at hand, seeds included. */
    loaded: [...rows.loaded, ...[...seeds.values()].flat()] as readonly RunLine[],
    /** Whether a row at hand has a deviation over its seeds. */
    spread: rows.loaded.some(({ metrics }) => Object.values(metrics).some(({ std }) => std !== null)),
    total: expanded.total,
    row: (index: number): RunLine | undefined => {
      const { line, under, member } = expanded.at(index);
      return under === null ? groups.row(line) : seeds.get(under.key)?.[member];
    },
    section:
      groups.section &&
      ((index: number) => {
        const { line, under } = expanded.at(index);
        return under === null ? groups.section?.(line) : undefined;
      }),
    /** Whether the row is open; undefined where there is nothing to open. */
    expanded: !view.fold
      ? undefined
      : (index: number): boolean | undefined => {
          const { line, under } = expanded.at(index);
          const row = under === null ? groups.row(line) : undefined;
          return row !== undefined && FOLDED.countOf(row) > 0 ? open.has(row.id) : undefined;
        },
    parent: (index: number): number | undefined => {
      const { under } = expanded.at(index);
      return under?.shown;
    },
    toggle,
    request: expanded.request,
  };
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** The runs of each folded row by its id, by seed. */
function useSeedRows(
  folded: readonly RunTableRow[],
  { metrics, config }: ReturnType<typeof tableQuery>,
): ReadonlyMap<string, readonly RunLine[]> {
  const pages = useQueries({
    queries: folded.map(({ runs }) => ({
      ...api.runs.table.queryOptions({
        input: {
          runs: runs.map(({ id }) => id),
          archived: 'all',
          metrics,
          config,
          sort: [{ field: 'seed', descending: false }],
          limit: Math.min(1000, runs.length),
        },
      }),
      placeholderData: keepPreviousData,
    })),
  });
  return new Map(
    folded.map((fold, at): [string, RunLine[]] => [
      fold.id,
      (pages[at].data?.rows ?? []).map((row) => ({ ...row, fold })),
    ]),
  );
}

/** The rows under headings of their group's value. */
function useGroups(rows: PagedRows<RunTableRow, RunTablePage>, groupBy: string | null) {
  const [closed, setClosed] = useState(NOTHING);
  const pageGroups = rows.first?.groups ?? null;
  const groups = useMemo(
    () =>
      groupBy === null || pageGroups === null
        ? null
        : pageGroups.map(({ value, rows: count }) => ({
            id: `${groupBy} ${value ?? ''}`,
            label: groupLabel(groupBy, value),
            rows: count,
          })),
    [pageGroups, groupBy],
  );
  const lines = useGroupedRows(rows, groups, closed);
  const toggle = (index: number) => {
    const id = lines.groupId(index);
    if (id !== undefined) setClosed(toggled(closed, id));
  };
  return { ...lines, toggle };
}

function tableQuery({ columns, search, filters, starred, archived, sort, groupBy, fold }: RunsView) {
  const named = (kind: string) =>
    columns.filter((field) => field.startsWith(kind)).map((field) => field.slice(kind.length));
  return {
    search,
    filters,
    starred,
    archived,
    sort,
    groupBy,
    fold,
    foldStudies: fold,
    metrics: named('metric:'),
    config: named('config:'),
  };
}
