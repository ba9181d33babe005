import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import type { Size } from '../../../charts/painter.ts';
import { placeIn } from '../../../charts/pointer.ts';
import { type MapView, scaleOf, toMap, WHOLE } from './vectors-drawing.ts';

const MAX_ZOOM = 60;
/** Pixels that an arrow key moves by. */
const STEP = 60;

export type ShownPart = ReturnType<typeof useShownPart>;

/** The part of a map that is shown. The wheel comes closer with Ctrl or Cmd; so do plus and minus, the arrow keys move, 0 shows all. */
export function useShownPart(box: RefObject<HTMLElement | null>, size: Size) {
  const [view, setView] = useState<MapView>(WHOLE);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      // The page scrolls, as everywhere.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = placeIn({ currentTarget: element, clientX: event.clientX, clientY: event.clientY });
      setView((before) => zoomed(before, size, Math.exp(-event.deltaY / 400), x, y));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [box, size]);
  return {
    view,
    isWhole: view === WHOLE,
    showAll: () => setView(WHOLE),
    moveBy: (right: number, down: number) => setView(moved(view, size, right, down)),
    onKeyDown: (event: KeyboardEvent) => {
      const next = movedByKey(view, size, event.key);
      if (!next) return;
      event.preventDefault();
      setView(next);
    },
  };
}

function zoomed(view: MapView, size: Size, factor: number, x: number, y: number): MapView {
  const zoom = Math.max(1, Math.min(MAX_ZOOM, view.zoom * factor));
  if (zoom === 1) return WHOLE;
  const [fixedX, fixedY] = toMap(view, size, x, y);
  const scale = scaleOf({ ...view, zoom }, size);
  return { zoom, x: fixedX - (x - size.width / 2) / scale, y: fixedY + (y - size.height / 2) / scale };
}

/** Pixels by which the points move on the screen. */
function moved(view: MapView, size: Size, right: number, down: number): MapView {
  const scale = scaleOf(view, size);
  return { ...view, x: view.x - right / scale, y: view.y + down / scale };
}

function movedByKey(view: MapView, size: Size, key: string): MapView | null {
  const zoomBy = (factor: number) => zoomed(view, size, factor, size.width / 2, size.height / 2);
  if (key === '0') return WHOLE;
  if (key === 'ArrowLeft') return moved(view, size, STEP, 0);
  if (key === 'ArrowRight') return moved(view, size, -STEP, 0);
  if (key === 'ArrowUp') return moved(view, size, 0, STEP);
  if (key === 'ArrowDown') return moved(view, size, 0, -STEP);
  if (key === '+' || key === '=') return zoomBy(1.5);
  return key === '-' ? zoomBy(1 / 1.5) : null;
}
