import { useMemo } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { runColours } from '../../charts/colours.ts';
import { curvesOf, type Panel, stepsOf } from '../../charts/curve-shapes.ts';
import type { CurvesView } from '../../charts/curves-view.ts';
import { LineChart } from '../../charts/LineChart.tsx';
import { useWidth } from '../../charts/use-width.ts';
import { Problem } from '../../components/Problem.tsx';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';

/** First and last step that are shown. */
export interface Zoom {
  from: number;
  to: number;
}

interface CurvePanelProps {
  run: RunRecord;
  panel: Panel;
  view: CurvesView;
  zoom: Zoom | null;
  onZoom(zoom: Zoom | null): void;
}

/** As many points are asked for as can be seen; a few pixels more or less make no new question. */
const PIXEL_STEP = 100;

const AXIS_LABELS = { step: 'Step', epoch: 'Epoch', time: 'Time' };
const NO_SERIES: never[] = [];

/** The metrics of one measure; a stretch that is dragged over is asked for again at the chart's own resolution. */
export function CurvePanel({ run, panel, view, zoom, onZoom }: CurvePanelProps) {
  const { axis, smoothing, logarithmic } = view;
  const theme = useTheme((state) => state.theme);
  const [place, width] = useWidth<HTMLDivElement>(500);
  const pixels = Math.ceil((width * devicePixelRatio) / PIXEL_STEP) * PIXEL_STEP;
  const points = useKeptQuery(
    api.runs.series.queryOptions({ input: { run: run.id, metrics: panel.metrics, ...zoom, pixels } }),
  );
  const series = points.data ?? NO_SERIES;
  const curves = useMemo(() => {
    const colours = runColours(
      series.map(({ metric }) => metric),
      theme,
    );
    const named = series.map((points) => ({
      ...points,
      id: points.metric,
      label: points.metric,
      colour: colours.get(points.metric) ?? '',
    }));
    return curvesOf(named, { axis, smoothing });
  }, [series, axis, smoothing, theme]);
  if (points.error) return <Problem query={points} />;
  return (
    <div ref={place}>
      <LineChart
        title={panel.title}
        fileName={`${run.name}-${panel.title.toLowerCase().replaceAll(' ', '-')}`}
        curves={curves}
        xLabel={AXIS_LABELS[axis]}
        time={axis === 'time'}
        logarithmic={logarithmic}
        onZoom={(range) => onZoom(range && stepsOf(series, axis, range))}
      />
    </div>
  );
}
