import { memo, type ReactNode } from 'react';
import { CellContent } from './CellContent.tsx';
import { type Column, isNumeric, textOf } from './columns.ts';
import type { DrawnColumn } from './columns-in-sight.ts';

interface TableCellProps<Row>
  extends Pick<DrawnColumn<Row>, 'column' | 'width' | 'left' | 'grows' | 'at' | 'gap'> {
  /** Undefined until it is loaded. */
  data: Row | undefined;
  /** What stands in it is still loaded. */
  waits: boolean;
  /** Widths are not its own. */
  flows: boolean;
  selected: boolean;
  /** Before what its column shows. */
  mark?: ReactNode;
}

/** A cell of a row. Drawn again only where something of it has changed: a row has very many, and few change at once. */
export const TableCell = memo(PlainCell, isSame) as typeof PlainCell;

function isSame<Row>(before: TableCellProps<Row>, after: TableCellProps<Row>): boolean {
  const { data: a, ...one } = before;
  const { data: b, ...other } = after;
  const keys = Object.keys({ ...one, ...other }) as (keyof typeof one)[];
  if (!keys.every((key) => Object.is(one[key], other[key]))) return false;
  if (Object.is(a, b)) return true;
  // A row is another one as soon as anything of it is.
  const { column } = after;
  return (
    a !== undefined && b !== undefined && isItsValue(column) && Object.is(column.value(a), column.value(b))
  );
}

/** Whether what a column shows of a row follows from its value alone. */
const isItsValue = <Row,>({ render, text, detail, tip, background, decimals }: Column<Row>): boolean =>
  !(render || text || detail || tip || background || typeof decimals === 'function');

function PlainCell<Row>(props: TableCellProps<Row>) {
  const { column, data, waits, flows, width, left, grows, at, gap, selected, mark } = props;
  // A row that is waited for has no name yet.
  const isName = flows && at === 0 && data !== undefined;
  const Cell = isName ? 'th' : 'td';
  const isThere = data !== undefined && !waits;
  const tip = column.tip ?? (flows && !grows ? undefined : (row: Row) => textOf(column, row));
  return (
    <Cell
      {...(flows
        ? { scope: isName ? 'row' : undefined }
        : { className: 'table-cell clip', 'aria-colindex': at + 1 })}
      data-align={isNumeric(column) ? 'end' : undefined}
      title={(isThere && tip?.(data)) || undefined}
      data-pinned={left !== null || undefined}
      data-grows={grows || undefined}
      style={{
        ...(!flows && { width, left: left ?? undefined, marginInlineStart: gap }),
        background: data && column.background?.(data),
      }}
    >
      {mark}
      {isThere && <CellContent column={column} row={data} selected={selected} />}
    </Cell>
  );
}
