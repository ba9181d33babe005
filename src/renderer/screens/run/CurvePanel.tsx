import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { runColours } from '../../charts/colours.ts';
import {
  type Axis,
  curvesOf,
  type Panel,
  positions,
  rangeOf,
  type Series,
  stepsOf,
  withDetail,
} from '../../charts/curve-shapes.ts';
import type { CurvesView } from '../../charts/curves-view.ts';
import { LineChart } from '../../charts/LineChart.tsx';
import type { ChartMark, Range } from '../../charts/line-chart.ts';
import { useWidth } from '../../charts/use-width.ts';
import { Problem } from '../../components/Problem.tsx';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';

interface CurvePanelProps {
  run: RunRecord;
  panel: Panel;
  view: CurvesView;
  /** First and last step that are shown of every curve of the run, whatever the axis. */
  zoom: Range | null;
  onZoom(steps: Range | null): void;
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
  const input = { run: run.id, metrics: panel.metrics, pixels };
  const points = useKeptQuery(api.runs.series.queryOptions({ input }));
  const detail = useQuery({
    ...api.runs.series.queryOptions({ input: { ...input, ...zoom } }),
    enabled: zoom !== null,
  });
  const series = useMemo(() => {
    const whole = points.data ?? NO_SERIES;
    const inDetail = new Map(zoom && detail.data?.map((one) => [one.metric, one]));
    return whole.map((one) => (zoom ? withDetail(one, inDetail.get(one.metric), zoom) : one));
  }, [points.data, detail.data, zoom]);
  const curves = useMemo(() => {
    const colours = runColours(
      series.map(({ metric }) => ({ id: metric, model: run.model })),
      theme,
    );
    const named = series.map((points) => ({
      ...points,
      id: points.metric,
      label: splitText(points.metric),
      colour: colours.get(points.metric) ?? '',
    }));
    return curvesOf(named, { axis, smoothing });
  }, [series, run.model, axis, smoothing, theme]);
  if (points.error) return <Problem query={points} />;
  return (
    <div ref={place}>
      <LineChart
        title={panel.title}
        fileName={`${run.name}-${panel.title.toLowerCase().replaceAll(' ', '-')}`}
        curves={curves}
        subtitle={series.length === 1 ? splitText(series[0].metric) : undefined}
        xLabel={AXIS_LABELS[axis]}
        time={axis === 'time'}
        whole={axis !== 'time'}
        logarithmic={logarithmic}
        range={zoom && rangeOf(series, axis, zoom)}
        mark={chosenMark(run, series, axis)}
        sync={`run ${axis}`}
        onZoom={(range) => onZoom(range && stepsOf(series, axis, range))}
      />
    </div>
  );
}

/** "valid/ndcg@10" → "validation @10" */
function splitText(metric: string): string {
  const [name, cutoff] = metric.split('@');
  const [split] = name.split('/');
  const words: Record<string, string> = { train: 'training', valid: 'validation' };
  return [words[split] ?? split, ...(cutoff ? [`@${cutoff}`] : [])].join(' ');
}

/** Where the epoch was measured whose parameters are tested. */
function chosenMark({ selectedEpoch }: RunRecord, all: readonly Series[], axis: Axis): ChartMark | null {
  if (selectedEpoch === null) return null;
  for (const series of all) {
    const at = series.epochs.lastIndexOf(selectedEpoch);
    if (at >= 0) return { x: positions(series, axis)[at], label: `best, epoch ${selectedEpoch}` };
  }
  return null;
}
