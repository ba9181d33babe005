/** The cells of a table that show differences to a baseline on one axis, as SVG. */
import type { DifferenceScale } from '../difference-scale.ts';
import type { Forest, ForestMark } from '../document.ts';
import { signed, withMinus } from '../format.ts';
import { COLOURS } from '../run-colours.ts';

const [WIDTH, HEIGHT, TILE, CAP] = [130, 28, 9, 8];

const sizeOf = ({ width = WIDTH, height = HEIGHT }: Forest) => ({ width, height });
/** The number of a tick needs so much, half of it beside the tick. */
const TICK_ROOM = 44;

const svg = (forest: Forest, content: string) => {
  const { width, height } = sizeOf(forest);
  return `<svg class="forest" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${content}</svg>`;
};

const line = (x1: number, x2: number, y1: number, y2: number, style: string) =>
  `<path d="M${x1},${y1}L${x2},${y2}" style="${style}"/>`;

const placeOn =
  ({ low, high }: DifferenceScale, width: number) =>
  (value: number) =>
    Math.round((10 * width * (value - low)) / (high - low)) / 10;

/** The ticks that leave room for each other, 0 among them. */
function shownTicks(scale: DifferenceScale, width: number): number[] {
  const x = placeOn(scale, width);
  const { ticks } = scale;
  const gap = ticks.length > 1 ? x(ticks[1]) - x(ticks[0]) : width;
  const every = Math.max(1, Math.ceil(TICK_ROOM / gap));
  const zero = ticks.indexOf(0);
  return ticks.filter((_, at) => (at - zero) % every === 0);
}

/** The head of the column: numbers above the lines. */
export function forestHead(forest: Forest): string {
  const { scale } = forest;
  const { width, height } = sizeOf(forest);
  const x = placeOn(scale, width);
  const room = TICK_ROOM / 2 - 4;
  const texts = shownTicks(scale, width).map((tick) => {
    const text = withMinus(String(Number(tick.toPrecision(6))));
    const at = Math.max(room, Math.min(width - room, x(tick)));
    return `<text x="${at}" y="${height / 2 + 4}" text-anchor="middle" style="fill: var(--soft)">${text}</text>`;
  });
  return svg(forest, texts.join(''));
}

/** A row's place around the line of no difference; the lines of all rows run through. */
export function forestCell(forest: Forest, mark: ForestMark | null): string {
  const { scale } = forest;
  const { width, height } = sizeOf(forest);
  const x = placeOn(scale, width);
  const lines = shownTicks(scale, width).map((tick) =>
    line(x(tick), x(tick), 0, height, `stroke: var(--${tick === 0 ? 'soft' : 'hair'})`),
  );
  return svg(forest, lines.join('') + (mark === null ? '' : markSvg(forest, mark)));
}

function markSvg(forest: Forest, mark: ForestMark): string {
  const { scale, decimals } = forest;
  const { width, height } = sizeOf(forest);
  const x = placeOn(scale, width);
  const middle = height / 2;
  if (mark === 'baseline') {
    const [at, side] = [x(0), TILE / 2 + 1];
    return `<path d="M${at - side},${middle}l${side},${-side}l${side},${side}l${-side},${side}z" style="fill: var(--page); stroke: var(--ink)"/>`;
  }
  const { difference, low, high } = mark;
  const colour = `var(--c${mark.colour % COLOURS})`;
  if (scale.clipped.has(mark.id)) {
    const [tip, way] = difference < 0 ? [1, 1] : [width - 1, -1];
    return (
      line(tip + 22 * way, tip + 6 * way, middle, middle, `stroke: ${colour}`) +
      `<path d="M${tip},${middle}l${8 * way},-4v8z" style="fill: ${colour}"/>` +
      `<text x="${tip + 28 * way}" y="${middle + 4}" text-anchor="${way > 0 ? 'start' : 'end'}" style="fill: var(--soft)">${signed(difference, decimals)}</text>`
    );
  }
  const stroke = `stroke: ${colour}; stroke-width: 2`;
  const fill = low <= 0 && high >= 0 ? 'var(--page)' : colour;
  return (
    line(x(low), x(high), middle, middle, stroke) +
    [low, high].map((end) => line(x(end), x(end), middle - CAP / 2, middle + CAP / 2, stroke)).join('') +
    `<rect x="${x(difference) - TILE / 2}" y="${middle - TILE / 2}" width="${TILE}" height="${TILE}" rx="2" style="fill: ${fill}; ${stroke}"/>`
  );
}
