import * as Plot from '@observablehq/plot';
import { tiles } from '../../charts/tiles.ts';
import { signed, signedRange } from '../../format/format.ts';
import { differenceReach } from './difference-reach.ts';

/** A row's difference to the baseline with its interval, and the slice it is of where there are slices. */
export interface DifferencePoint {
  id: string;
  name: string;
  slice?: string;
  difference: number;
  low: number;
  high: number;
}

/** Above this share of the reach an arrow begins, with its number before it. */
const ARROW = 0.9;

/**
 * The axis and the marks of differences around the line of none: a tile with its interval, or for a row far from the others
 * an arrow with its number.
 */
export function differencePlot(
  points: readonly DifferencePoint[],
  colours: ReadonlyMap<string, string>,
): { x: Plot.ScaleOptions; marks: Plot.Markish[] } {
  const reach = differenceReach(points);
  const far = points.filter(({ difference }) => Math.abs(difference) > reach);
  const near = points.filter(({ difference }) => Math.abs(difference) <= reach);
  const fill = ({ id }: DifferencePoint) => colours.get(id);
  const edge = ({ difference }: DifferencePoint) => Math.sign(difference) * reach;
  const place = { y: 'name', ...(points.some(({ slice }) => slice !== undefined) && { fy: 'slice' }) };
  const domain = far.length > 0 ? { domain: [-reach, reach] } : {};
  return {
    x: { label: null, grid: true, ticks: 5, clamp: true, ...domain },
    marks: [
      Plot.ruleX([0], { strokeOpacity: 0.6 }),
      Plot.ruleY(near, { ...place, x1: 'low', x2: 'high', stroke: fill, strokeWidth: 2 }),
      tiles(near, { ...place, x: 'difference', fill, title: pointText }),
      Plot.arrow(far, {
        ...place,
        x1: (point: DifferencePoint) => ARROW * edge(point),
        x2: edge,
        stroke: fill,
        strokeWidth: 2,
        title: pointText,
      }),
      ...[-1, 1].map((sign) =>
        Plot.text(
          far.filter(({ difference }) => Math.sign(difference) === sign),
          {
            ...place,
            x: (point: DifferencePoint) => ARROW * edge(point),
            text: ({ difference }: DifferencePoint) => signed(difference, 4),
            textAnchor: sign < 0 ? 'start' : 'end',
            dx: -6 * sign,
          },
        ),
      ),
    ],
  };
}

function pointText({ name, slice, difference, low, high }: DifferencePoint): string {
  const of = slice === undefined ? name : `${name}, ${slice}`;
  return `${of}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
}
