/** The figures of a comparison, from its numbers. `colours`: of the rows, by their ids. */
import { type ComparisonView, type RowColours, rowSeries } from '../../../core/api/compare.ts';
import type { FigureSpec, Shape } from '../../../core/api/figures.ts';
import { countText, fixed, withMinus } from '../../format/format.ts';
import type { ColdStartPoint } from './cold-start.ts';
import type { RowField } from './rows.ts';

/** Every representation of an item by how often training has shown it. */
export function coldStartFigure(
  title: string,
  points: readonly ColdStartPoint[],
  colours: RowColours,
): FigureSpec {
  const names = [...new Set(points.map(({ name }) => name))];
  const representations = [...new Set(points.flatMap(({ representation }) => representation ?? []))];
  return {
    title,
    description: [title, ...representations, 'with 95 % intervals'].join(', '),
    fileName: 'cold-start',
    height: 308,
    x: { kind: 'names', names },
    y: {},
    groups: { label: 'Training rows of the item', names: [...new Set(points.map(({ slice }) => slice))] },
    names: 'none',
    series: rowSeries(points, colours, ({ name, representation, slice, value, low, high }) => {
      const shown = representation === null ? name : `${representation} (${name})`;
      const tip = `${shown}, ${slice} training rows: ${fixed(value, 4)}`;
      return { x: name, y: value, low, high, group: slice, tip };
    }),
  };
}

/** More names than these lie on each other; the pointer then tells them one by one. */
const MAX_NAMES = 25;
const SHAPES: readonly Shape[] = ['tile', 'diamond', 'triangle', 'cross'];

const amountText = ({ text }: RowField, value: number) => withMinus(text?.(value) ?? String(value));
const isWhole = ({ values }: RowField) => values.every((value) => value === null || Number.isInteger(value));

/** One setting or metric against another: a point a row, protocols by their shapes. */
export function scatterFigure(
  { rows, protocols }: ComparisonView,
  [x, y]: readonly [RowField, RowField],
  logarithmic: boolean,
  colours: RowColours,
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
          tip: `${name}\n${x.label} ${amountText(x, left)}, ${y.label} ${amountText(y, top)}`,
        })),
    })),
  };
}
