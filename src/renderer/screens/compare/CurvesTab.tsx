import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
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
import { Curves, useCurves } from '../../charts/Curves.tsx';
import { stepsOf, withDetail } from '../../charts/zoom.ts';
import { CheckField } from '../../components/controls.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';

/** Training curves over each other; seeds of a row share its colour. Dragging asks for a stretch in detail. */
export function CurvesTab({ view }: { view: ComparisonView }) {
  const [metric, setMetric] = useKept('curve');
  const look = useCurves();
  const { mean } = look.view;
  const colours = useFigureColours(view);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const input = { runs, metric: metric ?? undefined, pixels: look.pixels };
  const answer = useKeptQuery(api.compare.curves.queryOptions({ input }));
  const { metrics = [], curves } = answer.data ?? {};
  const series = useMemo(() => namedSeries(curves ?? [], view, colours), [curves, view, colours]);
  const shown = metric ?? metrics[0] ?? '';
  const detailed = useDetail(series, shown, look);
  const panels = useMemo(() => {
    const levels = rowLevels(view, series, shown, colours);
    return [
      {
        ...{ title: metricLabel(shown), fileName: `curves-${shown}` },
        ...{ series: detailed, levels, best: choosingSign(shown) },
      },
    ];
  }, [series, detailed, view, shown, colours]);
  const combine = useCallback(
    (all: readonly Curve[]) => (mean ? rowMeans(all, view, colours) : [...all]),
    [mean, view, colours],
  );
  if (answer.data && metrics.length === 0) {
    return (
      <EmptyState
        title="No curves"
        text="These models are not trained in steps: they have no training to draw."
      />
    );
  }
  return (
    <Curves
      of={look}
      query={answer}
      panels={answer.data ? panels : []}
      height={380}
      combine={combine}
      controls={
        <>
          <MetricSelect metrics={metrics} value={shown} onValue={setMetric} />
          {view.rows.some(({ runs: members }) => members.length > 1) && (
            <CheckField
              label="Mean of seeds"
              value={mean}
              onValue={(value) => look.setView({ mean: value })}
            />
          )}
        </>
      }
    >
      {curves && (
        <p className="muted">
          {curves.length} of {countText(runs.length, 'run')} {curves.length === 1 ? 'has' : 'have'} this curve
          {panels[0].levels.length > 0 && '; dashed: models that are not trained in steps'}.
        </p>
      )}
    </Curves>
  );
}

/** The curves with the stretch that is zoomed into in detail, each in the steps that it took there. */
function useDetail(
  series: readonly NamedSeries[],
  metric: string,
  { zoom, pixels }: Pick<ReturnType<typeof useCurves>, 'zoom' | 'pixels'>,
): readonly NamedSeries[] {
  const steps = useMemo(() => series.map((one) => zoom && stepsOf([one], zoom)), [series, zoom]);
  const detail = useQueries({
    queries: series.map(({ id }, at) => ({
      ...api.compare.curves.queryOptions({ input: { runs: [id], metric, pixels, ...steps[at] } }),
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
