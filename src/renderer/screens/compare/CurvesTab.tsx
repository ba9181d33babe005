import { useMemo, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { CurveControls } from '../../charts/CurveControls.tsx';
import { type Axis, curvesOf, type NamedSeries, stepsOf } from '../../charts/curve-shapes.ts';
import { useCurvesView } from '../../charts/curves-view.ts';
import { LineChart } from '../../charts/LineChart.tsx';
import { CheckField } from '../../components/controls.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { MetricSelect } from '../../components/MetricSelect.tsx';
import { Problem } from '../../components/Problem.tsx';
import { countText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useKeptQuery } from '../../state/use-kept-query.ts';
import { rowMeans, useNamedSeries } from './row-curves.ts';
import { useRowColours } from './rows.tsx';

const PIXELS = 1200;

/** Training curves over each other; seeds of a row share its colour. Dragging asks for a stretch in detail. */
export function CurvesTab({ view }: { view: ComparisonView }) {
  const [metric, setMetric] = useState<string | undefined>();
  const [look, setLook] = useCurvesView();
  const [zoom, setZoom] = useState<{ from: number; to: number } | null>(null);
  const { axis, smoothing, logarithmic, mean } = look;
  const colours = useRowColours(view);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const { data, error, refetch } = useKeptQuery(
    api.compare.curves.queryOptions({ input: { runs, metric, pixels: PIXELS, ...zoom } }),
  );
  const series = useNamedSeries(data?.curves, view, colours);
  const unit = timeUnit(series);
  const curves = useMemo(() => {
    const scaled = series.map((one) => ({ ...one, times: one.times.map((time) => time / unit.ms) }));
    const all = curvesOf(scaled, { axis, smoothing });
    return mean ? rowMeans(all, view, colours) : all;
  }, [series, axis, smoothing, unit, mean, view, colours]);
  if (error) return <Problem query={{ error, refetch }} />;
  if (!data) return null;
  if (data.metrics.length === 0) {
    return (
      <EmptyState
        title="No curves"
        text="These models are fitted in one go: they have no training to draw."
      />
    );
  }
  const shown = metric ?? data.metrics[0];
  const scale = axis === 'time' ? unit.ms : 1;
  const labels: Record<Axis, string> = {
    step: 'Step',
    epoch: 'Epoch',
    time: `${unit.label} since the start`,
  };
  return (
    <div className="compare-flow">
      <div className="toolbar curves-toolbar">
        <MetricSelect metrics={data.metrics} value={shown} onValue={setMetric} />
        {view.rows.some(({ runs: members }) => members.length > 1) && (
          <CheckField
            label="Mean of seeds"
            value={mean}
            onValue={(value) => setLook({ ...look, mean: value })}
          />
        )}
        <CurveControls view={look} onView={setLook} zoomed={zoom !== null} onReset={() => setZoom(null)} />
      </div>
      <LineChart
        title={metricLabel(shown)}
        fileName={`curves-${shown.replaceAll('/', '-')}`}
        curves={curves}
        xLabel={labels[axis]}
        whole={axis !== 'time'}
        logarithmic={logarithmic}
        height={380}
        onZoom={(range) =>
          setZoom(range && stepsOf(series, axis, { from: range.from * scale, to: range.to * scale }))
        }
      />
      <p className="muted">
        {data.curves.length} of {countText(runs.length, 'run')} {data.curves.length === 1 ? 'has' : 'have'}{' '}
        this curve.
      </p>
    </div>
  );
}

const UNITS = [
  { label: 'Hours', ms: 3_600_000 },
  { label: 'Minutes', ms: 60_000 },
  { label: 'Seconds', ms: 1_000 },
];

/** The largest unit of which the longest training takes a few. */
function timeUnit(series: readonly NamedSeries[]): (typeof UNITS)[number] {
  const longest = Math.max(0, ...series.map(({ times }) => times.at(-1) ?? 0));
  return UNITS.find(({ ms }) => longest >= 3 * ms) ?? UNITS[UNITS.length - 1];
}
