/** The figures of a comparison, from its numbers. `colours`: of the rows, by their ids. */
import { type ComparisonView, type Difference, differenceScale } from '../../../core/api/compare.ts';
import type { FigurePoint, FigureSeries, FigureSpec, Shape } from '../../../core/api/figures.ts';
import { clip, countText, fixed, signed, signedRange, withMinus } from '../../format/format.ts';
import type { ColdStartPoint } from './cold-start.ts';
import type { RowField } from './rows.tsx';

type Colours = ReadonlyMap<string, string>;

/** A row's difference to the baseline with its interval, and the slice it is of where there are slices. */
export interface DifferencePoint extends Difference {
  name: string;
  slice?: string;
}

const NAME_LENGTH = 28;
const TICKS = 5;
const ROW = 24;
/** Pixels of a row of a slice, and around the rows of one. */
const SLICE_ROW = 14;
const SLICE = 12;

/** Pixels of a figure of so many slices and rows. */
const sliceHeight = (slices: number, rows: number) => slices * (rows * SLICE_ROW + SLICE) + 36;

interface DifferencesFigure extends Pick<FigureSpec, 'title' | 'subtitle' | 'description' | 'fileName'> {
  points: readonly DifferencePoint[];
  colours: Colours;
  /** 1 where higher is better, −1 where lower is. */
  sign: 1 | -1;
}

/**
 * A tile for each difference with its interval around the line of none, hollow where that crosses 0, or for one far worse than
 * the others an arrow with its number; by slice where there are slices. Where nobody hits there is no interval to draw.
 */
export function differencesFigure({ points, colours, sign, ...words }: DifferencesFigure): FigureSpec {
  const keyOf = ({ id, slice = '' }: Pick<DifferencePoint, 'id' | 'slice'>) => `${id} ${slice}`;
  const keyed = points.map((point) => ({ ...point, id: keyOf(point) }));
  const scale = differenceScale(keyed, sign, TICKS);
  const drawn = points.filter(({ low, high }) => low !== 0 || high !== 0);
  const names = [...new Set(points.map(({ name }) => clip(name, NAME_LENGTH)))];
  const slices = [...new Set(points.flatMap(({ slice }) => slice ?? []))];
  const [edge, beyond] = sign > 0 ? ([scale.low, -1] as const) : ([scale.high, 1] as const);
  return {
    ...words,
    along: 'x',
    height: slices.length > 0 ? sliceHeight(slices.length, names.length) : ROW * names.length + 40,
    x: { domain: [scale.low, scale.high] },
    y: { kind: 'names', names },
    groups: slices.length > 0 ? { names: slices } : undefined,
    rules: [{ axis: 'x', at: 0 }],
    names: 'none',
    series: rowSeries(drawn, colours, ({ id, name, slice, difference, low, high }) => {
      const of = slice === undefined ? name : `${name}, ${slice}`;
      const tip = `${of}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
      const point = { y: clip(name, NAME_LENGTH), group: slice, tip };
      if (scale.clipped.has(keyOf({ id, slice })))
        return { ...point, x: edge, beyond, label: signed(difference, 4) };
      return { ...point, x: difference, low, high, hollow: low <= 0 && high >= 0 };
      // Without slices the axis names the rows.
    }).map((row) => (slices.length > 0 ? row : { ...row, label: undefined })),
  };
}

/** A series for each row, in its colour. */
function rowSeries<P extends { id: string; name: string }>(
  all: readonly P[],
  colours: Colours,
  pointOf: (one: P) => FigurePoint,
): FigureSeries[] {
  return [...Map.groupBy(all, ({ id }) => id)].map(([id, members]) => {
    return { id, label: members[0].name, colour: colours.get(id) ?? 'muted', points: members.map(pointOf) };
  });
}

export interface SliceBar {
  id: string;
  name: string;
  slice: string;
  value: number;
  /** Ends of its 95 % interval, where there is one. */
  low?: number;
  high?: number;
}

/** A bar a row in each slice; beside the figure of differences of as many rows it is as high as that. */
export function slicesFigure(
  title: string,
  bars: readonly SliceBar[],
  colours: Colours,
  compared: number,
): FigureSpec {
  const slices = [...new Set(bars.map(({ slice }) => slice))];
  const names = [...new Set(bars.map(({ name }) => name))];
  return {
    title,
    description: `${title}, ${countText(names.length, 'run')}`,
    fileName: title,
    height: Math.max(220, compared > 0 ? sliceHeight(slices.length, compared) : 0),
    x: { kind: 'names', names },
    y: { zero: true },
    groups: { names: slices },
    names: 'none',
    series: rowSeries(bars, colours, ({ name, slice, value, low, high }) => {
      return { x: name, y: value, low, high, group: slice, tip: `${name}, ${slice}: ${fixed(value, 4)}` };
    }).map((one) => ({ ...one, bars: true })),
  };
}

/** Every representation of an item by how often training has shown it. */
export function coldStartFigure(
  title: string,
  points: readonly ColdStartPoint[],
  colours: Colours,
): FigureSpec {
  const names = [...new Set(points.map(({ name }) => name))];
  const representations = [...new Set(points.map(({ representation }) => representation))];
  return {
    title,
    description: `${title}, ${representations.join(', ')}, with 95 % intervals`,
    fileName: 'cold-start',
    height: 308,
    x: { kind: 'names', names },
    y: {},
    groups: { label: 'Training rows of the item', names: [...new Set(points.map(({ slice }) => slice))] },
    names: 'none',
    series: rowSeries(points, colours, ({ name, representation, slice, value, low, high }) => {
      const tip = `${representation} (${name}), ${slice} training rows: ${fixed(value, 4)}`;
      return { x: name, y: value, low, high, group: slice, tip };
    }),
  };
}

/** More names than these lie on each other; the pointer then tells them one by one. */
const MAX_NAMES = 25;
const SHAPES: readonly Shape[] = ['tile', 'diamond', 'triangle', 'cross'];

/** Four significant digits. */
const amountText = (value: number) => withMinus(String(Number(value.toPrecision(4))));
const isWhole = ({ values }: RowField) => values.every((value) => value === null || Number.isInteger(value));

/** One setting or metric against another: a point a row, protocols by their shapes. */
export function scatterFigure(
  { rows, protocols }: ComparisonView,
  [x, y]: readonly [RowField, RowField],
  logarithmic: boolean,
  colours: Colours,
): FigureSpec {
  const points = rows.flatMap(({ id, name, protocol }, at) => {
    const [left, top] = [x.values[at], y.values[at]];
    const drawn = typeof left === 'number' && typeof top === 'number' && (!logarithmic || left > 0);
    return drawn ? [{ id, name, protocol, left, top }] : [];
  });
  const title = `${y.label} against ${x.label}`;
  return {
    title,
    description: `${title}, ${countText(points.length, 'run')}`,
    fileName: `scatter-${y.label}-${x.label}`,
    height: 400,
    x: { label: x.label, kind: logarithmic ? 'log' : 'numbers', whole: isWhole(x) },
    y: { label: y.label, whole: isWhole(y) },
    series: protocols.map(({ label }, protocol) => ({
      id: label,
      label,
      colour: 'muted',
      marks: SHAPES[protocol % SHAPES.length],
      points: points
        .filter((point) => point.protocol === protocol)
        .map(({ id, name, left, top }) => ({
          x: left,
          y: top,
          colour: colours.get(id),
          label: points.length > MAX_NAMES ? undefined : name,
          tip: `${name}\n${x.label} ${amountText(left)}, ${y.label} ${amountText(top)}`,
        })),
    })),
  };
}
