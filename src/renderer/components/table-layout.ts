import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import type { DataTableProps } from './columns.ts';

const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});

const DEFAULT_WIDTH = 120;
const NO_ROWS: never[] = [];

/** Order, visibility and widths of the columns, kept by TanStack Table and reported to the owner. */
export function useTableLayout<Row>({ columns, layout, onLayout }: DataTableProps<Row>) {
  const definitions = useMemo(
    () => columns.map(({ id, width }) => ({ id, size: width ?? DEFAULT_WIDTH, minSize: 40 })),
    [columns],
  );
  const [ours, setOurs] = useState<Record<string, number>>({});
  const widths = layout?.widths ?? ours;
  const hidden = layout?.hidden ?? [];
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: {
      columnOrder: layout?.order ?? [],
      columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])),
      columnSizing: widths,
    },
    onColumnSizingChange: (change) => {
      const next = typeof change === 'function' ? change(widths) : change;
      setOurs(next);
      onLayout?.({ order: layout?.order ?? [], hidden, widths: next });
    },
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const visible = headers.flatMap((header) => {
    const column = columns.find(({ id }) => id === header.column.id);
    if (!column) return [];
    const grows = column.grows === true && !(column.id in widths);
    return [{ column, width: header.getSize(), grows, resize: header.getResizeHandler() }];
  });
  const places = visible.map(({ column: { id }, width, grows }) => `${id} ${width} ${grows}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are drawn again for other columns or widths alone
  const shown = useMemo(() => withPins(visible), [columns, places]);
  const move = (id: string, before: string) => {
    const order = visible.map(({ column }) => column.id).filter((other) => other !== id);
    order.splice(order.indexOf(before), 0, id);
    onLayout?.({ order, hidden, widths });
  };
  return { shown, move: onLayout && move };
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
