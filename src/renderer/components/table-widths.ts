import { useCallback, useMemo, useState } from 'react';
import { type Column, widthOf } from './columns.ts';

type Widths = Record<string, number>;

const LEAST_WIDTH = 40;

export interface ShownColumn<Row> {
  column: Column<Row>;
  width: number;
  grows: boolean;
  /** Where a pinned column at the beginning stays; null for the others. */
  left: number | null;
  /** Its place among all columns. */
  at: number;
}

/** How wide the columns are, where the pinned ones stand, and how a user changes a width; null gives it back its own. */
export function useColumnWidths<Row>(
  columns: readonly Column<Row>[],
  given: Widths | undefined,
  onWidths: ((widths: Widths) => void) | undefined,
) {
  const [own, setOwn] = useState<Widths>({});
  const widths = given ?? own;
  const shown = useMemo(() => {
    const pinned = columns.findIndex((column) => !column.pinned);
    let left = 0;
    return columns.map((column, at): ShownColumn<Row> => {
      const width = widths[column.id] ?? widthOf(column);
      const place = at < pinned ? left : null;
      left += width;
      return { column, width, grows: column.grows === true && !(column.id in widths), left: place, at };
    });
  }, [columns, widths]);
  const resize = useCallback(
    (id: string, width: number | null) => {
      const { [id]: _, ...others } = widths;
      const next = width === null ? others : { ...others, [id]: Math.max(LEAST_WIDTH, Math.round(width)) };
      setOwn(next);
      onWidths?.(next);
    },
    [widths, onWidths],
  );
  return { shown, resize };
}
