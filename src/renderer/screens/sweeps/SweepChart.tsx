import { type CSSProperties, useMemo } from 'react';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import {
  plottedSetting,
  type SweepPage,
  settingAxes,
  settingFigure,
  valuesText,
} from '../../../core/api/studies.ts';
import { mixed } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { ParallelChart } from '../../charts/ParallelChart.tsx';
import { useChartColours, useModelColour } from '../../charts/use-chart-colours.ts';
import { failsAlone } from '../../components/ErrorBoundary.tsx';
import { fixed } from '../../format/format.ts';

/** How strong the lines of the best and the worst trial are. */
const [STRONG, FAINT] = [0.75, 0.2];

/** What the settings lead to: a line a trial in the model's colour, the better the stronger. */
export const SweepChart = failsAlone(SettingsAndResult, () => 'the settings and results');

function SettingsAndResult({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const { metric } = spec.sweep;
  const { background } = useChartColours();
  const model = useModelColour(spec.model);
  // The best is drawn last, above the others.
  const lines = useMemo(() => trials.filter(({ value }) => value !== null).toReversed(), [trials]);
  const axes = useMemo(() => settingAxes(spec), [spec]);
  if (lines.length < 2) return <p className="muted">Settings are drawn once two trials have a result.</p>;
  const strength = (rank: number | null) =>
    rank === 1 ? 1 : STRONG - (STRONG - FAINT) * ((rank ?? lines.length) / lines.length);
  return (
    <ParallelChart
      title="Settings and result"
      fileName="sweep-parallel-coordinates"
      noun="trial"
      axes={[
        ...axes.map(({ key, label, log }) => ({
          id: key,
          label,
          log,
          values: lines.map(({ settings }) => (key in settings ? plottedSetting(settings[key]) : null)),
        })),
        {
          ...{
            id: metric,
            label: metricLabel(metric),
            values: lines.map(({ value }) => value?.mean ?? null),
          },
          text: (value) => fixed(value, metricDecimals(metric)),
        },
      ]}
      lines={lines.map((trial) => ({
        id: String(trial.number),
        label: valuesText(trial),
        colour: mixed(model, background, strength(trial.rank)),
      }))}
    />
  );
}

/** The metric against each setting by itself. */
export function SettingStrips({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const model = useModelColour(spec.model);
  if (trials.filter(({ value }) => value !== null).length < 2) return null;
  return (
    <div className="panels stretched gap-4" style={{ '--least': '320px' } as CSSProperties}>
      {settingAxes(spec).map((axis) => (
        <Figure key={axis.key} spec={settingFigure(axis, trials, spec.sweep, model)} />
      ))}
    </div>
  );
}
