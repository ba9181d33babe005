import type { CSSProperties } from 'react';

interface PointerPlace {
  currentTarget: Element;
  clientX: number;
  clientY: number;
}

/** Where a pointer is in the element that handles its event, in pixels. */
export function placeIn({ currentTarget, clientX, clientY }: PointerPlace): { x: number; y: number } {
  const { left, top } = currentTarget.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

/** Room that a description may take below the pointer. */
const TIP_HEIGHT = 150;

/** Beside a place of the window, on the side with room; in the window's own pixels. */
export function tipPlace({ x, y }: { x: number; y: number }): CSSProperties {
  const { innerWidth, innerHeight } = window;
  return {
    ...(x > innerWidth / 2 ? { right: innerWidth - x + 12 } : { left: x + 12 }),
    ...(y > innerHeight - TIP_HEIGHT ? { bottom: innerHeight - y + 12 } : { top: y + 16 }),
  };
}
