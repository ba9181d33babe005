/** The table of runs as it is shown: rows of any number, of which those in sight are loaded, under headings of groups. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { RunPlace, RunsPage, RunTableRow } from '../../../core/api/runs.ts';
import type { TableSource } from '../../components/columns.ts';
import { grouped } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { usePagedRows } from '../../state/paged-rows.ts';
import { groupLabel } from './fields.ts';
import { keysOf, type Line, memberKey, runLines } from './run-lines.ts';
import type { RunsView, ShownView } from './runs-view.ts';
import { askedFor, firstBlock, useBlocksInSight, useCells, wholeRows } from './use-cells.ts';

/** A row of the table; with `fold` one of the runs below its row. */
export interface RunLine extends RunTableRow {
  fold?: RunTableRow;
}

export function lineKey({ id, fold }: RunLine): string {
  return fold ? memberKey(fold.id, id) : id;
}

/** What is known of all rows, whether or not they are loaded. */
export interface RunLines extends TableSource<RunLine> {
  keys: readonly string[];
  loaded: ReadonlyMap<string, RunLine>;
  runs: number;
  /** The key that a row has by now: that of its newest run, which may have come since. */
  keyNow(key: string): string;
  /** The ids of the runs that a key stands for; undefined for one that is not among the rows. */
  runsOf(key: string): readonly string[] | undefined;
  place(row: RunLine, metric: string): RunPlace | undefined;
  /** The rows of these runs alone in the order of the table, also those that are not loaded. */
  rowsOf(runs: readonly string[]): Promise<RunLine[]>;
  /** The group that a row is in. */
  groupOf(key: string): { label: string; keys: readonly string[] } | undefined;
}

type OnFolding = (changes: Pick<RunsView, 'open'> | Pick<RunsView, 'closed'>) => void;

const NO_ROWS: string[] = [];

/** `project`: id of the only one whose runs are shown; null for all. */
export function useRunLines(view: ShownView, project: string | null, onView: OnFolding) {
  const query = useMemo(() => ({ ...tableQuery(view), project }), [view, project]);
  const { blocks, inSight, blockOf, requestColumns } = useBlocksInSight(view.columns);
  const rows = usePagedRows((offset, limit) =>
    api.runs.table.queryOptions({ input: { ...query, offset, limit, outline: offset === 0 } }),
  );
  const { data: first, requestRows } = rows;
  const order = first?.outline ?? NO_ROWS;
  const groups = query.groupBy === null ? null : (first?.groups ?? null);
  const { open, closed } = view;
  const folds = useMemo(
    () => order.map((runs) => runs.split(' ')).filter(([key, more]) => more && open.includes(key)),
    [order, open],
  );
  const wanted = useMemo(() => askedFor([...firstBlock(view.columns), ...inSight]), [view.columns, inSight]);
  const { members, isWhole } = useMembers(folds, wanted);
  const lines = useMemo(() => {
    const runsOf = (key: string, runs: readonly string[]) =>
      members.get(key)?.map(({ id }) => id) ?? runs.toReversed();
    return runLines(order, { groups, closed, open: view.fold ? open : NO_ROWS, runsOf });
  }, [order, groups, closed, open, view.fold, members]);
  const labels = useGroupLabels(groups, query.groupBy);
  const request = useCallback(
    (from: number, to: number) =>
      requestRows(lines.slice(from, to + 1).flatMap((line) => (line.kind === 'row' ? [line.at] : []))),
    [lines, requestRows],
  );
  const layout = useMemo(
    () => ({
      ...lineSource({ lines, order, groups, labels, view: { open, closed, fold: view.fold } }, onView),
      request,
    }),
    [lines, order, groups, labels, closed, open, view.fold, request, onView],
  );
  const { has, withCells } = useCells(view.columns, query, { blocks, pages: rows.pages });
  const loaded = loadedRows(rows.loaded.map(withCells), members);
  const hasCell = useCallback(
    ({ id, fold }: RunLine, column: string) => {
      const block = blockOf(column);
      return block === 0 || (fold ? isWhole && blocks.includes(block) : has(id, block));
    },
    [blockOf, blocks, isWhole, has],
  );
  // They take as long as the rows themselves, which do not wait for them.
  const { data: places } = useQuery({
    ...api.runs.places.queryOptions({ input: { ...query, metrics: wanted.metrics } }),
    enabled: first !== undefined,
    placeholderData: keepPreviousData,
  });
  const place = useCallback(
    ({ id, fold }: RunLine, metric: string) => (fold ? undefined : places?.[id]?.[metric]),
    [places],
  );
  return {
    rows: { ...rows, all: () => wholeRows(view.columns, query) },
    lines: {
      ...layout,
      loaded,
      row: (index: number) => loaded.get(layout.key(index) ?? ''),
      place,
      requestColumns,
      hasCell,
      rowsOf: (runs: readonly string[]) => wholeRows(view.columns, { ...query, runs: [...runs] }),
    } satisfies RunLines,
  };
}

interface Laid {
  lines: readonly Line[];
  order: readonly string[];
  groups: RunsPage['groups'];
  labels: readonly { label: string; detail?: string }[];
  view: Pick<RunsView, 'open' | 'closed' | 'fold'>;
}

/** What the table asks of its lines, all but their rows. */
function lineSource({ lines, order, groups, labels, view }: Laid, onView: OnFolding) {
  const { open, closed, fold } = view;
  const runsByKey = new Map(order.map((runs) => [runs.split(' ', 1)[0], runs.split(' ')]));
  const keyByRun = new Map(
    order.flatMap((runs) => runs.split(' ').map((run) => [run, runs.split(' ', 1)[0]])),
  );
  const keyOf = (index: number) => {
    const line = lines[index];
    return line === undefined || line.kind === 'group' ? undefined : line.key;
  };
  return {
    total: lines.length,
    keys: keysOf(order),
    runs: order.reduce((sum, runs) => sum + runs.split(' ').length, 0),
    key: keyOf,
    section: groups
      ? (index: number) => {
          const line = lines[index];
          if (line?.kind !== 'group') return undefined;
          const { key, rows: count } = groups[line.group];
          return { ...labels[line.group], count, keys: line.keys, open: !closed.includes(key) };
        }
      : undefined,
    expanded: fold
      ? (index: number) => {
          const line = lines[index];
          return line?.kind === 'row' && line.runs.length > 1 ? open.includes(line.key) : undefined;
        }
      : undefined,
    parent: (index: number) => {
      const line = lines[index];
      return line?.kind === 'run' ? line.under : undefined;
    },
    toggle: (index: number) => {
      const line = lines[index];
      if (line?.kind === 'group' && groups) onView({ closed: toggled(closed, groups[line.group].key) });
      else if (line?.kind === 'row' && line.runs.length > 1) onView({ open: toggled(open, line.key) });
    },
    keyNow: (key: string) => {
      const [row, run] = key.split('/');
      const now = keyByRun.get(row) ?? row;
      return run === undefined ? now : memberKey(now, run);
    },
    runsOf: (key: string) =>
      runsByKey.get(key) ?? (runsByKey.has(key.split('/', 1)[0]) ? [key.split('/')[1]] : undefined),
    groupOf: (key: string) => {
      const row = key.split('/', 1)[0];
      const group = lines.findLast((line) => line.kind === 'group' && line.keys.includes(row));
      return group?.kind === 'group' ? { label: labels[group.group].label, keys: group.keys } : undefined;
    },
  };
}

function toggled(keys: readonly string[], key: string): string[] {
  return keys.includes(key) ? keys.filter((other) => other !== key) : [...keys, key];
}

/**
 * The runs of each open row by its key: those of a configuration by seed, those of a sweep with the chosen one first; and
 * whether they have what is asked for by now.
 */
function useMembers(
  folds: readonly string[][],
  asked: ReturnType<typeof askedFor>,
): { members: ReadonlyMap<string, readonly RunTableRow[]>; isWhole: boolean } {
  return useQueries({
    queries: folds.map((runs) => ({
      ...api.runs.table.queryOptions({
        input: {
          runs,
          archived: 'all',
          trials: 'chosen',
          ...asked,
          sort: [{ field: 'seed', descending: false }],
          limit: Math.min(1000, runs.length),
        },
      }),
      placeholderData: keepPreviousData,
    })),
    combine: useCallback(
      (pages: { data?: RunsPage; isPlaceholderData: boolean }[]) => ({
        members: new Map(
          pages.flatMap(({ data }, at): [string, readonly RunTableRow[]][] =>
            data && folds[at]
              ? [[folds[at][0], data.rows.toSorted((a, b) => Number(b.chosen) - Number(a.chosen))]]
              : [],
          ),
        ),
        isWhole: pages.every(({ isPlaceholderData }) => !isPlaceholderData),
      }),
      [folds],
    ),
  });
}

/** The rows at hand by their keys. */
function loadedRows(
  rows: readonly RunTableRow[],
  members: ReadonlyMap<string, readonly RunTableRow[]>,
): ReadonlyMap<string, RunLine> {
  const all = new Map<string, RunLine>(rows.map((row) => [row.id, row]));
  for (const [key, runs] of members) {
    const fold = all.get(key);
    for (const row of fold ? runs : []) all.set(memberKey(key, row.id), { ...row, fold });
  }
  return all;
}

function useGroupLabels(groups: RunsPage['groups'], groupBy: string | null) {
  const ofData = groupBy === 'dataset';
  const { data: datasets } = useQuery({ ...api.datasets.list.queryOptions(), enabled: ofData });
  return useMemo(
    () =>
      (groups ?? []).map(({ value, protocol }) => {
        if (!ofData) return { label: groupLabel(groupBy ?? '', value) };
        const { statistics: size, clicks } = datasets?.find(({ name }) => name === value) ?? {};
        const sizes = !size
          ? []
          : clicks
            ? [`${grouped(size.interactions)} rows`]
            : [`${grouped(size.users)} users`, `${grouped(size.items)} items`];
        return { label: value ?? '', detail: [...sizes, ...(protocol ? [protocol] : [])].join(' · ') };
      }),
    [groups, groupBy, datasets, ofData],
  );
}

function tableQuery({ columns, search, filters, starred, archived, sort, groupBy, fold }: ShownView) {
  return {
    ...{ search, filters, starred, archived, sort, groupBy, fold, foldStudies: fold },
    trials: 'chosen' as const,
    ...askedFor(firstBlock(columns)),
  };
}
