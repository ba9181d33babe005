/** What lies over the page: menus, dialogs, a chart that fills the window. The top one alone has the keyboard. */
import { useEffect, useMemo } from 'react';

interface Layer {
  /** A menu has every key; through a dialog those with a modifier lead, as to the palette. */
  kind: 'menu' | 'dialog';
  /** Where the focus was, and where it was before that: a menu's item is gone once what it opens is closed. */
  openers: readonly Element[];
}

/** The top one last. */
const layers: Layer[] = [];

/** The kind of what lies on top; null where the page itself does. */
export const topLayer = (): Layer['kind'] | null => layers.at(-1)?.kind ?? null;

/** A layer while it is open. Returns how the focus goes back to where it was opened from. */
export function useLayer(open: boolean, kind: Layer['kind'] = 'dialog'): () => void {
  // Before the content is there, which may take the focus by itself.
  const layer = useMemo(() => (open ? { kind, openers: openersNow() } : null), [open, kind]);
  useEffect(() => {
    if (!layer) return;
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, [layer]);
  return () => {
    const left = layer?.openers.find((element) => element.isConnected && element !== document.body);
    if (left instanceof HTMLElement) left.focus();
  };
}

function openersNow(): Element[] {
  const { activeElement } = document;
  const before = layers.toReversed().flatMap(({ openers }) => openers);
  return activeElement ? [activeElement, ...before] : before;
}
