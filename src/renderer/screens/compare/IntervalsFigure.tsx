import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { clip, countText, signed, signedRange } from '../../format/format.ts';
import { differenceReach } from './difference-reach.ts';
import { useRowColours } from './rows.tsx';

const ROW_HEIGHT = 24;
const NAME_LENGTH = 28;

interface Point {
  id: string;
  name: string;
  difference: number;
  low: number;
  high: number;
}

/** One tile a row with its interval, around the line of no difference; rows far from the others are arrows. */
export function IntervalsFigure({ view, at }: { view: ComparisonView; at: number }) {
  const colours = useRowColours(view);
  const { label } = view.columns[at];
  const baseline = view.baseline === null ? '' : view.rows[view.baseline].name;
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name, cells }): Point[] => {
        const { significance } = cells[at];
        if (!significance) return [];
        const { difference, interval } = significance;
        return [{ id, name, difference, low: interval[0], high: interval[1] }];
      }),
    [view, at],
  );
  const options = useMemo(() => optionsOf(points, colours), [points, colours]);
  if (points.length === 0) return null;
  const title = `${label}: difference to ${baseline}, 95 % interval`;
  return (
    <PlotFigure
      title={title}
      description={`${title}, ${countText(points.length, 'run')}`}
      fileName={`difference-${label}`}
      options={options}
    />
  );
}

function optionsOf(points: readonly Point[], colours: ReadonlyMap<string, string>): Plot.PlotOptions {
  const reach = differenceReach(points);
  const far = points.filter(({ difference }) => Math.abs(difference) > reach);
  const near = points.filter(({ difference }) => Math.abs(difference) <= reach);
  const side = ({ difference }: Point) => Math.sign(difference) * reach;
  const fill = ({ id }: Point) => colours.get(id);
  const title = ({ name, difference, low, high }: Point) =>
    `${name}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
  return {
    height: ROW_HEIGHT * points.length + 48,
    marginLeft: 16 + 7 * Math.max(0, ...points.map(({ name }) => clip(name, NAME_LENGTH).length)),
    x: {
      label: null,
      grid: true,
      ticks: 5,
      clamp: true,
      ...(far.length > 0 ? { domain: [-reach, reach] } : {}),
    },
    y: {
      label: null,
      domain: points.map(({ name }) => name),
      tickSize: 0,
      tickFormat: (name: string) => clip(name, NAME_LENGTH),
    },
    marks: [
      Plot.ruleX([0], { strokeOpacity: 0.6 }),
      Plot.ruleY(near, { y: 'name', x1: 'low', x2: 'high', stroke: fill, strokeWidth: 2 }),
      tiles(near, { y: 'name', x: 'difference', fill, title }),
      Plot.arrow(far, {
        y: 'name',
        x1: (point: Point) => 0.9 * side(point),
        x2: side,
        stroke: fill,
        strokeWidth: 2,
        title,
      }),
      ...[-1, 1].map((sign) =>
        Plot.text(
          far.filter(({ difference }) => Math.sign(difference) === sign),
          {
            y: 'name',
            x: (point: Point) => 0.9 * side(point),
            text: ({ difference }: Point) => signed(difference, 4),
            textAnchor: sign < 0 ? 'start' : 'end',
            dx: -6 * sign,
          },
        ),
      ),
    ],
  };
}
