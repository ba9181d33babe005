import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { DataTableProps } from './columns.ts';
import { TableHead } from './TableHead.tsx';
import { TableRow } from './TableRow.tsx';
import { useCursor } from './table-cursor.ts';
import { useTableLayout } from './table-layout.ts';

export const ROW_HEIGHT = 28;
const OVERSCAN = 12;

/**
 * A table of any length: only the rows in sight are drawn and asked for. Arrow keys, Home, End and the page keys move
 * and select, Shift extends, with Ctrl or Cmd or where rows have check boxes they only move; Space adds to the selection,
 * Enter opens; right and left open and close a row that has others below. With `onLayout`, head cells can be dragged to
 * another place.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, rowKey, selection, onSelect, label, section, expanded, onFollow } = props;
  const { total, row, request } = rows;
  const scroll = useRef<HTMLDivElement>(null);
  const { shown, move } = useTableLayout(props);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_HEIGHT,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => request?.(first, last), [first, last, request]);
  const { follow = false } = props;
  useEffect(() => {
    if (follow && total > 0) virtual.scrollToIndex(total - 1, { align: 'end' });
  }, [follow, total, virtual]);
  const onScroll = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = scroll.current ?? {};
    const atEnd = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
    if (atEnd !== follow) onFollow?.(atEnd);
  };
  const cursor = useCursor(props, {
    scrollTo: (index) => virtual.scrollToIndex(index),
    pageRows: () => Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2),
  });
  const { active, onKeyDown, onRowClick, onRowOpen, onRowToggle } = cursor;
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
      aria-activedescendant={
        items.some(({ index }) => index === active) ? `${label}-row-${active}` : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={onFollow && onScroll}
    >
      <TableHead shown={shown} sort={props.sort ?? []} onSort={props.onSort} onMove={move} />
      <div
        className="table-body"
        role="rowgroup"
        style={{ height: virtual.getTotalSize(), width: shown.reduce((sum, { width }) => sum + width, 0) }}
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
              onToggle={onRowToggle}
            />
          );
        })}
      </div>
    </div>
  );
}
