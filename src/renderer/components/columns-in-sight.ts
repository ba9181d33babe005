import { type RefObject, startTransition, useEffect, useMemo, useState } from 'react';
import type { TableSource } from './columns.ts';
import type { ShownColumn } from './table-widths.ts';

export interface DrawnColumn<Row> extends ShownColumn<Row> {
  /** Pixels of the columns before it that are not drawn. */
  gap?: number;
  /** Whether what stands in it is not loaded of a row. */
  waits?(row: Row): boolean;
}

/** Beyond as many columns only those in sight are drawn. */
const MOST_COLUMNS = 60;
/** Columns are drawn by so many at once, some lots beyond those in sight: a table that scrolls draws its rows anew once a lot. */
const LOT = 4;
const AHEAD = 2;
/** Where each look finds other columns, nothing is drawn until it has rested so long. */
const REST_MS = 60;

/** Of many columns the pinned ones and those in sight, asked for as they come into sight; of fewer all. */
export function useColumnsInSight<Row>(
  shown: readonly ShownColumn<Row>[],
  { requestColumns, hasCell }: TableSource<Row>,
  { scroll, flows }: { scroll: RefObject<HTMLElement | null>; flows: boolean },
): readonly DrawnColumn<Row>[] {
  const isCut = !flows && shown.length > MOST_COLUMNS;
  const [first, last] = useLotsInSight(shown, scroll, isCut);
  const drawn = useMemo(() => {
    if (!isCut) return shown;
    const cut = cutColumns(shown, LOT * Math.max(0, first - AHEAD), LOT * (last + 1 + AHEAD));
    return hasCell ? cut.map((one) => ({ ...one, waits: (row: Row) => !hasCell(row, one.column.id) })) : cut;
  }, [shown, isCut, first, last, hasCell]);
  useEffect(() => requestColumns?.(drawn.map(({ column }) => column.id)), [drawn, requestColumns]);
  return drawn;
}

/** The first and the last lot that are in sight. They change between frames: a bar that is pulled does not wait for what comes into sight. */
function useLotsInSight(
  shown: readonly { width: number }[],
  scroll: RefObject<HTMLElement | null>,
  isCut: boolean,
): readonly [number, number] {
  const [lots, setLots] = useState<readonly [number, number]>([0, 0]);
  useEffect(() => {
    const box = scroll.current;
    if (!isCut || !box) return;
    let left = 0;
    /** Where each lot ends. */
    const ends = shown.flatMap(({ width }, at) => {
      left += width;
      return at % LOT === LOT - 1 || at === shown.length - 1 ? [left] : [];
    });
    const lotAt = (x: number) => firstAbove(ends, x);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let before = box.scrollLeft;
    const look = () => {
      const { scrollLeft, clientWidth } = box;
      const isPulled = Math.abs(scrollLeft - before) > clientWidth;
      before = scrollLeft;
      clearTimeout(timer);
      if (isPulled) {
        timer = setTimeout(look, REST_MS);
        return;
      }
      const next = [lotAt(scrollLeft), lotAt(scrollLeft + clientWidth)] as const;
      startTransition(() => setLots((last) => (last.join() === next.join() ? last : next)));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(box);
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      clearTimeout(timer);
      resized.disconnect();
      box.removeEventListener('scroll', look);
    };
  }, [shown, scroll, isCut]);
  return lots;
}

/** The place of the first value above one, in growing values; the last place where none is. */
function firstAbove(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The pinned columns, and those from one place to another, the first with the room of what is left out before it. None takes room that is left. */
function cutColumns<Row>(shown: readonly ShownColumn<Row>[], from: number, to: number): DrawnColumn<Row>[] {
  const pinned = shown.filter(({ left }) => left !== null).length;
  const first = Math.max(pinned, from);
  const gap = shown.slice(pinned, first).reduce((sum, { width }) => sum + width, 0);
  const inSight = shown.slice(first, to).map((one, at) => (at === 0 ? { ...one, gap } : one));
  return [...shown.slice(0, pinned), ...inSight].map((one) => ({ ...one, grows: false }));
}
