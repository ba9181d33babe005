import { clip } from '../names.ts';
import { fixed } from './format.ts';
import { COLOURS } from './run-colours.ts';
import { escapeHtml } from './writers/text.ts';

export interface Curve {
  name: string;
  /** Index of the run's colour. */
  colour: number;
  steps: ArrayLike<number>;
  values: ArrayLike<number>;
}

/** Round tick values inside [low, high], about `count` of them, and the decimals they need. */
export function ticks(low: number, high: number, count = 5): { values: number[]; decimals: number } {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return { values: [low], decimals: 4 };
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return { values, decimals };
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

/** Curves over optimiser steps as one SVG; null when no curve has two points. */
export function lineChart(title: string, curves: readonly Curve[]): string | null {
  const [width, height, left, right, top, bottom] = [460, 212, 52, 16, 8, 22];
  const lines = curves
    .map((curve) => ({ curve, points: thinCurve(curve, 400) }))
    .filter(({ points }) => points.length > 1);
  if (lines.length === 0) return null;
  const all = lines.flatMap(({ points }) => points);
  const [low, high] = extent(all.map(([, value]) => value));
  const lastStep = all.reduce((most, [step]) => Math.max(most, step), 0);
  const x = (step: number) => left + (step / (lastStep || 1)) * (width - left - right);
  const y = (value: number) => height - bottom - ((value - low) / (high - low)) * (height - top - bottom);
  const grid = levels(y, [left, width - right], ticks(low, high));
  const horizontal = ticks(0, lastStep).values.map(
    (step) =>
      `<text class="tick" x="${x(step).toFixed(1)}" y="${height - bottom + 14}" text-anchor="middle">${stepText(step)}</text>`,
  );
  const paths = lines.map(({ curve, points }) => {
    const data = path(points.map(([step, value]) => [x(step), y(value)]));
    return `<path class="curve ${strokeClass(curve.colour)}" d="${data}"><title>${escapeHtml(curve.name)}</title></path>`;
  });
  return svg(title, width, height, [...grid, ...horizontal, ...paths]);
}

export interface Dot {
  name: string;
  colour: number;
  value: number;
  /** Ends of the interval, or null for none. */
  interval: [number, number] | null;
  /** Single seeds, drawn small. */
  seeds: readonly number[];
}

/** One dot a row with its interval; `zero` draws the line of no difference. */
export function dotChart(title: string, dots: readonly Dot[], zero: boolean): string | null {
  if (dots.length === 0) return null;
  const names = dots.map(({ name }) => clip(name, 26));
  const left = 16 + 6.4 * Math.max(...names.map((name) => name.length));
  const [width, line, right, bottom] = [460, 24, 14, 22];
  const height = line * dots.length + bottom + 6;
  const values = dots.flatMap((dot) => [dot.value, ...(dot.interval ?? []), ...dot.seeds]);
  const [low, high] = extent(zero ? [...values, 0] : values);
  const x = (value: number) => (left + ((value - low) / (high - low)) * (width - left - right)).toFixed(1);
  const horizontal = ticks(low, high);
  const axis = horizontal.values.map(
    (value) =>
      `<line class="${zero && Math.abs(value) < 1e-12 ? 'zero' : 'grid'}" x1="${x(value)}" x2="${x(value)}" y1="2" y2="${height - bottom}"/>` +
      `<text class="tick" x="${x(value)}" y="${height - 7}" text-anchor="middle">${fixed(value, horizontal.decimals)}</text>`,
  );
  const marks = dots.map((dot, at) => {
    const y = 4 + line * at + line / 2;
    const colour = strokeClass(dot.colour);
    const interval = dot.interval
      ? `<line class="interval ${colour}" x1="${x(dot.interval[0])}" x2="${x(dot.interval[1])}" y1="${y}" y2="${y}"/>`
      : '';
    const seeds = dot.seeds
      .map((value) => `<circle class="seed ${colour}" cx="${x(value)}" cy="${y}" r="2"/>`)
      .join('');
    return (
      `<text class="name" x="${(left - 8).toFixed(1)}" y="${y + 4}" text-anchor="end">${escapeHtml(names[at])}</text>` +
      `${interval}${seeds}<circle class="dot fill${dot.colour % COLOURS}" cx="${x(dot.value)}" cy="${y}" r="4"/>`
    );
  });
  return svg(title, width, height, [...axis, ...marks]);
}

/** An SVG described as a whole. */
export function svg(title: string, width: number, height: number, parts: readonly string[]): string {
  const label = escapeHtml(title);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}
