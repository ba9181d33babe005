import { type ReactNode, useMemo, useState } from 'react';
import type { Query } from '../state/api.ts';
import { CopyMenu, type CopyMenuProps } from './CopyMenu.tsx';
import { listSource, type Sort, sortedRows, type TableSource } from './columns.ts';
import { Problem } from './Screen.tsx';
import { type GridProps, ROW_HEIGHT, TableGrid } from './TableGrid.tsx';

export interface TableProps<Row>
  extends Omit<GridProps<Row>, 'label' | 'rows' | 'flows' | 'busy'>,
    Pick<CopyMenuProps<Row>, 'more'> {
  /** Above the table, with the button that copies it. */
  title?: string;
  /** Rank of the title among the page's headings. Default: h2. */
  heading?: 'h2' | 'h3';
  /** Behind the title, muted. */
  detail?: string;
  /** Beside the button that copies. */
  controls?: ReactNode;
  /** Accessible name. Default: the title. */
  label?: string;
  /** All of them, or where they come from as they come into sight; undefined until they are there. */
  rows: readonly Row[] | TableSource<Row> | undefined;
  /** What they are asked by: what goes wrong with it is said below the heads. */
  query?: Query<unknown>;
  /** In place of a table without rows. */
  empty?: ReactNode;
  /** As many lines are high where the table scrolls in itself. Default: all that its place has. */
  lines?: number;
}

/** Grey rows, as many as are seen to be rows. */
const WAITING: TableSource<never> = { total: 8, row: () => undefined };

/** A short table flows with its page; beyond as many rows only those in sight are drawn. */
const MOST_ROWS = 200;
const LINES = 20;

/**
 * Every table. It flows with its page while it is short and there is nothing to choose in it; else it is a grid that
 * scrolls, is moved in by keys and draws what is in sight.
 */
export function Table<Row>({
  title,
  heading: Heading = 'h2',
  detail,
  controls,
  more,
  empty,
  query,
  ...table
}: TableProps<Row>) {
  const { label = title ?? '', columns, rows = WAITING, sort: given, onSort, lines, ...props } = table;
  const [own, setOwn] = useState<Sort[]>([]);
  const list = isList(rows) ? rows : null;
  const sort = given ?? own;
  const sorted = useMemo(
    () => list && (onSort ? list : sortedRows(list, columns, sort)),
    [list, columns, sort, onSort],
  );
  const long = (list?.length ?? 0) > MOST_ROWS;
  const height = lines ?? (long ? LINES : undefined);
  const source = useMemo(() => (isList(rows) ? listSource(sorted ?? []) : rows), [rows, sorted]);
  const chooses = Boolean(props.onOpen || props.onSelect || props.onFollow || onSort);
  const isBroken = rows === WAITING && query?.error != null;
  const isGrid = !isBroken && (rows === WAITING ? chooses : list === null || long || chooses);
  const seen = useMemo(() => columns.filter(({ unseen }) => !unseen), [columns]);
  const body = (
    <>
      <TableGrid
        {...props}
        flows={!isGrid}
        label={label}
        columns={seen}
        rows={isBroken ? listSource<Row>([]) : source}
        busy={rows === WAITING && !isBroken}
        sort={sort}
        onSort={onSort ?? setOwn}
      />
      {isBroken && <Problem query={query} />}
    </>
  );
  return (
    <>
      {title !== undefined && (
        <div className="chart-head">
          <Heading>
            {title} {detail && <span className="muted">{detail}</span>}
          </Heading>
          <span className="screen-actions row push rigid">
            {controls}
            <CopyMenu what={label} columns={columns} rows={() => sorted ?? []} more={more} />
          </span>
        </div>
      )}
      {empty && list?.length === 0 ? (
        empty
      ) : height === undefined || !isGrid ? (
        body
      ) : (
        <div style={{ height: (Math.min(source.total, height) + 1) * ROW_HEIGHT + 2 }}>{body}</div>
      )}
    </>
  );
}

function isList<Row>(rows: readonly Row[] | TableSource<Row>): rows is readonly Row[] {
  return Array.isArray(rows);
}
