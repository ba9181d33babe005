import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { ComparisonView, SliceComparison } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { signed, signedRange } from '../../format/format.ts';
import { differenceReach } from './difference-reach.ts';
import { useRowColours } from './rows.tsx';
import { type SliceKindName, slicesOf } from './slices-of.ts';

const ROW_HEIGHT = 14;

interface Point {
  id: string;
  name: string;
  slice: string;
  difference: number;
  low: number;
  high: number;
}

interface SliceDifferencesProps {
  view: ComparisonView;
  rows: readonly SliceComparison[];
  kind: SliceKindName;
  metric: string;
}

/** Pixels of the figures of so many slices and rows. */
export const sliceHeight = (slices: number, rows: number) => slices * (rows * ROW_HEIGHT + 12) + 36;

/** How far each row is from the baseline in each slice, with intervals; rows far from the others are hollow, at the edge. */
export function SliceDifferences({ view, rows, kind, metric }: SliceDifferencesProps) {
  const colours = useRowColours(view);
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name }) =>
        slicesOf(rows, id, kind).flatMap(({ slice, differences }): Point[] => {
          const own = differences?.[metric];
          if (!own) return [];
          const { difference, interval } = own;
          return [{ id, name, slice, difference, low: interval[0], high: interval[1] }];
        }),
      ),
    [view, rows, kind, metric],
  );
  const options = useMemo(() => optionsOf(points, colours), [points, colours]);
  if (points.length === 0 || view.baseline === null) return null;
  const title = `${metricLabel(metric)}: difference to ${view.rows[view.baseline].name}`;
  return (
    <PlotFigure
      title={title}
      subtitle="95 % interval"
      description={title}
      fileName={`slices-difference-${metricLabel(metric)}`}
      options={options}
    />
  );
}

function optionsOf(points: readonly Point[], colours: ReadonlyMap<string, string>): Plot.PlotOptions {
  const slices = [...new Set(points.map(({ slice }) => slice))];
  const names = [...new Set(points.map(({ name }) => name))];
  const reach = differenceReach(points);
  const near = points.filter(({ difference }) => Math.abs(difference) <= reach);
  const fill = ({ id }: Point) => colours.get(id);
  return {
    height: sliceHeight(slices.length, names.length),
    marginLeft: 16 + 7 * Math.max(0, ...slices.map((slice) => slice.length)),
    fy: { label: null, domain: slices, padding: 0.1 },
    y: { axis: null, domain: names },
    x: {
      label: null,
      grid: true,
      ticks: 5,
      clamp: true,
      ...(reach < Infinity ? { domain: [-reach, reach] } : {}),
    },
    marks: [
      Plot.axisFy({ anchor: 'left' }),
      Plot.ruleX([0], { strokeOpacity: 0.6 }),
      Plot.ruleY(near, { fy: 'slice', y: 'name', x1: 'low', x2: 'high', stroke: fill, strokeWidth: 2 }),
      tiles(near, {
        fy: 'slice',
        y: 'name',
        x: 'difference',
        fill,
        title: ({ name, slice, difference, low, high }: Point) =>
          `${name}, ${slice}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`,
      }),
      tiles(
        points.filter((point) => !near.includes(point)),
        {
          fy: 'slice',
          y: 'name',
          x: ({ difference }: Point) => Math.sign(difference) * reach,
          stroke: fill,
          title: ({ name, slice, difference }: Point) =>
            `${name}, ${slice}: ${signed(difference, 4)}, further away`,
        },
      ),
    ],
  };
}
