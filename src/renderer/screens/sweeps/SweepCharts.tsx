import { useMemo } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import {
  plottedSetting,
  type SweepPage,
  type SweepTrial,
  settingAxes,
  settingFigure,
} from '../../../core/api/studies.ts';
import { type ChartColours, mixed, modelColour } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { ParallelChart } from '../../charts/ParallelChart.tsx';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { useTheme } from '../../state/theme.ts';

/** What the settings lead to: a line a trial, and a strip a setting. */
export function SweepCharts({ sweep }: { sweep: SweepPage }) {
  const { spec } = sweep;
  const { metric } = spec.sweep;
  const colours = useChartColours();
  const model = modelColour(
    spec.model,
    useTheme((state) => state.theme),
  );
  const measured = useMemo(() => sweep.trials.filter(({ value }) => value !== null), [sweep.trials]);
  const axes = useMemo(() => settingAxes(spec), [spec]);
  if (measured.length < 2) return null;
  // The best is drawn last, above the others.
  const lines = measured.toReversed();
  return (
    <>
      <ParallelChart
        title="Settings and result"
        fileName="sweep-parallel-coordinates"
        noun="trial"
        axes={[
          ...axes.map(({ key, label, log }) => ({
            id: key,
            label,
            log,
            values: lines.map(({ settings }) => plottedSetting(settings[key])),
          })),
          { id: metric, label: metricLabel(metric), values: lines.map(({ value }) => value?.mean ?? null) },
        ]}
        lines={lines.map((trial) => ({
          id: String(trial.number),
          label: `Trial ${trial.number}`,
          colour: trialColour(trial, measured.length, model, colours),
        }))}
      />
      <div className="sweep-strips">
        {axes.map((axis) => (
          <Figure key={axis.key} spec={settingFigure(axis, measured, metric, model)} />
        ))}
      </div>
    </>
  );
}

/** The best stands out; the further behind, the paler. */
function trialColour(
  { rank }: SweepTrial,
  count: number,
  model: string,
  { lineStrong }: ChartColours,
): string {
  return rank === 1 ? model : mixed(model, lineStrong, rank === null ? 0.3 : 0.6 * (1 - (rank - 1) / count));
}
