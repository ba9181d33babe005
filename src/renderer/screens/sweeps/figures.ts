/** What the settings of a sweep do, from its trials. */

import type { FigureSpec } from '../../../core/api/figures.ts';
import { metricDecimals, metricDirection, metricLabel } from '../../../core/api/metrics.ts';
import { type SweepTrial, settingsText } from '../../../core/api/studies.ts';
import { fieldText } from '../../components/schema.ts';
import { fixed } from '../../format/format.ts';

export interface SettingAxis {
  key: string;
  label: string;
  log: boolean;
}

/** More values than these have ticks of their own. */
const FEW = 6;

/** A setting as an axis has it. */
export const plotted = (value: unknown): number | string =>
  typeof value === 'number' ? value : fieldText(value);

/** The metric against the values of one setting; the best trial is a filled diamond. */
export function settingFigure(
  { key, label, log }: SettingAxis,
  trials: readonly SweepTrial[],
  metric: string,
  colour: string,
): FigureSpec {
  const values = [...new Set(trials.map(({ settings }) => plotted(settings[key])))];
  const words = values.some((value) => typeof value === 'string');
  const better = metricDirection(metric) === 'lower' ? 'lower is better' : 'higher is better';
  return {
    title: label,
    description: `${metricLabel(metric)} against ${label} of ${trials.length} trials; ${better}`,
    fileName: `sweep-${key}`,
    height: 220,
    x: {
      kind: words ? 'names' : log ? 'log' : 'numbers',
      label,
      ticks: words || values.length > FEW ? undefined : values.map(Number).sort((a, b) => a - b),
      text: words || values.length > FEW ? undefined : String,
    },
    y: { label: metricLabel(metric) },
    series: [
      {
        id: metric,
        colour,
        points: trials.toReversed().map(({ number, rank, value, settings }) => ({
          x: words ? String(plotted(settings[key])) : plotted(settings[key]),
          y: value?.mean ?? Number.NaN,
          shape: rank === 1 ? 'diamond' : 'tile',
          hollow: rank !== 1,
          tip: `Trial ${number}: ${fixed(value?.mean, metricDecimals(metric))}\n${settingsText(settings)}`,
        })),
      },
    ],
  };
}
