import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

interface RowsInSightProps {
  count: number;
  /** Pixels. */
  height: number;
  keyOf(index: number): string;
  children(index: number): ReactNode;
}

/** Pixels of a row in one line. */
export const LOW_ROW = 40;
/** Rows drawn beyond those in sight. */
const OVERSCAN = 3;

/** A part of a scrolled screen: of rows of one height only those in sight are drawn. */
export function RowsInSight({ count, height, keyOf, children }: RowsInSightProps) {
  const list = useRef<HTMLOListElement>(null);
  // Where it begins changes with what stands above it.
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const scroller = list.current?.closest('.scrolls');
    if (!list.current || !scroller) return;
    const above = list.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    setMargin(Math.round(above + scroller.scrollTop));
  });
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => list.current?.closest('.scrolls') ?? null,
    estimateSize: () => height,
    getItemKey: keyOf,
    overscan: OVERSCAN,
    scrollMargin: margin,
  });
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0], rows.at(-1)];
  const before = first ? first.start - margin : 0;
  const after = virtual.getTotalSize() - (last ? last.end - margin : 0);
  return (
    <ol ref={list} style={{ paddingBlock: `${before}px ${Math.max(0, after)}px` }}>
      {rows.map(({ index }) => children(index))}
    </ol>
  );
}
