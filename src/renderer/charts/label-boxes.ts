/** Where names stand beside points so that they print over neither each other nor a point. Free of the DOM. */

const LINE = 13;
/** From a point's middle to its name, and half the side of its tile. */
const AWAY = 9;
const TILE = 5;

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const boxOf = (left: number, middle: number, width: number): Box => ({
  left,
  top: middle - LINE / 2,
  right: left + width,
  bottom: middle + LINE / 2,
});

/** Pixels that two boxes share. */
const shared = (a: Box, b: Box) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** What of a box is outside a frame. */
const outside = (box: Box, frame: Box) =>
  (box.right - box.left) * (box.bottom - box.top) - shared(box, frame);

/**
 * The box of each name of these widths: at the right of its point, at the left, above or below, or askew, the first one
 * that hides nothing, else the one that hides least. All in pixels.
 */
export function placeLabels(
  points: readonly { x: number; y: number }[],
  widths: readonly number[],
  frame: Box,
): Box[] {
  const taken = points.map(({ x, y }) => ({
    left: x - TILE,
    top: y - TILE,
    right: x + TILE,
    bottom: y + TILE,
  }));
  return points.map(({ x, y }, at) => {
    const width = widths[at];
    const [right, left, centred] = [x + AWAY, x - AWAY - width, x - width / 2];
    const [above, below] = [y - LINE, y + LINE];
    const choices = [
      boxOf(right, y, width),
      boxOf(left, y, width),
      boxOf(centred, above, width),
      boxOf(centred, below, width),
      ...[above, below].flatMap((middle) => [boxOf(x, middle, width), boxOf(x - width, middle, width)]),
    ];
    const hidden = choices.map(
      (box) => outside(box, frame) + taken.reduce((sum, other) => sum + shared(box, other), 0),
    );
    const best = choices[hidden.indexOf(Math.min(...hidden))];
    taken.push(best);
    return best;
  });
}
