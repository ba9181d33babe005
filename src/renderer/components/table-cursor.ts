import { type KeyboardEvent, type MouseEvent, useCallback, useRef, useState } from 'react';
import type { TableSource } from './columns.ts';

/** What a table tells of its rows and of what is done to them. */
export interface CursorProps<Row> {
  rows: TableSource<Row>;
  /** What its cells and what has the focus go with. Default: its place. */
  rowKey?(row: Row): string;
  selection?: ReadonlySet<string>;
  onSelect?(selection: ReadonlySet<string>): void;
  /** Rows have check boxes: keys move without selecting, and a click on a box adds a row or takes it away. */
  checkable?: boolean;
  /** A plain click adds a row or takes it away, as in a list to pick from. */
  clickToggles?: boolean;
  /** Enter or double click. */
  onOpen?(row: Row): void;
}

interface Viewport {
  scrollTo(index: number): void;
  /** Rows that a page key moves by. */
  pageRows(): number;
}

/** The row that keys act on, and what keys and clicks do to rows. */
export function useCursor<Row>(props: CursorProps<Row>, { scrollTo, pageRows }: Viewport) {
  const { rows, selection, clickToggles = false, checkable = false } = props;
  const { section, expanded, toggle: toggleRow } = rows;
  const [chosen, setActive] = useState(0);
  // Rows may have gone since.
  const active = Math.max(0, Math.min(chosen, rows.total - 1));
  const { select, setAnchor, keyAt, check, all } = useSelect(props);
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
    else if (section?.(index)) toggleRow?.(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.target !== event.currentTarget || rows.total === 0) return;
    const heading = section?.(active);
    const isOpen = heading?.open ?? expanded?.(active);
    const toggles = (key === 'ArrowLeft' && isOpen) || (key === 'ArrowRight' && isOpen === false);
    const parent = key === 'ArrowLeft' ? rows.parent?.(active) : undefined;
    const target = targetOf(key, active, rows.total, pageRows);
    if ((event.ctrlKey || event.metaKey) && key === 'a' && props.onSelect) all();
    else if (target !== undefined) moveTo(target, event);
    else if (key === ' ' && heading && checkable) check(heading.keys);
    else if (toggles || (key === ' ' && heading)) toggleRow?.(active);
    else if (parent !== undefined) moveTo(parent, event);
    else if (key === ' ') select(active, 'toggle');
    else if (key === 'Enter') open(active);
    else if (key === 'Escape' && selection?.size) props.onSelect?.(new Set());
    else return;
    event.preventDefault();
  };
  const toggle = (index: number) => {
    setActive(index);
    toggleRow?.(index);
  };
  const click = (event: MouseEvent, index: number) => {
    const onBox = event.target instanceof HTMLInputElement;
    const heading = section?.(index);
    if (heading && !onBox) return toggle(index);
    setActive(index);
    if (heading) return check(heading.keys);
    const toggles = clickToggles || (checkable && onBox) || event.ctrlKey || event.metaKey;
    select(index, event.shiftKey ? 'extend' : toggles ? 'toggle' : 'only');
  };
  /** What the menu on a row is for: the selected rows, and it alone where it is none of them. */
  const menu = (index: number) => {
    const key = keyAt(index);
    setActive(index);
    if (key !== undefined && !selection?.has(key)) select(index, 'only');
  };

  // A row is drawn again when it changes, not when what is done with a click does.
  const latest = useRef({ click, open, toggle, menu });
  latest.current = { click, open, toggle, menu };
  return {
    active,
    onKeyDown,
    onRowClick: useCallback((event: MouseEvent, index: number) => latest.current.click(event, index), []),
    onRowOpen: useCallback((index: number) => latest.current.open(index), []),
    onRowToggle: useCallback((index: number) => latest.current.toggle(index), []),
    onRowMenu: useCallback((index: number) => latest.current.menu(index), []),
    check,
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

/** Changes the selection by one row, from the row where it began to another one, or by several at once. */
function useSelect<Row>({ rows, rowKey, selection, onSelect }: CursorProps<Row>) {
  const anchor = useRef(0);
  const keyAt = (index: number) => {
    const data = rows.row(index);
    return rows.key?.(index) ?? (data === undefined ? undefined : rowKey?.(data));
  };
  const between = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => keyAt(from + at)).filter((key) => key !== undefined);
  /** Adds them all, or takes them away where all are there. */
  const check = (keys: readonly string[], on = !keys.every((key) => selection?.has(key))) => {
    const next = new Set(selection);
    for (const key of keys) {
      if (on) next.add(key);
      else next.delete(key);
    }
    onSelect?.(next);
  };
  const select = (index: number, how: 'only' | 'toggle' | 'extend') => {
    const key = keyAt(index);
    if (how === 'extend') {
      onSelect?.(new Set(between(Math.min(anchor.current, index), Math.max(anchor.current, index))));
    } else if (key !== undefined) {
      anchor.current = index;
      if (how === 'toggle') check([key]);
      else onSelect?.(new Set([key]));
    }
  };
  const setAnchor = (index: number) => {
    anchor.current = index;
  };
  const all = () => onSelect?.(new Set(rows.keys ?? between(0, rows.total - 1)));
  return { select, setAnchor, keyAt, check, all };
}
