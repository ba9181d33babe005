import * as Plot from '@observablehq/plot';
import { type Difference, differenceScale } from '../../../core/api/compare.ts';
import { themeColour } from '../../charts/colours.ts';
import { tiles } from '../../charts/tiles.ts';
import { signed, signedRange } from '../../format/format.ts';

/** A row's difference to the baseline with its interval, and the slice it is of where there are slices. */
export interface DifferencePoint extends Difference {
  name: string;
  slice?: string;
}

/** Share of the axis that an arrow takes, with its number before it. */
const ARROW = 0.06;
const TICKS = 5;

/**
 * The axis and the marks of differences around the line of none: a tile with its interval, hollow where that crosses 0, or for
 * a row far worse than the others an arrow with its number. `sign`: 1 where higher is better, −1 where lower is.
 */
export function differencePlot(
  points: readonly DifferencePoint[],
  colours: ReadonlyMap<string, string>,
  sign: 1 | -1,
): { x: Plot.ScaleOptions; marks: Plot.Markish[] } {
  const keyOf = ({ id, slice = '' }: DifferencePoint) => `${id} ${slice}`;
  const keyed = points.map((point) => ({ ...point, id: keyOf(point) }));
  const { low, high, clipped } = differenceScale(keyed, sign, TICKS);
  const far = points.filter((point) => clipped.has(keyOf(point)));
  const near = points.filter((point) => !clipped.has(keyOf(point)));
  const stroke = ({ id }: DifferencePoint) => colours.get(id);
  const crosses = (point: DifferencePoint) => point.low <= 0 && point.high >= 0;
  const [edge, way] = sign > 0 ? [low, 1] : [high, -1];
  const begin = edge + way * ARROW * (high - low);
  const place = { y: 'name', ...(points.some(({ slice }) => slice !== undefined) && { fy: 'slice' }) };
  return {
    x: { label: null, grid: true, ticks: TICKS, domain: [low, high] },
    marks: [
      Plot.ruleX([0], { strokeOpacity: 0.6 }),
      Plot.ruleY(near, { ...place, x1: 'low', x2: 'high', stroke, strokeWidth: 2 }),
      tiles(near, {
        ...place,
        x: 'difference',
        stroke,
        strokeWidth: 2,
        fill: (point) => (crosses(point) ? themeColour('--background') : stroke(point)),
        title: pointText,
      }),
      Plot.arrow(far, {
        ...place,
        x1: () => begin,
        x2: () => edge,
        stroke,
        strokeWidth: 2,
        title: pointText,
      }),
      Plot.text(far, {
        ...place,
        x: () => begin,
        text: ({ difference }: DifferencePoint) => signed(difference, 4),
        textAnchor: sign > 0 ? 'start' : 'end',
        dx: 6 * way,
      }),
    ],
  };
}

function pointText({ name, slice, difference, low, high }: DifferencePoint): string {
  const of = slice === undefined ? name : `${name}, ${slice}`;
  return `${of}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
}
