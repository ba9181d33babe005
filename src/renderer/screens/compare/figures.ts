/** The figures of a comparison, from its numbers. `colours`: of the rows, by their ids. */
import { type ComparisonView, type Difference, differenceScale } from '../../../core/api/compare.ts';
import type { FigurePoint, FigureSeries, FigureSpec, Shape } from '../../../core/api/figures.ts';
import { clip, countText, fixed, signed, signedRange, withMinus } from '../../format/format.ts';
import type { ColdStartPoint } from './cold-start.ts';
import type { RowField } from './rows.tsx';

type Colours = ReadonlyMap<string, string>;

/** A row's difference to the baseline with its interval. */
export interface DifferencePoint extends Difference {
  name: string;
  /** Behind its number: "†" */
  mark?: string;
}

const NAME_LENGTH = 28;
const TICKS = 5;
const ROW = 24;
interface DifferencesFigure extends Pick<FigureSpec, 'title' | 'subtitle' | 'description' | 'fileName'> {
  points: readonly DifferencePoint[];
  colours: Colours;
  /** 1 where higher is better, −1 where lower is. */
  sign: 1 | -1;
}

/**
 * A tile for each difference with its interval around the line of none, hollow where that crosses 0, and its number; for one far
 * worse than the others an arrow. Where nobody hits there is no interval to draw.
 */
export function differencesFigure({ points, colours, sign, ...words }: DifferencesFigure): FigureSpec {
  const scale = differenceScale(points, sign, TICKS);
  const drawn = points.filter(({ low, high }) => low !== 0 || high !== 0);
  const names = [...new Set(points.map(({ name }) => clip(name, NAME_LENGTH)))];
  const [edge, beyond] = sign > 0 ? ([scale.low, -1] as const) : ([scale.high, 1] as const);
  return {
    ...words,
    along: 'x',
    height: ROW * names.length + 40,
    x: { domain: [scale.low, scale.high] },
    y: { kind: 'names', names },
    rules: [{ axis: 'x', at: 0 }],
    names: 'none',
    series: rowSeries(drawn, colours, ({ id, name, mark = '', difference, low, high }) => {
      const tip = `${name}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
      const point = { y: clip(name, NAME_LENGTH), tip, label: signed(difference, 4) + mark };
      if (scale.clipped.has(id)) return { ...point, x: edge, beyond };
      return { ...point, x: difference, low, high, hollow: low <= 0 && high >= 0 };
      // The axis names the rows.
    }).map((row) => ({ ...row, label: undefined })),
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
