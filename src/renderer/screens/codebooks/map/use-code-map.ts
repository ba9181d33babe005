import { type RefObject, useEffect, useRef, useState } from 'react';
import type { CodeMap } from '../../../../core/api/codebooks.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useChoice } from '../../../state/navigation.ts';
import { useWorkbench } from '../workbench.ts';
import { MAP_COLOURS } from './map-scene.ts';

/** The map below a prefix, and the last one until it is there. */
export function useCodeMap(root: readonly number[]) {
  const { view } = useWorkbench();
  return useKeptQuery(api.codebooks.codeMap.queryOptions({ input: { ...view, root: [...root] } }));
}

/** How tiles are coloured: by category where items have some. */
export function useMapColour() {
  const { category } = useWorkbench();
  const [colour, setColour] = useChoice('tint', MAP_COLOURS, category ? 'category' : 'interactions');
  return [colour === 'category' && !category ? 'interactions' : colour, setColour] as const;
}

/** Which prefix fills the map, which code below it is held, and how to get elsewhere. */
export function useMapPlace() {
  const { place, change, facts } = useWorkbench();
  const depth = Math.min(Number(place.look.in ?? 0) || 0, facts.levels - 1);
  const above = place.pattern.slice(0, depth);
  const root = above.length === depth && !above.includes(null) ? (above as number[]) : [];
  const held = place.pattern[root.length] ?? null;
  const show = (prefix: readonly number[], below: number) => {
    const { in: _, ...look } = place.look;
    change({ pattern: [...prefix], look: below === 0 ? look : { ...look, in: String(below) } });
  };
  return {
    root,
    held,
    hold: (code: number) => show([...root, code], root.length),
    enter: (code: number, next?: number) => {
      const prefix = [...root, code];
      if (prefix.length < facts.levels) show(next === undefined ? prefix : [...prefix, next], prefix.length);
    },
    leave: () => show(root, Math.max(0, root.length - 1)),
  };
}

/** What stands beside a map has at least so much, and what stands below it so much. */
const BESIDE = 346;
const BETWEEN = 24;
const BELOW = 77;
const SHARE = 0.62;
const LEAST = 320;
/** Of a window where it stands alone in its line. */
const NARROW = 760;
/** In a window that is low, a map scrolls rather than being smaller. */
const LOWEST = 558;

/** How wide a map is in a view of its own: beside it is room for what it says, and as high as the view is. */
export function useMapWidth(grid: CodeMap['grid']): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(LOWEST);
  const shape = grid.columns / grid.rows;
  useEffect(() => {
    const element = ref.current;
    const view = element?.closest('[role="tabpanel"]');
    if (!element || !view) return;
    const observer = new ResizeObserver(() => {
      const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(element);
      const inset = Number.parseFloat(paddingInlineStart) + Number.parseFloat(paddingInlineEnd);
      const room = element.clientWidth - inset;
      const beside = Math.min(SHARE * room, room - BESIDE - BETWEEN);
      const high = Math.max(LOWEST, view.clientHeight - BELOW);
      setWidth(window.innerWidth <= NARROW ? room : Math.max(LEAST, Math.min(beside, high * shape)));
    });
    for (const one of [element, view]) observer.observe(one);
    return () => observer.disconnect();
  }, [shape]);
  return [ref, Math.ceil(width)];
}
