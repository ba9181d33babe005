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
