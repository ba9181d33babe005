/** The charts of a study's report: SVG text made of numbers alone. */
import type { StudyLaw } from '../../studies/analysis.ts';
import type { DepthWidth } from '../../studies/depth-width.ts';
import { extent, levels, path, strokeClass, svg, ticks, tile } from '../charts.ts';
import type { LegendEntry } from '../document.ts';
import { COLOURS } from '../run-colours.ts';
import { escapeHtml } from '../writers/text.ts';
import { amount } from './words.ts';

const WIDTH = 460;
const [LEFT, RIGHT, BOTTOM] = [52, 14, 34];
const PARAMETERS = 'Non-embedding parameters';

/** The colours of curves that are drawn in this order. */
export const legend = (names: readonly string[]): LegendEntry[] =>
  names.map((name, colour) => ({ name, colour }));

/** Powers of ten between two values, with 2 and 5 between where there are few. */
function logTicks(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, at) => 10 ** (from + at));
  const within = (values: readonly number[]) => values.filter((value) => value >= low && value <= high);
  const whole = within(powers);
  return whole.length >= 3 ? whole : within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
}

/** What is drawn in one colour: points, some with a number above them, a line, the band around it, and a cross with an interval. */
interface LogCurve {
  points: readonly { x: number; y: number; label: string; above?: number }[];
  line: readonly { x: number; y: number }[];
  band?: readonly { x: number; low: number; high: number }[];
  predicted?: { x: number; y: number; interval: readonly number[] } | null;
}

/** Curves on logarithmic axes with values within some bounds; `axis` is the title of the lower one. */
function logChart(
  title: string,
  axis: string,
  curves: readonly LogCurve[],
  [low, high]: [number, number],
): string {
  const [top, bottom] = [8, 228];
  const right = WIDTH - RIGHT;
  const xs = curves.flatMap(({ points, band = [] }) => [...points, ...band]).map(({ x }) => x);
  const [first, last] = [Math.min(...xs) / 1.15, Math.max(...xs) * 1.15];
  const x = (value: number) => LEFT + (Math.log(value / first) / Math.log(last / first)) * (right - LEFT);
  const y = (value: number) => bottom - (Math.log(value / low) / Math.log(high / low)) * (bottom - top);
  const columns = logTicks(first, last).map((value) => {
    const at = x(value).toFixed(1);
    return (
      `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>` +
      `<text class="tick" x="${at}" y="${bottom + 14}" text-anchor="middle">${amount(value).trim()}</text>`
    );
  });
  const below = bottom + BOTTOM;
  return svg(title, WIDTH, below, [
    ...levels(y, [LEFT, right], ticks(low, high)),
    ...columns,
    `<text class="tick" x="${(LEFT + right) / 2}" y="${below - 4}" text-anchor="middle">${escapeHtml(axis)}</text>`,
    ...curves.map((curve, at) => curveMarks(curve, at, x, y)),
  ]);
}

type Place = (value: number) => number;

function curveMarks(
  { points, line, band = [], predicted }: LogCurve,
  at: number,
  x: Place,
  y: Place,
): string {
  const [fill, stroke] = [`fill${at % COLOURS}`, strokeClass(at)];
  const around = path([
    ...band.map((point) => [x(point.x), y(point.high)] as const),
    ...band.toReversed().map((point) => [x(point.x), y(point.low)] as const),
  ]);
  const along = path(line.map((point) => [x(point.x), y(point.y)]));
  const dots = points.map(({ label, above, ...point }) => {
    const [cx, cy] = [x(point.x).toFixed(1), y(point.y)];
    const dot = `<g>${tile(x(point.x), cy, at % COLOURS, { size: 8 })}<title>${escapeHtml(label)}</title></g>`;
    if (above === undefined) return dot;
    return `${dot}<text class="tick" x="${cx}" y="${(cy - 7).toFixed(1)}" text-anchor="middle">${above}</text>`;
  });
  return [
    band.length > 0 ? `<path class="band ${fill}" d="${around}Z"/>` : '',
    line.length > 1 ? `<path class="curve ${stroke}" d="${along}"/>` : '',
    predicted ? cross(predicted, stroke, x, y) : '',
    ...dots,
  ].join('');
}

function cross(
  { x: size, y: value, interval }: NonNullable<LogCurve['predicted']>,
  stroke: string,
  x: Place,
  y: Place,
): string {
  const [cx, cy] = [x(size), y(value)].map((place) => Number(place.toFixed(1)));
  const [y1, y2] = interval.map((end) => y(end).toFixed(1));
  const arm = (dx: number, dy: number) =>
    `<line class="interval ${stroke}" x1="${cx - dx}" x2="${cx + dx}" y1="${cy - dy}" y2="${cy + dy}"/>`;
  const span = `<line class="${stroke} dashed" x1="${cx}" x2="${cx}" y1="${y1}" y2="${y2}"/>`;
  return span + arm(4, 4) + arm(4, -4);
}

/**
 * Points with their laws and 95 % bands on logarithmic axes; a cross with an interval is what the law, fitted without
 * it, predicts for the largest size. All of one axis and metric; null without points.
 */
export function lawChart(title: string, laws: readonly StudyLaw[]): string | null {
  const drawn = laws.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return null;
  const [low, high] = extent(drawn.flatMap(({ points }) => points.map(({ y }) => y)));
  const room = (high - low) * 0.35;
  const bounds: [number, number] = [Math.max(low - room, low / 2), high + room];
  const within = (y: number) => Math.min(Math.max(y, bounds[0]), bounds[1]);
  const curves = drawn.map(({ points, curve, heldOut }): LogCurve => {
    const predicted = heldOut && {
      x: heldOut.x,
      y: within(heldOut.predicted),
      interval: heldOut.interval.map(within),
    };
    const band = curve.map((point) => ({ x: point.x, low: within(point.low), high: within(point.high) }));
    return { points, line: curve.filter(({ y }) => within(y) === y), band, predicted };
  });
  const axis = drawn[0].axis === 'parameters' ? PARAMETERS : 'Training positions';
  return logChart(title, axis, curves, bounds);
}

/** A metric against N, one line a depth; null without values. */
export function depthChart(
  title: string,
  { cells }: DepthWidth,
  metric: 'crossEntropy' | 'ndcg',
): string | null {
  const curves = [...Map.groupBy(cells, ({ depth }) => depth).values()].map((cellsOfDepth): LogCurve => {
    const points = cellsOfDepth
      .flatMap(({ label, width, nonEmbedding: x, [metric]: y }) =>
        y === null ? [] : [{ x, y, label, above: width }],
      )
      .toSorted((a, b) => a.x - b.x);
    return { points, line: points };
  });
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y));
  return values.length === 0 ? null : logChart(title, PARAMETERS, curves, extent(values));
}

/** The value of a model's base and of its Large; null where one is missing. */
export type Slope = readonly [base: number, large: number] | null;

/**
 * Base on the left and Large on the right, one line a model, on a scale of its own. Null without lines, and where there is one
 * model of several: its slope would say nothing.
 */
export function slopeChart(title: string, slopes: readonly Slope[]): string | null {
  const known = slopes.filter((slope) => slope !== null);
  if (known.length < Math.min(2, slopes.length)) return null;
  const [low, high] = extent(known.flat());
  const [height, bottom] = [220, 190];
  const [from, to] = [LEFT + 8, WIDTH - 26];
  const y = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - 10);
  const { values, decimals } = ticks(low, high, 6);
  const lines = slopes.flatMap((slope, at) => {
    if (slope === null) return [];
    const [y1, y2] = slope.map((value) => y(value).toFixed(1));
    const dot = (x: number, cy: string) => tile(x, Number(cy), at % COLOURS, { size: 8 });
    const line = `<line class="step ${strokeClass(at)}" x1="${from}" x2="${to}" y1="${y1}" y2="${y2}"/>`;
    return [line, dot(from, y1), dot(to, y2)];
  });
  const side = (x: number, text: string) =>
    `<text class="tick" x="${x}" y="${height - 8}" text-anchor="middle">${text}</text>`;
  return svg(title, WIDTH, height, [
    ...levels(y, [from, to], { values, decimals: Math.max(2, decimals) }, 8),
    ...lines,
    side(from, 'base'),
    side(to, 'Large'),
  ]);
}
