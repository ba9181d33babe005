/** Finds the mark of a drawing under the pointer and its text, for the tooltip. Free of React. */

/** A mark is pointed at from so many pixels away. */
const REACH = 32;

export interface TitledMark {
  element: Element;
  text: string;
  /** In the drawing. */
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The marks that have a title, with where they are: read once a drawing, for reading it makes the browser lay out. */
export function titledMarks(figure: Element): TitledMark[] {
  const origin = figure.getBoundingClientRect();
  return [...figure.querySelectorAll('title')].flatMap(({ parentElement: element, textContent: text }) => {
    if (!element) return [];
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [x, y] = [origin.left, origin.top];
    return [{ element, text, left: left - x, right: right - x, top: top - y, bottom: bottom - y }];
  });
}

/** The nearest mark to a place of the drawing, of several there the smallest; null where none is near. */
export function markNear(marks: readonly TitledMark[], x: number, y: number): TitledMark | null {
  let best: { mark: TitledMark; distance: number; size: number } | null = null;
  for (const mark of marks) {
    const { left, right, top, bottom } = mark;
    const distance = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    const size = (right - left) * (bottom - top);
    if (distance > REACH) continue;
    if (!best || distance < best.distance || (distance === best.distance && size < best.size)) {
      best = { mark, distance, size };
    }
  }
  return best?.mark ?? null;
}
