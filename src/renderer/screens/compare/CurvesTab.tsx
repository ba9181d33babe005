import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import {
  type ComparisonView,
  type CurveComparison,
  choosingSign,
  namedSeries,
  rowLevels,
  rowMeans,
} from '../../../core/api/compare.ts';
import type { Curve, NamedSeries } from '../../../core/api/figures.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { MetricSelect } from '../../app/MetricSelect.tsx';
import { CurveControls } from '../../charts/CurveControls.tsx';
import { CurveFigures } from '../../charts/CurveFigures.tsx';
import { useCurvesView } from '../../charts/curves-view.ts';
import { stepsOf, withDetail, type Zoom } from '../../charts/zoom.ts';
import { CheckField } from '../../components/controls.tsx';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useFigureColours } from './rows.tsx';

const PIXELS = 1200;

/** Training curves over each other; seeds of a row share its colour. Dragging asks for a stretch in detail. */
export function CurvesTab({ view }: { view: ComparisonView }) {
  const [metric, setMetric] = useState<string | undefined>();
  const [look, setLook] = useCurvesView();
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const colours = useFigureColours(view);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const input = { runs, metric, pixels: PIXELS };
  const { data, error, refetch } = useKeptQuery(api.compare.curves.queryOptions({ input }));
  const series = useMemo(() => namedSeries(data?.curves ?? [], view, colours), [data, view, colours]);
  const shown = metric ?? data?.metrics[0] ?? '';
  const detailed = useDetail(series, shown, zoom);
  const panels = useMemo(() => {
    return [
      {
        title: metricLabel(shown),
        fileName: `curves-${shown}`,
        series: detailed,
        levels: rowLevels(view, series, shown, colours),
        best: choosingSign(shown),
      },
    ];
  }, [series, detailed, view, shown, colours]);
  const combine = useCallback(
    (curves: readonly Curve[]) => (look.mean ? rowMeans(curves, view, colours) : [...curves]),
    [look.mean, view, colours],
  );
  if (error) return <Problem query={{ error, refetch }} />;
  if (!data) return null;
  if (data.metrics.length === 0) {
    return (
      <EmptyState
        title="No curves"
        text="These models are not trained in steps: they have no training to draw."
      />
    );
  }
  return (
    <div className="compare-flow">
      <div className="toolbar curves-toolbar">
        <MetricSelect metrics={data.metrics} value={shown} onValue={setMetric} />
        {view.rows.some(({ runs: members }) => members.length > 1) && (
          <CheckField
            label="Mean of seeds"
            value={look.mean}
            onValue={(value) => setLook({ ...look, mean: value })}
          />
        )}
        <CurveControls view={look} onView={setLook} zoomed={zoom !== null} onReset={() => setZoom(null)} />
      </div>
      <CurveFigures panels={panels} view={look} height={380} zoom={zoom} onZoom={setZoom} combine={combine} />
      <p className="muted">
        {data.curves.length} of {countText(runs.length, 'run')} {data.curves.length === 1 ? 'has' : 'have'}{' '}
        this curve{panels[0].levels.length > 0 && '; dashed: models that are not trained in steps'}.
      </p>
    </div>
  );
}

/** The curves with the stretch that is zoomed into in detail, each in the steps that it took there. */
function useDetail(
  series: readonly NamedSeries[],
  metric: string,
  zoom: Zoom | null,
): readonly NamedSeries[] {
  const steps = useMemo(() => series.map((one) => zoom && stepsOf([one], zoom)), [series, zoom]);
  const detail = useQueries({
    queries: series.map(({ id }, at) => ({
      ...api.compare.curves.queryOptions({ input: { runs: [id], metric, pixels: PIXELS, ...steps[at] } }),
      enabled: steps[at] !== null,
    })),
    combine: curveIn,
  });
  return useMemo(
    () =>
      series.map((one, at) => {
        const part = steps[at];
        return part ? withDetail(one, detail[at], part) : one;
      }),
    [series, steps, detail],
  );
}

const curveIn = (answers: readonly { data: CurveComparison | undefined }[]) =>
  answers.map(({ data }) => data?.curves[0]);
