/** Where names stand so that they print over neither each other nor a point. Free of the DOM. */

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
 * The box of each name of these widths, the first points' ones: at the right of its point, at the left, above or below, or
 * askew, the first one that hides nothing, else the one that hides least. All in pixels.
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
  return widths.map((width, at) => {
    const { x, y } = points[at];
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

/**
 * Places at least `gap` apart between `low` and `high`, in the order of the wanted ones and near them. Where there is no room
 * for all, the last ones lie beyond `high`.
 */
export function spreadApart(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, at) => at).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  let next = low;
  for (const at of order) {
    places[at] = Math.max(wanted[at], next);
    next = places[at] + gap;
  }
  let last = Math.max(high, low + gap * (wanted.length - 1));
  for (const at of order.toReversed()) {
    places[at] = Math.min(places[at], last);
    last = places[at] - gap;
  }
  return places;
}
