import { type KeyboardEvent, type MouseEvent, useCallback, useRef, useState } from 'react';
import type { DataTableProps } from './columns.ts';

interface Viewport {
  scrollTo(index: number): void;
  /** Rows that a page key moves by. */
  pageRows(): number;
}

/** The row that keys act on, and what keys and clicks do to rows. */
export function useCursor<Row>(props: DataTableProps<Row>, { scrollTo, pageRows }: Viewport) {
  const { rows, section, expanded, selection, clickToggles = false, checkable = false } = props;
  const [chosen, setActive] = useState(0);
  // Rows may have gone since.
  const active = Math.max(0, Math.min(chosen, rows.total - 1));
  const { select, setAnchor } = useSelect(props);
  const moveTo = (index: number, { shiftKey, ctrlKey, metaKey }: KeyboardEvent) => {
    const target = Math.max(0, Math.min(rows.total - 1, index));
    setActive(target);
    scrollTo(target);
    if (shiftKey) select(target, 'extend');
    else if (clickToggles || checkable || ctrlKey || metaKey) setAnchor(target);
    else select(target, 'only');
  };
  const open = (index: number) => {
    const data = rows.row(index);
    if (data !== undefined) props.onOpen?.(data);
    else if (section?.(index)) props.onToggle?.(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.target !== event.currentTarget || rows.total === 0) return;
    const heading = section?.(active);
    const isOpen = heading?.open ?? expanded?.(active);
    const toggles = (key === 'ArrowLeft' && isOpen) || (key === 'ArrowRight' && isOpen === false);
    const parent = key === 'ArrowLeft' ? props.parent?.(active) : undefined;
    const target = targetOf(key, active, rows.total, pageRows);
    if (target !== undefined) moveTo(target, event);
    else if (toggles || (key === ' ' && heading)) props.onToggle?.(active);
    else if (parent !== undefined) moveTo(parent, event);
    else if (key === ' ') select(active, 'toggle');
    else if (key === 'Enter') open(active);
    else if (key === 'Escape' && selection?.size) props.onSelect?.(new Set());
    else return;
    event.preventDefault();
  };
  const toggle = (index: number) => {
    setActive(index);
    props.onToggle?.(index);
  };
  const click = (event: MouseEvent, index: number) => {
    if (section?.(index)) return toggle(index);
    setActive(index);
    const onBox = event.target instanceof HTMLInputElement;
    const toggles = clickToggles || (checkable && onBox) || event.ctrlKey || event.metaKey;
    select(index, event.shiftKey ? 'extend' : toggles ? 'toggle' : 'only');
  };

  // A row is drawn again when it changes, not when what is done with a click does.
  const latest = useRef({ click, open, toggle });
  latest.current = { click, open, toggle };
  return {
    active,
    onKeyDown,
    onRowClick: useCallback((event: MouseEvent, index: number) => latest.current.click(event, index), []),
    onRowOpen: useCallback((index: number) => latest.current.open(index), []),
    onRowToggle: useCallback((index: number) => latest.current.toggle(index), []),
  };
}

function targetOf(key: string, active: number, total: number, pageRows: () => number): number | undefined {
  const targets: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    Home: 0,
    End: total - 1,
    PageDown: active + pageRows(),
    PageUp: active - pageRows(),
  };
  return targets[key];
}

/** Changes the selection by one row, or from the row where it began to another one. */
function useSelect<Row>({ rows, rowKey, selection, onSelect }: DataTableProps<Row>) {
  const anchor = useRef(0);
  const keyAt = (index: number) => {
    const data = rows.row(index);
    return data === undefined ? null : rowKey(data);
  };
  const select = (index: number, how: 'only' | 'toggle' | 'extend') => {
    const key = keyAt(index);
    if (!onSelect || key === null) return;
    if (how === 'extend') {
      const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      const keys = Array.from({ length: to - from + 1 }, (_, at) => keyAt(from + at));
      onSelect(new Set(keys.filter((member) => member !== null)));
      return;
    }
    anchor.current = index;
    const chosen = new Set(how === 'toggle' ? selection : []);
    if (how === 'toggle' && chosen.has(key)) chosen.delete(key);
    else chosen.add(key);
    onSelect(chosen);
  };
  const setAnchor = (index: number) => {
    anchor.current = index;
  };
  return { select, setAnchor };
}
