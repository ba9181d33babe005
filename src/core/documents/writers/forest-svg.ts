/**
 * The cells of a table that show differences to a baseline on one axis, as SVG: of pages, reports and the window, which
 * say what --ink, --soft, --hair and --page are.
 */
import type { DifferenceScale } from '../difference-scale.ts';
import type { ForestAxis, ForestMark } from '../document.ts';
import { fixed, signed } from '../format.ts';

const [WIDTH, HEIGHT, TILE, CAP, PUBLISHED] = [130, 28, 9, 8, 10];

/** The number of a tick needs so much, half of it beside the tick. */
const TICK_ROOM = 44;

const svg = (width: number, height: number, content: string) =>
  `<svg class="forest" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${content}</svg>`;

const line = (x1: number, x2: number, y1: number, y2: number, style: string) =>
  `<path d="M${x1},${y1}L${x2},${y2}" style="${style}"/>`;

const placeOn =
  ({ low, high }: DifferenceScale, width: number) =>
  (value: number) =>
    Math.round((10 * width * (value - low)) / (high - low)) / 10;

/** The ticks that leave room for each other, 0 among them, with as few decimals as tell them apart. */
function shownTicks(scale: DifferenceScale, width: number): { tick: number; text: string }[] {
  const x = placeOn(scale, width);
  const { ticks } = scale;
  const [first = 0, second = first + 1] = ticks;
  const every = ticks.length > 1 ? Math.max(1, Math.ceil(TICK_ROOM / (x(second) - x(first)))) : 1;
  const decimals = Math.max(0, Math.ceil(-Math.log10(second - first) - 1e-9));
  const zero = ticks.indexOf(0);
  return ticks
    .filter((_, at) => (at - zero) % every === 0)
    .map((tick) => ({ tick, text: tick === 0 ? '0' : fixed(tick, decimals) }));
}

/** The head of the column: numbers above the lines. */
export function forestHead({ scale, width = WIDTH, height = HEIGHT }: ForestAxis): string {
  const x = placeOn(scale, width);
  const room = TICK_ROOM / 2 - 4;
  const placed = shownTicks(scale, width).map(({ tick, text }) => {
    return {
      text,
      isMoved: x(tick) < room || x(tick) > width - room,
      at: Math.max(room, Math.min(width - room, x(tick))),
    };
  });
  // The numbers at the ends are moved inside, where there is room.
  const clear = placed.filter(
    ({ at, isMoved }, one) =>
      !isMoved || placed.every((other, place) => place === one || Math.abs(other.at - at) >= TICK_ROOM),
  );
  const texts = clear.map(({ text, at }) => {
    return `<text x="${at}" y="${height / 2 + 4}" text-anchor="middle" style="fill: var(--soft)">${text}</text>`;
  });
  return svg(width, height, texts.join(''));
}

/** A row's place around the line of no difference; the lines of all rows run through. */
export function forestCell(axis: ForestAxis, mark: ForestMark | null): string {
  const { scale, width = WIDTH, height = HEIGHT } = axis;
  const x = placeOn(scale, width);
  const lines = shownTicks(scale, width).map(({ tick }) =>
    line(x(tick), x(tick), 0, height, `stroke: var(--${tick === 0 ? 'soft' : 'hair'})`),
  );
  return svg(width, height, lines.join('') + (mark === null ? '' : markSvg(axis, mark)));
}

function markSvg({ scale, decimals, width = WIDTH, height = HEIGHT }: ForestAxis, mark: ForestMark): string {
  const x = placeOn(scale, width);
  const middle = height / 2;
  if (mark === 'baseline') {
    const [at, side] = [x(0), TILE / 2 + 1];
    return `<path d="M${at - side},${middle}l${side},${-side}l${side},${side}l${-side},${side}z" style="fill: var(--page); stroke: var(--ink)"/>`;
  }
  if ('published' in mark) {
    const [at, half] = [mark.published, PUBLISHED / 2];
    const isSeen = at >= scale.low && at <= scale.high;
    return isSeen
      ? line(x(at), x(at), middle - half, middle + half, 'stroke: var(--soft); stroke-width: 2')
      : '';
  }
  const { difference, low, high, colour } = mark;
  if (scale.clipped.has(mark.id)) {
    const [tip, way] = difference < 0 ? [1, 1] : [width - 1, -1];
    return (
      line(tip + 22 * way, tip + 6 * way, middle, middle, `stroke: ${colour}`) +
      `<path d="M${tip},${middle}l${8 * way},-4v8z" style="fill: ${colour}"/>` +
      `<text x="${tip + 28 * way}" y="${middle + 4}" text-anchor="${way > 0 ? 'start' : 'end'}" style="fill: var(--soft)">${signed(difference, decimals)}</text>`
    );
  }
  const stroke = `stroke: ${colour}; stroke-width: 2`;
  // What has no width is no interval.
  const ends = low < high ? [low, high] : [];
  const fill = ends.length === 0 || (low <= 0 && high >= 0) ? 'var(--page)' : colour;
  return (
    (ends.length > 0 ? line(x(low), x(high), middle, middle, stroke) : '') +
    ends.map((end) => line(x(end), x(end), middle - CAP / 2, middle + CAP / 2, stroke)).join('') +
    `<rect x="${x(difference) - TILE / 2}" y="${middle - TILE / 2}" width="${TILE}" height="${TILE}" rx="2" style="fill: ${fill}; ${stroke}"/>`
  );
}
