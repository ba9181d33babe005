import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';

/**
 * Many controls as one stop of the tab key: arrow keys, Home and End move among them, and the tab key comes back to the
 * one that was left. `across` of them stand side by side.
 */
export function useRovingFocus<Box extends HTMLElement>(across = 1) {
  const box = useRef<Box>(null);
  const current = useRef<HTMLElement>(null);
  const controls = () => [...(box.current?.querySelectorAll<HTMLElement>('button, input') ?? [])];
  const stopAt = (all: readonly HTMLElement[], chosen: HTMLElement | undefined) => {
    current.current = chosen ?? null;
    for (const control of all) control.tabIndex = control === chosen ? 0 : -1;
  };
  useLayoutEffect(() => {
    const all = controls();
    stopAt(all, all.find((control) => control === current.current) ?? all[0]);
  });
  return {
    ref: box,
    onFocus: ({ target }: { target: HTMLElement }) => stopAt(controls(), target),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      const all = controls();
      const at = all.indexOf(event.target as HTMLElement);
      const to: Record<string, number | undefined> = {
        ArrowDown: at + across,
        ArrowUp: at - across,
        ArrowRight: across > 1 ? at + 1 : undefined,
        ArrowLeft: across > 1 ? at - 1 : undefined,
        Home: 0,
        End: all.length - 1,
      };
      const next = to[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      all[next]?.focus();
    },
  };
}
