import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { type ComparisonView, differenceOf, type SliceComparison } from '../../../core/api/compare.ts';
import { metricDirection, metricLabel, signOf } from '../../../core/api/metrics.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { type DifferencePoint, differencePlot } from './difference-marks.ts';
import { useRowColours } from './rows.tsx';
import { type SliceKindName, slicesOf } from './slices-of.ts';

const ROW_HEIGHT = 14;

interface SliceDifferencesProps {
  view: ComparisonView;
  rows: readonly SliceComparison[];
  kind: SliceKindName;
  metric: string;
}

/** Pixels of the figures of so many slices and rows. */
export const sliceHeight = (slices: number, rows: number) => slices * (rows * ROW_HEIGHT + 12) + 36;

/** How far each row is from the baseline in each slice, with intervals. */
export function SliceDifferences({ view, rows, kind, metric }: SliceDifferencesProps) {
  const colours = useRowColours(view);
  const sign = signOf(metricDirection(metric));
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name }) =>
        slicesOf(rows, id, kind).flatMap(({ slice, differences }): DifferencePoint[] =>
          differenceOf(id, differences?.[metric]).map((difference) => ({ ...difference, name, slice })),
        ),
      ),
    [view, rows, kind, metric],
  );
  const options = useMemo(() => optionsOf(points, colours, sign), [points, colours, sign]);
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

function optionsOf(
  points: readonly DifferencePoint[],
  colours: ReadonlyMap<string, string>,
  sign: 1 | -1,
): Plot.PlotOptions {
  const slices = [...new Set(points.flatMap(({ slice }) => slice ?? []))];
  const names = [...new Set(points.map(({ name }) => name))];
  const { x, marks } = differencePlot(points, colours, sign);
  return {
    height: sliceHeight(slices.length, names.length),
    marginLeft: 16 + 7 * Math.max(0, ...slices.map((slice) => slice.length)),
    fy: { label: null, domain: slices, padding: 0.1 },
    y: { axis: null, domain: names },
    x,
    marks: [Plot.axisFy({ anchor: 'left' }), ...marks],
  };
}
