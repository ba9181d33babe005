import type * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { type ComparisonView, differenceOf } from '../../../core/api/compare.ts';
import { signOf } from '../../../core/api/metrics.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { clip, countText } from '../../format/format.ts';
import { type DifferencePoint, differencePlot } from './difference-marks.ts';
import { useRowColours } from './rows.tsx';

const ROW_HEIGHT = 24;
const NAME_LENGTH = 28;

/** One tile a row with its interval, around the line of no difference; rows far worse than the others are arrows. */
export function IntervalsFigure({ view, at }: { view: ComparisonView; at: number }) {
  const colours = useRowColours(view);
  const { label, direction } = view.columns[at];
  const sign = signOf(direction);
  const baseline = view.baseline === null ? '' : view.rows[view.baseline].name;
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name, cells }): DifferencePoint[] =>
        differenceOf(id, cells[at].significance).map((difference) => ({ ...difference, name })),
      ),
    [view, at],
  );
  const options = useMemo(() => optionsOf(points, colours, sign), [points, colours, sign]);
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

function optionsOf(
  points: readonly DifferencePoint[],
  colours: ReadonlyMap<string, string>,
  sign: 1 | -1,
): Plot.PlotOptions {
  return {
    height: ROW_HEIGHT * points.length + 48,
    marginLeft: 16 + 7 * Math.max(0, ...points.map(({ name }) => clip(name, NAME_LENGTH).length)),
    y: {
      label: null,
      domain: points.map(({ name }) => name),
      tickSize: 0,
      tickFormat: (name: string) => clip(name, NAME_LENGTH),
    },
    ...differencePlot(points, colours, sign),
  };
}
