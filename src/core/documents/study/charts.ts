/** The charts of a study's report: SVG text made of numbers alone. */
import { countText } from '../../names.ts';
import type { StudyLaw } from '../../scaling/analysis.ts';
import type { DepthWidth } from '../../scaling/depth-width.ts';
import { extent, strokeClass, svg, ticks } from '../charts.ts';
import type { ModelStep, PublishedSteps } from '../comparison/base-large.ts';
import { fixed } from '../format.ts';
import { COLOURS } from '../run-colours.ts';
import { escapeHtml } from '../writers/text.ts';
import { amount } from './words.ts';

const WIDTH = 460;
const [LEFT, RIGHT, BOTTOM] = [52, 14, 34];
const LEGEND_LINE = 16;
const AVERAGE_LETTER = 6.2;

/** Names with their colours in as many lines as they need, and the height of these. */
function legend(names: readonly string[]): { parts: string[]; height: number } {
  let [x, line] = [LEFT, 0];
  const parts = names.map((name, at) => {
    const width = 26 + AVERAGE_LETTER * name.length;
    if (x > LEFT && x + width > WIDTH) [x, line] = [LEFT, line + 1];
    const y = 10 + LEGEND_LINE * line;
    const part =
      `<line class="interval ${strokeClass(at)}" x1="${x.toFixed(1)}" x2="${(x + 12).toFixed(1)}" y1="${y - 4}" y2="${y - 4}"/>` +
      `<text class="tick" x="${(x + 17).toFixed(1)}" y="${y}">${escapeHtml(name)}</text>`;
    x += width;
    return part;
  });
  return { parts, height: LEGEND_LINE * (line + 1) + 6 };
}

/** Powers of ten between two values, with 2 and 5 between where there are few. */
function logTicks(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, at) => 10 ** (from + at));
  const within = (values: readonly number[]) => values.filter((value) => value >= low && value <= high);
  const whole = within(powers);
  return whole.length >= 3 ? whole : within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
}

interface Plane {
  x(value: number): string;
  y(value: number): string;
  axes: string[];
  height: number;
}

/** Logarithmic axes around some points, their ticks and the title of the lower one. */
function logPlane(xs: readonly number[], [low, high]: [number, number], top: number, title: string): Plane {
  const height = top + 220 + BOTTOM;
  const [first, last] = [Math.min(...xs) / 1.15, Math.max(...xs) * 1.15];
  const along = (value: number) => Math.log(value / first) / Math.log(last / first);
  const x = (value: number) => (LEFT + along(value) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const up = (value: number) => Math.log(value / low) / Math.log(high / low);
  const y = (value: number) => (height - BOTTOM - up(value) * (height - BOTTOM - top)).toFixed(1);
  const level = ticks(low, high);
  const axes = [
    ...level.values.map(
      (value) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>` +
        `<text class="tick" x="${LEFT - 6}" y="${(Number(y(value)) + 3.5).toFixed(1)}" text-anchor="end">${fixed(value, level.decimals)}</text>`,
    ),
    ...logTicks(first, last).map(
      (value) =>
        `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${height - BOTTOM}"/>` +
        `<text class="tick" x="${x(value)}" y="${height - BOTTOM + 14}" text-anchor="middle">${amount(value).trim()}</text>`,
    ),
    `<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 4}" text-anchor="middle">${escapeHtml(title)}</text>`,
  ];
  return { x, y, axes, height };
}

const path = (points: readonly string[]) =>
  points.map((point, at) => `${at === 0 ? 'M' : 'L'}${point}`).join('');

/**
 * Points with their laws and 95 % bands on logarithmic axes; a cross with an interval is what the law, fitted without
 * it, predicts for the largest size. All of one axis and metric; null without points.
 */
export function lawChart(title: string, laws: readonly StudyLaw[]): string | null {
  const drawn = laws.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return null;
  const points = drawn.flatMap((law) => law.points);
  const [low, high] = extent(points.map(({ y }) => y));
  const room = (high - low) * 0.35;
  const bounds: [number, number] = [Math.max(low - room, low / 2), high + room];
  const within = (y: number) => Math.min(Math.max(y, bounds[0]), bounds[1]);
  const { parts, height: top } = legend(drawn.map(({ fixed: along }) => along));
  const axis = drawn[0].axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
  const xs = [...points, ...drawn.flatMap(({ curve }) => curve)].map(({ x }) => x);
  const plane = logPlane(xs, bounds, top, axis);
  const marks = drawn.map((law, at) => lawMarks(law, at, plane, within));
  return svg(title, WIDTH, plane.height, [...parts, ...plane.axes, ...marks]);
}

function lawMarks(
  { points, curve, heldOut }: StudyLaw,
  at: number,
  { x, y }: Plane,
  within: (y: number) => number,
) {
  const stroke = strokeClass(at);
  const band = [
    ...curve.map((point) => `${x(point.x)} ${y(within(point.high))}`),
    ...curve.toReversed().map((point) => `${x(point.x)} ${y(within(point.low))}`),
  ];
  const line = curve.filter((point) => within(point.y) === point.y);
  const dots = points.map(
    (point) =>
      `<circle class="fill${at % COLOURS}" cx="${x(point.x)}" cy="${y(point.y)}" r="3.5"><title>${escapeHtml(point.label)}</title></circle>`,
  );
  return [
    band.length > 0 ? `<path class="band fill${at % COLOURS}" d="${path(band)}Z"/>` : '',
    line.length > 1
      ? `<path class="curve ${stroke}" d="${path(line.map((point) => `${x(point.x)} ${y(point.y)}`))}"/>`
      : '',
    heldOut ? cross(heldOut, stroke, { x, y }, within) : '',
    ...dots,
  ].join('');
}

function cross(
  { x: size, predicted, interval }: NonNullable<StudyLaw['heldOut']>,
  stroke: string,
  { x, y }: Pick<Plane, 'x' | 'y'>,
  within: (y: number) => number,
): string {
  const [cx, cy] = [Number(x(size)), Number(y(within(predicted)))];
  const arm = (dx: number, dy: number) =>
    `<line class="interval ${stroke}" x1="${cx - dx}" x2="${cx + dx}" y1="${cy - dy}" y2="${cy + dy}"/>`;
  const span = `<line class="${stroke} dashed" x1="${cx}" x2="${cx}" y1="${y(within(interval[0]))}" y2="${y(within(interval[1]))}"/>`;
  return span + arm(4, 4) + arm(4, -4);
}

/** Panels side by side. */
const ACROSS = 4;

export interface SlopePanel {
  title: string;
  /** One a model; null where a side is missing. */
  values: ([base: number, large: number] | null)[];
}

/**
 * Base on the left and Large on the right of every panel, one line a model; panels share no scale. A panel of one model
 * among several is left out: its slope would say nothing.
 */
export function slopeChart(
  title: string,
  models: readonly string[],
  panels: readonly SlopePanel[],
): string | null {
  const least = Math.min(2, models.length);
  const shown = panels.filter(({ values }) => values.filter((value) => value !== null).length >= least);
  if (shown.length === 0) return null;
  const { parts, height: top } = legend(models);
  const wide = 230;
  const height = 190;
  const drawn = shown.map((panel, at) =>
    slopePanel(panel, wide * (at % ACROSS), top + 14 + (height + 20) * Math.floor(at / ACROSS), wide, height),
  );
  const rows = Math.ceil(shown.length / ACROSS);
  return svg(title, wide * ACROSS, top + 10 + rows * (height + 20), [...parts, ...drawn]);
}

function slopePanel(
  { title, values }: SlopePanel,
  left: number,
  top: number,
  wide: number,
  height: number,
): string {
  const known = values.flatMap((value) => value ?? []);
  const [low, high] = extent(known);
  const [from, to] = [left + 52, left + wide - 26];
  const y = (value: number) => (top + 18 + (1 - (value - low) / (high - low)) * (height - 40)).toFixed(1);
  const level = ticks(low, high, 6);
  const grid = level.values.map(
    (value) =>
      `<line class="grid" x1="${from}" x2="${to}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text class="tick" x="${from - 8}" y="${(Number(y(value)) + 3.5).toFixed(1)}" text-anchor="end">${fixed(value, Math.max(2, level.decimals))}</text>`,
  );
  const lines = values.map((value, at) =>
    value === null
      ? ''
      : `<line class="step ${strokeClass(at)}" x1="${from}" x2="${to}" y1="${y(value[0])}" y2="${y(value[1])}"/>` +
        [from, to]
          .map((x, side) => `<circle class="fill${at % COLOURS}" cx="${x}" cy="${y(value[side])}" r="3.5"/>`)
          .join(''),
  );
  const names = [from, to].map(
    (x, side) =>
      `<text class="tick" x="${x}" y="${top + height - 6}" text-anchor="middle">${side === 0 ? 'base' : 'Large'}</text>`,
  );
  return `<text class="name" x="${from - 44}" y="${top + 6}">${escapeHtml(title)}</text>${[...grid, ...lines, ...names].join('')}`;
}

/** Ours and every published data set as panels of one metric. */
export function slopePanels(
  metric: string,
  columns: readonly { name: string }[],
  models: readonly ModelStep[],
  published: readonly PublishedSteps[],
  dataset: string,
): SlopePanel[] {
  const pair = (cell: { base: number | null; large: number | null } | undefined): [number, number] | null =>
    cell && cell.base !== null && cell.large !== null ? [cell.base, cell.large] : null;
  const own = columns.findIndex(({ name }) => name === metric);
  return [
    { title: `Ours, ${dataset}`, values: models.map(({ cells }) => pair(cells[own])) },
    ...published.map(({ columns: theirs, steps, dataset: name, source }) => {
      const at = theirs.findIndex((column) => column.name === metric);
      const short = source.split(',')[0];
      return {
        title: `${short}, ${name}`,
        values: models.map(({ model }) => pair(steps.find((step) => step.model === model)?.cells[at])),
      };
    }),
  ];
}

/** A metric against N, one line a depth; null without values. */
export function depthChart(
  title: string,
  { cells }: DepthWidth,
  metric: 'crossEntropy' | 'ndcg',
): string | null {
  const known = cells.flatMap((cell) => {
    const y = cell[metric];
    return y === null ? [] : [{ ...cell, y }];
  });
  if (known.length === 0) return null;
  const depths = [...new Set(known.map(({ depth }) => depth))];
  const { parts, height: top } = legend(depths.map(depthText));
  const plane = logPlane(
    known.map(({ nonEmbedding }) => nonEmbedding),
    extent(known.map(({ y }) => y)),
    top,
    'Non-embedding parameters',
  );
  const marks = depths.map((depth, at) => {
    const own = known
      .filter((cell) => cell.depth === depth)
      .toSorted((a, b) => a.nonEmbedding - b.nonEmbedding);
    const places = own.map(({ nonEmbedding, y }) => [plane.x(nonEmbedding), plane.y(y)]);
    const dots = places.map(
      ([x, y], index) =>
        `<circle class="fill${at % COLOURS}" cx="${x}" cy="${y}" r="3.5"><title>${escapeHtml(own[index].label)}</title></circle>` +
        `<text class="tick" x="${x}" y="${(Number(y) - 7).toFixed(1)}" text-anchor="middle">${own[index].width}</text>`,
    );
    return `<path class="curve ${strokeClass(at)}" d="${path(places.map((place) => place.join(' ')))}"/>${dots.join('')}`;
  });
  return svg(title, WIDTH, plane.height, [...parts, ...plane.axes, ...marks]);
}

export const depthText = (depth: number) => countText(depth, 'block');
