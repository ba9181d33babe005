import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { DataTableProps } from './columns.ts';
import { TableHead } from './TableHead.tsx';
import { TableRow } from './TableRow.tsx';

export const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});

const ROW_HEIGHT = 28;
const OVERSCAN = 12;
const DEFAULT_WIDTH = 120;

/**
 * A table of any length: only the rows in sight are drawn, and `onRange` says which are needed. Arrow keys,
 * Home, End and the page keys move and select, Shift extends, with Ctrl or Cmd they only move; Space adds to the
 * selection, Enter opens; right and left open and close a row that has others below. Head cells can be dragged to another place where `onLayout` is given.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { total, row, rowKey, onRange, selection, onSelect, onOpen, label, section, expanded } = props;
  const clickToggles = props.clickToggles ?? false;
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const { shown, head } = useColumns(props);
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_HEIGHT,
  });
  const items = rows.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onRange?.(first, last), [first, last, onRange]);
  const { follow = false, onFollow } = props;
  useEffect(() => {
    if (follow && total > 0) rows.scrollToIndex(total - 1, { align: 'end' });
  }, [follow, total, rows]);
  const onScroll = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = scroll.current ?? {};
    const atEnd = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
    if (atEnd !== follow) onFollow?.(atEnd);
  };

  const keyAt = (index: number) => {
    const data = row(index);
    return data === undefined ? null : rowKey(data);
  };
  const select = (index: number, how: 'only' | 'toggle' | 'extend') => {
    const key = keyAt(index);
    if (!onSelect || key === null) return;
    if (how === 'extend') {
      const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      const keys = Array.from({ length: to - from + 1 }, (_, at) => keyAt(from + at));
      onSelect(new Set(keys.filter((known) => known !== null)));
      return;
    }
    anchor.current = index;
    const chosen = new Set(how === 'toggle' ? selection : []);
    if (how === 'toggle' && chosen.has(key)) chosen.delete(key);
    else chosen.add(key);
    onSelect(chosen);
  };
  const moveTo = (index: number, { shiftKey, ctrlKey, metaKey }: KeyboardEvent) => {
    const target = Math.max(0, Math.min(total - 1, index));
    setActive(target);
    rows.scrollToIndex(target);
    if (shiftKey) select(target, 'extend');
    else if (clickToggles || ctrlKey || metaKey) anchor.current = target;
    else select(target, 'only');
  };
  const open = (index: number) => {
    const data = row(index);
    if (data !== undefined) onOpen?.(data);
    else if (section?.(index)) props.onToggle?.(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || total === 0) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      Home: 0,
      End: total - 1,
      PageDown: active + page,
      PageUp: active - page,
    };
    const heading = section?.(active);
    const isOpen = heading?.open ?? expanded?.(active);
    const turns = (event.key === 'ArrowLeft' && isOpen) || (event.key === 'ArrowRight' && isOpen === false);
    const parent = event.key === 'ArrowLeft' ? props.parent?.(active) : undefined;
    if (event.key in steps) moveTo(steps[event.key], event);
    else if (turns || (event.key === ' ' && heading)) props.onToggle?.(active);
    else if (parent !== undefined) moveTo(parent, event);
    else if (event.key === ' ') select(active, 'toggle');
    else if (event.key === 'Enter') open(active);
    else if (event.key === 'Escape' && selection?.size) onSelect?.(new Set());
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, index: number) => {
    setActive(index);
    if (section?.(index)) props.onToggle?.(index);
    else {
      const toggles = clickToggles || event.ctrlKey || event.metaKey;
      select(index, event.shiftKey ? 'extend' : toggles ? 'toggle' : 'only');
    }
  };

  const turn = (index: number) => {
    setActive(index);
    props.onToggle?.(index);
  };

  // A row is drawn anew when it changes, not when what is done with a click does.
  const act = useRef({ onClick, open, turn });
  act.current = { onClick, open, turn };
  const onRowClick = useCallback((event: MouseEvent, index: number) => act.current.onClick(event, index), []);
  const onRowOpen = useCallback((index: number) => act.current.open(index), []);
  const onRowTurn = useCallback((index: number) => act.current.turn(index), []);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support them
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a grid or a treegrid
    <div
      ref={scroll}
      className="table"
      role={section || expanded ? 'treegrid' : 'grid'}
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={shown.length}
      aria-multiselectable={onSelect ? true : undefined}
      aria-activedescendant={total > 0 ? `${label}-row-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={onFollow && onScroll}
    >
      {head}
      <div
        className="table-body"
        role="rowgroup"
        style={{ height: rows.getTotalSize(), width: shown.reduce((sum, { width }) => sum + width, 0) }}
      >
        {items.map(({ index, start }) => {
          const data = row(index);
          const nested = props.parent?.(index) !== undefined;
          return (
            <TableRow
              key={index}
              id={`${label}-row-${index}`}
              index={index}
              start={start}
              data={data}
              heading={section?.(index)}
              expanded={expanded?.(index)}
              level={expanded && (section ? 2 : 1) + Number(nested)}
              nested={nested}
              selected={data !== undefined && (selection?.has(rowKey(data)) ?? false)}
              active={index === active}
              shown={shown}
              onClick={onRowClick}
              onOpen={onRowOpen}
              onTurn={onRowTurn}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Order, visibility and widths of the columns, kept by TanStack Table and told to the owner. */
function useColumns<Row>({ columns, layout, onLayout, sort, onSort }: DataTableProps<Row>) {
  const definitions = useMemo(
    () => columns.map(({ id, width }) => ({ id, size: width ?? DEFAULT_WIDTH, minSize: 40 })),
    [columns],
  );
  const [own, setOwn] = useState<Record<string, number>>({});
  const widths = layout?.widths ?? own;
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: {
      columnOrder: layout?.order ?? [],
      columnVisibility: Object.fromEntries((layout?.hidden ?? []).map((id) => [id, false])),
      columnSizing: widths,
    },
    onColumnSizingChange: (change) => {
      const next = typeof change === 'function' ? change(widths) : change;
      setOwn(next);
      onLayout?.({ order: layout?.order ?? [], hidden: layout?.hidden ?? [], widths: next });
    },
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const visible = headers.flatMap((header) => {
    const column = columns.find(({ id }) => id === header.column.id);
    return column ? [{ column, width: header.getSize(), resize: header.getResizeHandler() }] : [];
  });
  const places = visible.map(({ column: { id }, width }) => `${id} ${width}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are drawn anew for other columns or widths alone
  const shown = useMemo(() => withPins(visible), [columns, places]);
  const move = (id: string, before: string) => {
    const order = visible.map(({ column }) => column.id).filter((known) => known !== id);
    order.splice(order.indexOf(before), 0, id);
    onLayout?.({ order, hidden: layout?.hidden ?? [], widths });
  };
  const head = (
    <TableHead shown={shown} sort={sort ?? []} onSort={onSort} onMove={onLayout ? move : undefined} />
  );
  return { shown, head };
}

/** Adds where the pinned columns at the beginning stay; null for the others. */
function withPins<T extends { column: { pinned?: boolean }; width: number }>(
  columns: readonly T[],
): (T & { left: number | null })[] {
  const end = columns.findIndex(({ column }) => !column.pinned);
  const pinned = end < 0 ? columns.length : end;
  return columns.map((entry, at) => ({
    ...entry,
    left: at < pinned ? columns.slice(0, at).reduce((sum, { width }) => sum + width, 0) : null,
  }));
}

const NO_ROWS: never[] = [];
