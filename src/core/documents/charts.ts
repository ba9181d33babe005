import { clip } from '../names.ts';
import type { Difference, DifferenceScale } from './difference-scale.ts';
import { fixed, signed } from './format.ts';
import { COLOURS } from './run-colours.ts';
import { escapeHtml } from './writers/text.ts';

export interface Curve {
  name: string;
  /** Index of the run's colour. */
  colour: number;
  steps: ArrayLike<number>;
  values: ArrayLike<number>;
  /** Half the width of its band at each step, such as the standard deviation over seeds. */
  spread?: ArrayLike<number>;
  /** Place of the point with a diamond. */
  marked?: number;
}

/** Round tick values inside [low, high], about `count` of them, and the decimals they need. */
export function ticks(low: number, high: number, count = 5): { values: number[]; decimals: number } {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return { values: [low], decimals: 4 };
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return { values, decimals: decimalsOf(step) };
}

/** Decimals that tell values so far apart from each other. */
function decimalsOf(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

/** At most about 2 × `columns` points that keep the smallest and the largest value of every column. */
export function thinCurve(curve: Curve, columns: number): [number, number][] {
  const points = Array.from(curve.steps, (step, at): [number, number] => [step, curve.values[at]]);
  const finite = points.filter(([, value]) => Number.isFinite(value));
  if (finite.length <= 2 * columns) return finite;
  const kept: [number, number][] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * finite.length) / columns);
    const bucket = finite.slice(from, Math.floor(((column + 1) * finite.length) / columns));
    const lowest = bucket.reduce((best, point) => (point[1] < best[1] ? point : best));
    const highest = bucket.reduce((best, point) => (point[1] > best[1] ? point : best));
    kept.push(...(lowest[0] <= highest[0] ? [lowest, highest] : [highest, lowest]));
  }
  return kept.filter((point, at) => at === 0 || point !== kept[at - 1]);
}

/** Of values, with a margin. */
export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const margin = high > low ? 0.04 * (high - low) : Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}

/** Classes of a coloured stroke in the style sheet. */
export function strokeClass(colour: number): string {
  return `stroke${colour % COLOURS}${colour >= COLOURS ? ' dashed' : ''}`;
}

/** Shortest usual text of a step count: 500, 12k, 1.5M. */
function stepText(step: number): string {
  if (step >= 1e6) return `${Number((step / 1e6).toFixed(2))}M`;
  return step >= 1e4 ? `${Number((step / 1e3).toFixed(1))}k` : String(Number(step.toFixed(2)));
}

/** Lines from one end to another at round values, which stand `gap` before them. */
export function levels(
  y: (value: number) => number,
  [from, to]: [number, number],
  { values, decimals }: ReturnType<typeof ticks>,
  gap = 6,
): string[] {
  return values.map(
    (value) =>
      `<line class="grid" x1="${from}" x2="${to}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>` +
      `<text class="tick" x="${from - gap}" y="${(y(value) + 3.5).toFixed(1)}" text-anchor="end">${fixed(value, decimals)}</text>`,
  );
}

/** The data of a path through points. */
export function path(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

/** A square tile of a run's colour around a point; half-cut for variants of a model. */
export function tile(x: number, y: number, colour: number, { hollow = false, size = 9 } = {}): string {
  const kind = hollow ? `hollow stroke${colour % COLOURS}` : `fill${colour % COLOURS}`;
  const [left, top] = [x - size / 2, y - size / 2].map((place) => place.toFixed(1));
  const cut = `<path class="cut" d="M${left} ${(y + size / 2).toFixed(1)}h${size}v${-size}z"/>`;
  const square = `<rect class="${kind}" x="${left}" y="${top}" width="${size}" height="${size}" rx="2"/>`;
  return square + (colour >= COLOURS && !hollow ? cut : '');
}

function diamond(x: number, y: number, kind: string): string {
  const corners = [
    [x, y - 6],
    [x + 6, y],
    [x, y + 6],
    [x - 6, y],
  ] as const;
  return `<path class="hollow ${kind}" d="${path(corners)}Z"/>`;
}

/** Curves over optimiser steps as one SVG; null when no curve has two points. */
export function lineChart(title: string, curves: readonly Curve[], width = 460): string | null {
  const [height, left, right, top, bottom] = [width > 600 ? 260 : 212, 52, 16, 8, 22];
  const lines = curves
    .map((curve) => ({ curve, points: thinCurve(curve, 400) }))
    .filter(({ points }) => points.length > 1);
  if (lines.length === 0) return null;
  const all = lines.flatMap(({ points }) => points);
  const bands = lines.map(({ curve }) => bandOf(curve));
  const [low, high] = extent([
    ...all.map(([, value]) => value),
    ...bands.flat().flatMap(([, from, to]) => [from, to]),
  ]);
  const lastStep = all.reduce((most, [step]) => Math.max(most, step), 0);
  const x = (step: number) => left + (step / (lastStep || 1)) * (width - left - right);
  const y = (value: number) => height - bottom - ((value - low) / (high - low)) * (height - top - bottom);
  const grid = levels(y, [left, width - right], ticks(low, high));
  const horizontal = ticks(0, lastStep).values.map(
    (step) =>
      `<text class="tick" x="${x(step).toFixed(1)}" y="${height - bottom + 14}" text-anchor="middle">${stepText(step)}</text>`,
  );
  const areas = lines.map(({ curve }, at) => {
    if (bands[at].length === 0) return '';
    const upper = bands[at].map(([step, , to]) => [x(step), y(to)] as const);
    const lower = bands[at].map(([step, from]) => [x(step), y(from)] as const).reverse();
    return `<path class="band fill${curve.colour % COLOURS}" d="${path([...upper, ...lower])}Z"/>`;
  });
  const marks = lines.map(({ curve: { steps, values, marked, colour } }) =>
    marked === undefined ? '' : diamond(x(steps[marked]), y(values[marked]), strokeClass(colour)),
  );
  const paths = lines.map(({ curve, points }) => {
    const data = path(points.map(([step, value]) => [x(step), y(value)]));
    return `<path class="curve ${strokeClass(curve.colour)}" d="${data}"><title>${escapeHtml(curve.name)}</title></path>`;
  });
  return svg(title, width, height, [...grid, ...horizontal, ...areas, ...paths, ...marks]);
}

/** Step, lower and upper end of a curve's band. */
function bandOf({ steps, values, spread }: Curve): [number, number, number][] {
  if (!spread) return [];
  return Array.from(steps, (step, at): [number, number, number] => [
    step,
    values[at] - spread[at],
    values[at] + spread[at],
  ]);
}

export interface ForestLine {
  name: string;
  colour: number;
  isBaseline: boolean;
  difference: Pick<Difference, 'difference' | 'low' | 'high'> | null;
  /** Off the scale: an arrow and the number stand at the edge. */
  isClipped: boolean;
}

/** Differences from a baseline with their intervals, a line a row; a tile is hollow where its interval crosses zero. */
export function forestChart(
  title: string,
  lines: readonly ForestLine[],
  scale: DifferenceScale,
  { decimals, width }: { decimals: number; width: number },
): string {
  const [line, right, bottom, top] = [26, 14, 24, 2];
  const names = lines.map(({ name }) => clip(name, 26));
  const left = 16 + 6.4 * Math.max(...names.map((name) => name.length));
  const height = top + line * lines.length + bottom;
  const x = (value: number) =>
    left + ((value - scale.low) / (scale.high - scale.low)) * (width - left - right);
  const [first = 0, second = first + 1] = scale.ticks;
  const tickDecimals = decimalsOf(second - first);
  const axis = scale.ticks.map((value) => {
    const at = x(value).toFixed(1);
    const text = Math.abs(value) < 1e-12 ? '0' : signed(value, tickDecimals);
    return (
      `<line class="${text === '0' ? 'zero' : 'grid'}" x1="${at}" x2="${at}" y1="${top}" y2="${height - bottom + 2}"/>` +
      `<text class="tick" x="${at}" y="${height - 6}" text-anchor="middle">${text}</text>`
    );
  });
  const marks = lines.map(({ name, colour, isBaseline, difference, isClipped }, at) => {
    const y = top + line * at + line / 2;
    const whole = names[at] === name ? '' : `<title>${escapeHtml(name)}</title>`;
    const label = `<text class="name${isBaseline ? ' strong' : ''}" x="0" y="${y + 4}">${escapeHtml(names[at])}${whole}</text>`;
    if (isBaseline) return label + diamond(x(0), y, 'ink');
    if (!difference) return label;
    const { low, high } = difference;
    if (isClipped) {
      const below = difference.difference < 0;
      const [edge, sign] = below ? [left, 1] : [width - right, -1];
      const arrow = `<path class="interval ${strokeClass(colour)}" d="M${edge + 24 * sign} ${y}H${edge}m${6 * sign} -4l${-6 * sign} 4l${6 * sign} 4"/>`;
      const anchor = below ? 'start' : 'end';
      return `${label}${arrow}<text class="tick" x="${edge + 32 * sign}" y="${y + 4}" text-anchor="${anchor}">${signed(difference.difference, decimals)}, off the scale</text>`;
    }
    const [from, to] = [x(low), x(high)].map((place) => place.toFixed(1));
    const interval = `<path class="interval ${strokeClass(colour)}" d="M${from} ${y}H${to}M${from} ${y - 4}v8M${to} ${y - 4}v8"/>`;
    return label + interval + tile(x(difference.difference), y, colour, { hollow: low <= 0 && high >= 0 });
  });
  return svg(title, width, height, [...axis, ...marks]);
}

export interface Dot {
  name: string;
  colour: number;
  value: number;
  /** Single seeds, drawn small. */
  seeds: readonly number[];
}

/** A tile a row, with those of its seeds. */
export function dotChart(title: string, dots: readonly Dot[]): string | null {
  if (dots.length === 0) return null;
  const names = dots.map(({ name }) => clip(name, 26));
  const left = 16 + 6.4 * Math.max(...names.map((name) => name.length));
  const [width, line, right, bottom] = [460, 24, 14, 22];
  const height = line * dots.length + bottom + 6;
  const [low, high] = extent(dots.flatMap((dot) => [dot.value, ...dot.seeds]));
  const x = (value: number) => left + ((value - low) / (high - low)) * (width - left - right);
  const horizontal = ticks(low, high);
  const axis = horizontal.values.map((value) => {
    const at = x(value).toFixed(1);
    return (
      `<line class="grid" x1="${at}" x2="${at}" y1="2" y2="${height - bottom}"/>` +
      `<text class="tick" x="${at}" y="${height - 7}" text-anchor="middle">${fixed(value, horizontal.decimals)}</text>`
    );
  });
  const marks = dots.map((dot, at) => {
    const y = 4 + line * at + line / 2;
    const seeds = dot.seeds.map((value) => tile(x(value), y, dot.colour, { hollow: true, size: 5 })).join('');
    return (
      `<text class="name" x="${(left - 8).toFixed(1)}" y="${y + 4}" text-anchor="end">${escapeHtml(names[at])}</text>` +
      `${seeds}${tile(x(dot.value), y, dot.colour)}`
    );
  });
  return svg(title, width, height, [...axis, ...marks]);
}

/** An SVG described as a whole. */
export function svg(title: string, width: number, height: number, parts: readonly string[]): string {
  const label = escapeHtml(title);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}
