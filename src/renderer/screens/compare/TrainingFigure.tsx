import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { curvesOf } from '../../charts/curve-shapes.ts';
import { LineChart } from '../../charts/LineChart.tsx';
import { api } from '../../state/api.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';
import { rowMeans, useNamedSeries } from './row-curves.ts';
import { useRowColours } from './rows.tsx';

const PIXELS = 600;

/** What training looked like: the most informative metric of each row by epoch, seeds as mean and band. */
export function TrainingFigure({ view }: { view: ComparisonView }) {
  const colours = useRowColours(view);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const { data } = useKeptQuery(api.compare.curves.queryOptions({ input: { runs, pixels: PIXELS } }));
  const series = useNamedSeries(data?.curves, view, colours);
  const curves = useMemo(
    () => rowMeans(curvesOf(series, { axis: 'epoch', smoothing: 0 }), view, colours),
    [series, view, colours],
  );
  const metric = data?.metrics[0];
  if (metric === undefined || curves.length === 0) return null;
  return (
    <LineChart
      title={`${metricLabel(metric)} while training`}
      fileName="training"
      curves={curves}
      xLabel="Epoch"
      whole
      height={220}
    />
  );
}
