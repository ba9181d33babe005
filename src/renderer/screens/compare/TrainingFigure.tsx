import { useCallback, useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import type { Curve } from '../../../core/api/figures.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { CurveFigures } from '../../charts/CurveFigures.tsx';
import { api } from '../../state/api.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';
import { rowLevels, rowMeans, useNamedSeries } from './row-curves.ts';
import { useRowColours } from './rows.tsx';

const PIXELS = 600;
const VIEW = { axis: 'epoch', smoothing: 0, logarithmic: false } as const;

/** What training looked like: the most informative metric of each row by epoch, seeds as mean and band. */
export function TrainingFigure({ view }: { view: ComparisonView }) {
  const colours = useRowColours(view);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const { data } = useKeptQuery(api.compare.curves.queryOptions({ input: { runs, pixels: PIXELS } }));
  const series = useNamedSeries(data?.curves, view, colours);
  const metric = data?.metrics[0];
  const panels = useMemo(() => {
    const title = `${metricLabel(metric ?? '')} while training`;
    return [{ title, fileName: 'training', series, levels: rowLevels(view, series, metric ?? '', colours) }];
  }, [metric, series, view, colours]);
  const combine = useCallback((curves: readonly Curve[]) => rowMeans(curves, view, colours), [view, colours]);
  if (metric === undefined || series.length === 0) return null;
  return <CurveFigures panels={panels} view={VIEW} height={220} combine={combine} />;
}
