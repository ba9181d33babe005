import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type MouseEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Column, type Sort, textOf } from './columns.ts';
import { useColumnsInSight } from './columns-in-sight.ts';
import { ContextMenu, type MenuChoice } from './Menu.tsx';
import { type BoxState, RowBox } from './RowBox.tsx';
import { TableHead } from './TableHead.tsx';
import { TableRow } from './TableRow.tsx';
import { type CursorProps, useCursor } from './table-cursor.ts';
import { useColumnWidths } from './table-widths.ts';

export interface GridProps<Row> extends CursorProps<Row> {
  /** Accessible name for screen readers. */
  label: string;
  /** Memoise them: with others every row is drawn again. */
  columns: readonly Column<Row>[];
  /** It is part of its page: as high as all its rows, columns as wide as what is in them, the first naming its row. */
  flows?: boolean;
  /** Its rows are waited for. */
  busy?: boolean;
  /** Keeps the last row in sight as rows are added. */
  follow?: boolean;
  /** The user scrolled away from the last row, or back to it. */
  onFollow?(follow: boolean): void;
  sort?: readonly Sort[];
  onSort?(sort: Sort[]): void;
  /** Pixels, of the columns that were resized. Default: the table remembers them while it is shown. */
  widths?: Record<string, number>;
  onWidths?(widths: Record<string, number>): void;
  /** A head was dropped on another one, to stand before it. */
  onMove?(id: string, before: string): void;
  /** What can be done with the selected rows, for the menu on a row. */
  menu?: readonly (MenuChoice | null)[];
}

export const ROW_HEIGHT = 28;
export const SECTION_HEIGHT = 32;
/** Rows drawn beyond those in sight: a flick of the wheel. */
const OVERSCAN = 6;

/**
 * A table of any length and width: only the rows in sight, and of many columns those in sight, are drawn and asked for.
 * Arrow keys, Home, End and the page keys move and select, Shift extends, with Ctrl or Cmd or where rows have check boxes
 * they only move; Space adds to the selection, Ctrl or Cmd with A takes all, Enter opens; right and left open and close a
 * row that has others below.
 */
export function TableGrid<Row>(given: GridProps<Row>) {
  const [rows, hold] = useHeldRows(given.rows);
  const props = { ...given, rows };
  const { rowKey, selection, onSelect, label, flows = false, busy, onFollow, checkable, menu } = props;
  const { total, row, section, expanded, key } = rows;
  const id = useId();
  const { scroll, virtual, items, onScroll } = useRowsInSight(props);
  const columns = useMemo(
    () => (checkable ? [checkColumn(props.columns), ...props.columns] : props.columns),
    [checkable, props.columns],
  );
  const { shown, resize } = useColumnWidths(columns, props.widths, props.onWidths);
  const drawn = useColumnsInSight(shown, rows, { scroll, flows });
  const cursor = useCursor(props, {
    scrollTo: (index) => virtual.scrollToIndex(index),
    pageRows: () => Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2),
  });
  const { active, onKeyDown, onRowClick, onRowOpen, onRowToggle, onRowMenu } = cursor;
  const asGrid = {
    ref: scroll,
    className: 'table block fill scrolls tall holds',
    role: section || expanded ? 'treegrid' : 'grid',
    'aria-rowcount': total + 1,
    'aria-colcount': shown.length,
    'aria-multiselectable': onSelect ? true : undefined,
    'aria-activedescendant': items.some(({ index }) => index === active) ? `${id}-${active}` : undefined,
    tabIndex: 0,
    onKeyDown,
    onPointerDown: hold,
    onScroll: onFollow && onScroll,
    onContextMenu: ({ target, currentTarget }: MouseEvent) => target === currentTarget && onRowMenu(active),
  };
  const width = useMemo(() => shown.reduce((sum, column) => sum + column.width, 0), [shown]);
  const size = { height: virtual.getTotalSize(), width, minWidth: '100%' };
  const table = (
    <table aria-label={label} aria-busy={busy} {...(flows ? { className: 'static-table' } : asGrid)}>
      <TableHead
        shown={drawn}
        width={width}
        flows={flows}
        sort={props.sort ?? []}
        onSort={props.onSort}
        onMove={props.onMove}
        onResize={resize}
        checked={rows.keys && stateOf(rows.keys, selection)}
        onCheck={(on) => cursor.check(rows.keys ?? [], on)}
      />
      <tbody {...(!flows && { className: 'block holds', style: size })}>
        {items.map(({ index, start }) => {
          const data = row(index);
          const heading = section?.(index);
          const known = key?.(index) ?? (data && rowKey?.(data));
          const nested = rows.parent?.(index) !== undefined;
          return (
            <TableRow
              key={heading ? `section ${heading.label} ${index}` : (known ?? index)}
              id={`${id}-${index}`}
              index={index}
              start={flows ? null : start}
              data={data}
              heading={heading}
              headingChecked={checkable && heading ? stateOf(heading.keys, selection) : undefined}
              expanded={expanded?.(index)}
              level={expanded && (section ? 2 : 1) + Number(nested)}
              nested={nested}
              selected={known !== undefined && (selection?.has(known) ?? false)}
              active={index === active}
              shown={drawn}
              span={shown.length}
              onClick={onRowClick}
              onOpen={onRowOpen}
              onToggle={onRowToggle}
              onMenu={onRowMenu}
            />
          );
        })}
      </tbody>
    </table>
  );
  if (flows)
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      <div className="static-table-box" tabIndex={0}>
        {table}
      </div>
    );
  return menu ? <ContextMenu choices={menu}>{table}</ContextMenu> : table;
}

/** The rows that are drawn: all of them in a table that flows, else those in sight, asked for as they come into sight; with `follow` the last one stays there. */
function useRowsInSight<Row>({ rows, flows, follow = false, onFollow }: GridProps<Row>) {
  const { total, request, section, key } = rows;
  const scroll = useRef<HTMLTableElement>(null);
  const virtual = useVirtualizer({
    count: flows ? 0 : total,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => (section?.(index) ? SECTION_HEIGHT : ROW_HEIGHT),
    getItemKey: useCallback((index: number) => key?.(index) ?? index, [key]),
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_HEIGHT,
  });
  const all = useMemo(
    () => Array.from({ length: flows ? total : 0 }, (_, index) => ({ index, start: 0 })),
    [flows, total],
  );
  const items = flows ? all : virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => request?.(first, last), [first, last, request]);
  useEffect(() => {
    if (follow && total > 0) virtual.scrollToIndex(total - 1, { align: 'end' });
  }, [follow, total, virtual]);
  const onScroll = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = scroll.current ?? {};
    const atEnd = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
    if (atEnd !== follow) onFollow?.(atEnd);
  };
  return { scroll, virtual, items, onScroll };
}

function stateOf(keys: readonly string[], selection: ReadonlySet<string> | undefined): BoxState {
  if (!selection?.size) return false;
  const all = keys.every((key) => selection.has(key));
  return all ? keys.length > 0 : keys.some((key) => selection.has(key)) && 'mixed';
}

/** Its boxes are named after what their rows are. */
function checkColumn<Row>(columns: readonly Column<Row>[]): Column<Row> {
  const names = columns.find(({ tree }) => tree) ?? columns[0];
  return {
    ...{ id: 'select', title: '', kind: 'none', width: 48, pinned: true, value: () => null },
    render: (row, selected) => (
      <RowBox label={`Select ${names.tip?.(row) ?? textOf(names, row)}`} state={selected} />
    ),
  };
}

/**
 * Rows that stay as they are while the pointer is pressed on them: a list that changes between press and release takes
 * the row away from under the click, which is then lost or meant for another row.
 */
function useHeldRows<Rows>(rows: Rows): [Rows, (event: PointerEvent) => void] {
  const [held, setHeld] = useState<{ rows: Rows } | null>(null);
  const hold = ({ button }: PointerEvent) => {
    if (button !== 0) return;
    setHeld({ rows });
    const over = new AbortController();
    // The click follows the release, and is for the rows that were pressed.
    const release = () => {
      over.abort();
      setTimeout(() => setHeld(null));
    };
    for (const end of ['pointerup', 'pointercancel'])
      window.addEventListener(end, release, { signal: over.signal });
  };
  return [held?.rows ?? rows, hold];
}
