/** Names of curves beside their ends, where there are too many for a row above the chart. */
import uPlot from 'uplot';
import { themeColour } from './colours.ts';

const WIDEST = 150;
const LEFT = 8;
const TILE = 8;
const TILE_GAP = 5;
/** Between the middles of two names. */
const LINE = 15;

export interface EndLabel {
  label: string;
  colour: string;
  /** Of uPlot. */
  series: number;
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

function fontOf(size: number): string {
  return `${size}px ${getComputedStyle(document.body).fontFamily}`;
}

/** Pixels that the names need at the right of a plot. */
export function endLabelRoom(labels: readonly EndLabel[], fontSize: number): number {
  const pen = document.createElement('canvas').getContext('2d');
  if (!pen) return 0;
  pen.font = fontOf(fontSize);
  const widest = Math.max(...labels.map(({ label }) => pen.measureText(label).width));
  return LEFT + TILE + TILE_GAP + Math.ceil(Math.min(WIDEST, widest)) + 4;
}

/** Draws each name with the tile of its colour, as near to the last value that is shown as the others let it. */
export function drawEndLabels(chart: uPlot, labels: readonly EndLabel[], fontSize: number): void {
  const { ctx, bbox } = chart;
  const ratio = uPlot.pxRatio;
  const ends = labels.flatMap((label) => {
    const value = lastShown(chart, label.series);
    return value === null ? [] : [{ ...label, wanted: chart.valToPos(value, 'y', true) }];
  });
  const places = spreadApart(
    ends.map(({ wanted }) => wanted),
    LINE * ratio,
    bbox.top,
    bbox.top + bbox.height,
  );
  const left = bbox.left + bbox.width + LEFT * ratio;
  ctx.save();
  ctx.font = fontOf(fontSize * ratio);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const [at, { label, colour }] of ends.entries()) {
    ctx.fillStyle = colour;
    ctx.fillRect(left, places[at] - (TILE / 2) * ratio, TILE * ratio, TILE * ratio);
    ctx.fillStyle = themeColour('--text');
    ctx.fillText(clipped(ctx, label, WIDEST * ratio), left + (TILE + TILE_GAP) * ratio, places[at]);
  }
  ctx.restore();
}

/** The value of a curve at the right end of what is shown; null where it has none there. */
function lastShown({ data, scales: { x } }: uPlot, series: number): number | null {
  const within = (value: number) => value >= (x.min ?? -Infinity) && value <= (x.max ?? Infinity);
  const at = data[0].findLastIndex((value, index) => within(value) && data[series]?.[index] != null);
  return at < 0 ? null : (data[series][at] ?? null);
}

function clipped(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let kept = text.length - 1;
  while (kept > 1 && pen.measureText(`${text.slice(0, kept)}…`).width > width) kept--;
  return `${text.slice(0, kept)}…`;
}
