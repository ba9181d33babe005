/** Where everything in a figure stands: points, margins, scales and ticks. Free of the DOM. */
import { domainOf, hasPlace, type Scale, scaleOf, TICK_SIZE, type Tick, ticksOf } from './axis.ts';
import type { FigureDocument, FigureElement } from './document.ts';
import type { Box } from './labels.ts';
import { type RuleName, ruleNames } from './rule-names.ts';
import {
  type ChartColours,
  colourOf,
  type FigureAxis,
  type FigurePoint,
  type FigureSeries,
  type FigureSpec,
  isVariant,
  NAME_LINE,
  type Shape,
} from './spec.ts';
import { textWidth } from './text.ts';

export interface Look<E extends FigureElement = FigureElement> {
  width: number;
  height: number;
  colours: ChartColours;
  document: FigureDocument<E>;
}

/** A point as it is drawn. */
export interface Placed extends FigurePoint {
  series: FigureSeries;
  id: string;
  ink: string;
  /** Null where the line is enough. */
  drawnAs: Shape | null;
}

/** What all parts of a drawing know. */
export interface Plan extends Look {
  spec: FigureSpec;
  points: readonly Placed[];
  margins: Box;
  frame: Box;
  scales: { x: Scale; y: Scale };
  domains: { x: readonly [number, number]; y: readonly [number, number] };
  ticks: { x: readonly Tick[]; y: readonly Tick[] };
  /** The axis of values is x. */
  isFlat: boolean;
  ruleNames: readonly RuleName[];
}

/** A name at the left takes this part of a figure at most, one at the end of a line so many pixels. */
const NAME_SHARE = 0.4;
export const WIDEST = 150;
/** From the plot to the name of a line, whose tile stands between. */
export const END_NAME = 21;

export function planOf(spec: FigureSpec, look: Look): Plan {
  const { width, height, colours } = look;
  const isFlat = spec.along === 'x';
  const points = placedPoints(spec, colours);
  const { range } = spec;
  const shown = range
    ? [
        ...points.filter(({ x }) => Number(x) >= range.from && Number(x) <= range.to),
        ...[range.from, range.to].flatMap((edge) => crossings(points, edge)),
      ]
    : points;
  const spread = ['low', 'high'] as const;
  const domains = {
    x: range
      ? ([range.from, range.to] as const)
      : domainOf(spec.x, [
          ...valuesOf(points, ['x', 'to', ...(isFlat ? spread : [])]),
          ...(spec.rules ?? []).flatMap(({ at, label }) => (label === undefined ? [] : [at])),
        ]),
    y: domainOf(spec.y, valuesOf(shown, ['y', ...(isFlat ? [] : spread)])),
  };
  const isLabelled = !isFlat && points.some(({ label, series }) => label !== undefined && series.bars);
  const right = rightMargin(spec, points, isFlat);
  const names = namesOfRules({ spec, points, width, isFlat, domain: domains.x, right });
  const lines = names.reduce((most, { line }) => Math.max(most, line + 1), 0);
  const top = 10 + (spec.y.label === undefined ? 0 : 16) + (isLabelled ? 12 : 0) + NAME_LINE * lines;
  const hidesX = spec.groups !== undefined && !isFlat;
  const bottom = 22 + ((hidesX ? spec.groups?.label : spec.x.label) === undefined ? 0 : 18);
  const isNumeric = ({ kind }: FigureAxis) => kind !== 'names';
  const up = isNumeric(spec.y) ? ticksOf(spec.y, domains.y, height - top - bottom, false) : [];
  const left = leftMargin({ spec, points, ticks: up, width, isFlat });
  const across = isNumeric(spec.x) ? ticksOf(spec.x, domains.x, width - left - right, true) : [];
  const frame = { left, top, right: width - right, bottom: height - bottom };
  return {
    ...look,
    spec,
    points,
    isFlat,
    ruleNames: names,
    domains,
    margins: { left, top, right, bottom },
    frame,
    scales: {
      x: scaleOf(spec.x, domains.x, [frame.left, frame.right]),
      y: scaleOf(spec.y, domains.y, [frame.bottom, frame.top]),
    },
    ticks: { x: across, y: up },
  };
}

/** Names stand above a figure along x, whose margin at the left is that of names. */
function namesOfRules({
  domain,
  right,
  ...plan
}: Pick<Plan, 'spec' | 'points' | 'width' | 'isFlat'> & {
  domain: readonly [number, number];
  right: number;
}): RuleName[] {
  const { spec, width, isFlat } = plan;
  if (!isFlat || !spec.rules?.some(({ label }) => label !== undefined)) return [];
  const left = leftMargin({ ...plan, ticks: [] });
  return ruleNames(spec, scaleOf(spec.x, domain, [left, width - right]), width);
}

/** Where lines cross a place between two of their points. */
function crossings(points: readonly Placed[], edge: number): Placed[] {
  return points.flatMap((point, at) => {
    const before = points[at - 1];
    const [from, to] = [Number(before?.x), Number(point.x)];
    if (point.series.line === undefined || before?.series !== point.series) return [];
    if (!(from < edge && edge < to)) return [];
    const value = (key: 'y' | 'low' | 'high') =>
      Number(before[key]) + ((Number(point[key]) - Number(before[key])) * (edge - from)) / (to - from);
    return [{ ...point, x: edge, y: value('y'), low: value('low'), high: value('high') }];
  });
}

/** What is there of some fields of all points; there may be a hundred thousand. */
function valuesOf(
  points: readonly Placed[],
  fields: readonly ('x' | 'y' | 'to' | 'low' | 'high')[],
): unknown[] {
  const values: unknown[] = [];
  for (const point of points)
    for (const field of fields) if (point[field] !== undefined) values.push(point[field]);
  return values;
}

/** Where a value has no place on its axis the point has none: a line has a gap there. */
function placedPoints(spec: FigureSpec, colours: ChartColours): Placed[] {
  const value = (axis: FigureAxis, of: number | string) =>
    axis.kind === 'names' || hasPlace(axis, of) ? of : Number.NaN;
  const values = spec.along === 'x' ? spec.x : spec.y;
  const end = (of: number | undefined) => (hasPlace(values, of) ? of : undefined);
  return spec.series.flatMap((series) => {
    const ink = colourOf(series.colour, colours);
    const usual = usualShape(spec, series);
    return series.points.map((point) => ({
      ...point,
      x: value(spec.x, point.x),
      y: value(spec.y, point.y),
      low: end(point.low),
      high: end(point.high),
      series,
      id: series.id,
      ink: point.colour === undefined ? ink : colourOf(point.colour, colours),
      drawnAs: point.beyond ? null : (point.shape ?? usual),
    }));
  });
}

/** How the points of a series are drawn: a line of one point, which nobody would see, as a tile. */
function usualShape(
  { y }: FigureSpec,
  { marks, faint, bars, line, points, colour }: FigureSeries,
): Shape | null {
  if (faint || bars || marks === 'none') return null;
  const tile = isVariant(colour) ? 'half' : 'tile';
  if (marks || line === undefined) return marks === undefined || marks === 'tile' ? tile : marks;
  let count = 0;
  for (const point of points) if (hasPlace(y, point.y) && ++count > 1) return null;
  return tile;
}

/** The names of an axis as they come, or in their order. */
export function namesOf({ spec, points }: Pick<Plan, 'spec' | 'points'>, axis: 'x' | 'y'): string[] {
  return [...(spec[axis].names ?? new Set(points.map((point) => String(point[axis]))))];
}

export const widest = (texts: readonly string[]) =>
  Math.max(0, ...texts.map((text) => textWidth(text, TICK_SIZE)));

function leftMargin(
  plan: Pick<Plan, 'spec' | 'points' | 'width' | 'isFlat'> & { ticks: readonly Tick[] },
): number {
  const { spec, ticks, width, isFlat } = plan;
  const names =
    spec.groups && isFlat ? spec.groups.names : spec.y.kind === 'names' ? namesOf(plan, 'y') : null;
  if (names) return Math.ceil(Math.min(NAME_SHARE * width, widest(names)) + 12);
  return Math.ceil(Math.max(44, widest(ticks.map(({ text }) => text)) + 10));
}

function rightMargin(spec: FigureSpec, points: readonly Placed[], isFlat: boolean): number {
  if (spec.names === 'ends') {
    const names = spec.series.flatMap(({ label, faint }) => (label === undefined || faint ? [] : [label]));
    return Math.ceil(END_NAME + Math.min(WIDEST, widest(names)) + 4);
  }
  const labels = isFlat ? points.flatMap(({ label, beyond }) => (beyond ? [] : (label ?? []))) : [];
  return Math.ceil(Math.max(16, widest(labels) + 12));
}
