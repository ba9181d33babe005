/** The charts of a study's report: SVG text made of numbers alone. */
import { countText } from '../../names.ts';
import type { StudyLaw } from '../../scaling/analysis.ts';
import type { DepthWidth } from '../../scaling/depth-width.ts';
import { extent, levels, path, strokeClass, svg, ticks } from '../charts.ts';
import { COLOURS } from '../run-colours.ts';
import { escapeHtml } from '../writers/text.ts';
import type { ModelStep, PublishedSteps } from './base-large.ts';
import { amount } from './words.ts';

const WIDTH = 460;
const [LEFT, RIGHT, BOTTOM] = [52, 14, 34];
const LEGEND_LINE = 16;
const AVERAGE_LETTER = 6.2;
const PARAMETERS = 'Non-embedding parameters';

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

/** What is drawn in one colour: points, some with a number above them, a line, the band around it, and a cross with an interval. */
interface LogCurve {
  name: string;
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
  const { parts, height: top } = legend(curves.map(({ name }) => name));
  const bottom = top + 220;
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
    ...parts,
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
    const dot = `<circle class="${fill}" cx="${cx}" cy="${cy.toFixed(1)}" r="3.5"><title>${escapeHtml(label)}</title></circle>`;
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
  const curves = drawn.map(({ fixed: name, points, curve, heldOut }): LogCurve => {
    const predicted = heldOut && {
      x: heldOut.x,
      y: within(heldOut.predicted),
      interval: heldOut.interval.map(within),
    };
    const band = curve.map((point) => ({ x: point.x, low: within(point.low), high: within(point.high) }));
    return { name, points, line: curve.filter(({ y }) => within(y) === y), band, predicted };
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
  const known = cells.flatMap(({ label, depth, width, nonEmbedding, [metric]: y }) =>
    y === null ? [] : [{ depth, x: nonEmbedding, y, label, above: width }],
  );
  if (known.length === 0) return null;
  const curves = [...Map.groupBy(known, ({ depth }) => depth)].map(([depth, cellsOfDepth]): LogCurve => {
    const points = cellsOfDepth.toSorted((a, b) => a.x - b.x);
    return { name: countText(depth, 'block'), points, line: points };
  });
  return logChart(title, PARAMETERS, curves, extent(known.map(({ y }) => y)));
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
  const y = (value: number) => top + 18 + (1 - (value - low) / (high - low)) * (height - 40);
  const { values: rounded, decimals } = ticks(low, high, 6);
  const grid = levels(y, [from, to], { values: rounded, decimals: Math.max(2, decimals) }, 8);
  const lines = values.map((value, at) =>
    value === null
      ? ''
      : `<line class="step ${strokeClass(at)}" x1="${from}" x2="${to}" y1="${y(value[0]).toFixed(1)}" y2="${y(value[1]).toFixed(1)}"/>` +
        [from, to]
          .map(
            (x, side) =>
              `<circle class="fill${at % COLOURS}" cx="${x}" cy="${y(value[side]).toFixed(1)}" r="3.5"/>`,
          )
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
