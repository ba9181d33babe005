import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type KeyboardEvent, useCallback, useLayoutEffect, useRef, useState } from 'react';

interface RovingList {
  /** Of every line. Memoise them. */
  keys: readonly string[];
  /** Pixels. */
  heightOf(at: number): number;
  /** Controls that stand side by side in each line. */
  across?: number;
}

/** Lines drawn beyond those in sight. */
const OVERSCAN = 6;

const controlsIn = (line: Element) => [...line.querySelectorAll<HTMLElement>('button, input')];

/**
 * A list of any length whose controls are one stop of the tab key: arrow keys, Home and End move among them, and the tab key
 * comes back to the one that was left. Lines in sight are drawn, and that stop; each says in `data-index` which it is.
 */
export function useRovingList({ keys, heightOf, across = 1 }: RovingList) {
  const box = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState({ key: keys[0], control: 0 });
  const moves = useRef(false);
  const current = Math.max(0, keys.indexOf(stop.key));
  const virtual = useVirtualizer({
    count: keys.length,
    getScrollElement: () => box.current,
    estimateSize: heightOf,
    getItemKey: useCallback((at: number) => keys[at], [keys]),
    rangeExtractor: useCallback(
      (range: Range) => {
        const stops = current < range.count ? [current] : [];
        return [...new Set([...stops, ...defaultRangeExtractor(range)])].sort((a, b) => a - b);
      },
      [current],
    ),
    overscan: OVERSCAN,
  });
  useLayoutEffect(() => {
    for (const line of box.current?.querySelectorAll('[data-index]') ?? []) {
      const isCurrent = line.getAttribute('data-index') === String(current);
      for (const [nth, control] of controlsIn(line).entries()) {
        const isStop = isCurrent && nth === stop.control;
        control.tabIndex = isStop ? 0 : -1;
        if (isStop && moves.current) control.focus();
      }
    }
    moves.current = false;
  });
  const onFocus = ({ target }: FocusEvent) => {
    const line = target.closest('[data-index]');
    const key = keys[Number(line?.getAttribute('data-index'))];
    if (line) setStop({ key, control: controlsIn(line).indexOf(target as HTMLElement) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const [at, last] = [current * across + stop.control, keys.length * across - 1];
    const to: Record<string, number | undefined> = {
      ArrowDown: at + across,
      ArrowUp: at - across,
      ArrowRight: across > 1 ? at + 1 : undefined,
      ArrowLeft: across > 1 ? at - 1 : undefined,
      Home: 0,
      End: last,
    };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next < 0 || next > last) return;
    moves.current = true;
    setStop({ key: keys[Math.floor(next / across)], control: next % across });
  };
  return { virtual, box: { ref: box, onFocus, onKeyDown } };
}
