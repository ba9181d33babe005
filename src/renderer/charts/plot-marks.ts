/** Finds the mark of a plot under the pointer and its text, for the tooltip. Free of React. */

/** A mark is pointed at from so many pixels away. */
const REACH = 32;

export interface TitledMark {
  element: Element;
  text: string;
}

/** The marks that have a title. */
export function titledMarks(figure: Element): TitledMark[] {
  return [...figure.querySelectorAll('title')].flatMap((title) =>
    title.parentElement ? [{ element: title.parentElement, text: title.textContent ?? '' }] : [],
  );
}

/** The nearest mark to a place of the window, of several there the smallest; null where none is near. */
export function markNear(marks: readonly TitledMark[], x: number, y: number): TitledMark | null {
  let best: { mark: TitledMark; distance: number; size: number } | null = null;
  for (const mark of marks) {
    const { left, right, top, bottom } = mark.element.getBoundingClientRect();
    const distance = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    const size = (right - left) * (bottom - top);
    if (distance > REACH) continue;
    if (!best || distance < best.distance || (distance === best.distance && size < best.size)) {
      best = { mark, distance, size };
    }
  }
  return best?.mark ?? null;
}

/** For an axis of what counts something, such as steps or epochs: no ticks in between. Nothing for other values. */
export function wholeTicks(values: readonly number[]): { tickFormat?: (value: number) => string } {
  if (!values.every(Number.isInteger)) return {};
  return { tickFormat: (value) => (Number.isInteger(value) ? value.toLocaleString('en-US') : '') };
}
