/** What leads from one square of an item's codes to the next. */

interface Mark {
  /** Of the mark in its square, in pixels. */
  right: number;
  top: number;
  bottom: number;
}

interface Gap {
  /** Where the square of the mark ends. */
  edge: number;
  /** Where the next one begins. */
  end: number;
  height: number;
}

/** The part between two squares of the beam from a mark to the whole of the next one, as points of a polygon. */
export function beamPoints({ right, top, bottom }: Mark, { edge, end, height }: Gap): string {
  /** Where a line from the mark's corner to the end is at the edge of its square. */
  const at = (from: number, to: number) => from + ((edge - right) / (end - right)) * (to - from);
  const points = [
    [0, at(top, 0)],
    [end - edge, 0],
    [end - edge, height],
    [0, at(bottom, height)],
  ];
  return points.map(([x, y]) => `${x},${Math.round(10 * y) / 10}`).join(' ');
}
