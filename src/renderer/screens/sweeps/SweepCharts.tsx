import type * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { metricDecimals, metricDirection, metricLabel } from '../../../core/api/metrics.ts';
import { settingTitle } from '../../../core/api/models.ts';
import { rangeOf, type SweepPage, type SweepTrial, settingsText } from '../../../core/api/studies.ts';
import { type ChartColours, mixed } from '../../charts/colours.ts';
import { ParallelChart } from '../../charts/ParallelChart.tsx';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { fieldText } from '../../components/schema.ts';
import { fixed } from '../../format/format.ts';

interface Axis {
  key: string;
  label: string;
  log: boolean;
}

/** A list of numbers that grow by ratios is drawn as a log range is. */
const LOG_RATIO = 8;

/** What the settings lead to: a line a trial, and a strip a setting. */
export function SweepCharts({ sweep }: { sweep: SweepPage }) {
  const { spec } = sweep;
  const { metric } = spec.sweep;
  const colours = useChartColours();
  const measured = useMemo(() => sweep.trials.filter(({ value }) => value !== null), [sweep.trials]);
  const axes = useMemo(
    () =>
      spec.sweep.vary.map(({ key, values }): Axis => {
        const all = spec.sizes.map(({ config }) => config[key]);
        return { key, label: settingTitle(key), log: rangeOf(values)?.log ?? growsByRatios(all) };
      }),
    [spec],
  );
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
            values: lines.map(({ settings }) => plotted(settings[key])),
          })),
          { id: metric, label: metricLabel(metric), values: lines.map(({ value }) => value?.mean ?? null) },
        ]}
        lines={lines.map((trial) => ({
          id: String(trial.number),
          label: `Trial ${trial.number}`,
          colour: trialColour(trial, measured.length, colours),
        }))}
      />
      <div className="sweep-strips">
        {axes.map((axis) => (
          <SettingStrip key={axis.key} axis={axis} trials={measured} metric={metric} colours={colours} />
        ))}
      </div>
    </>
  );
}

function growsByRatios(values: readonly unknown[]): boolean {
  const numbers = values.filter((value) => typeof value === 'number');
  const low = Math.min(...numbers);
  return numbers.length === values.length && low > 0 && Math.max(...numbers) / low >= LOG_RATIO;
}

const plotted = (value: unknown): number | string => (typeof value === 'number' ? value : fieldText(value));

/** The best stands out; the further behind, the paler. */
function trialColour(
  { rank }: SweepTrial,
  count: number,
  { accent, lineStrong, palette }: ChartColours,
): string {
  if (rank === 1) return accent;
  return rank === null ? palette[0] : mixed(accent, lineStrong, 0.6 * (1 - (rank - 1) / count));
}

interface SettingStripProps {
  axis: Axis;
  trials: readonly SweepTrial[];
  metric: string;
  colours: ChartColours;
}

/** The metric against the values of one setting. */
function SettingStrip({ axis: { key, label, log }, trials, metric, colours }: SettingStripProps) {
  const options = useMemo((): Plot.PlotOptions => {
    const dots = trials
      .toReversed()
      .map((trial) => ({ ...trial, x: plotted(trial.settings[key]), y: trial.value?.mean ?? 0 }));
    const words = dots.some(({ x }) => typeof x === 'string');
    const values = [...new Set(dots.map(({ x }) => x))];
    const few = values.length <= 6;
    return {
      height: 220,
      marginLeft: 56,
      marginBottom: 40,
      inset: 10,
      x: {
        type: words ? 'point' : log ? 'log' : 'linear',
        label,
        labelAnchor: 'center',
        labelArrow: 'none',
        ...(few && !words && { ticks: values.map(Number), tickFormat: String }),
        ...(log && !few && { ticks: 4, tickFormat: '~g' }),
      },
      y: { label: metricLabel(metric), labelArrow: 'none', grid: true, ticks: 4 },
      marks: [
        tiles(dots, {
          x: 'x',
          y: 'y',
          fill: ({ rank }: SweepTrial) => (rank === 1 ? colours.accent : colours.background),
          stroke: ({ rank }: SweepTrial) => (rank === 1 ? colours.accent : colours.muted),
          title: (trial: SweepTrial) =>
            `Trial ${trial.number}: ${fixed(trial.value?.mean, metricDecimals(metric))}\n${settingsText(trial.settings)}`,
        }),
      ],
    };
  }, [key, label, log, trials, metric, colours]);
  const better = metricDirection(metric) === 'lower' ? 'lower is better' : 'higher is better';
  return (
    <PlotFigure
      title={label}
      description={`${metricLabel(metric)} against ${label} of ${trials.length} trials; ${better}`}
      fileName={`sweep-${key}`}
      options={options}
    />
  );
}
