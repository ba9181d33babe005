/** What the settings of a sweep do, from its trials, as the window and reports draw it. */
import { type TrialRule, trialDirection } from '../../evaluation/choice.ts';
import { metricDecimals, metricLabel } from '../../evaluation/metrics-table.ts';
import type { FigureColour, FigureSeries, FigureSpec } from '../../figures/spec.ts';
import { settingText } from '../../setting-value.ts';
import { settingTitle } from '../../setting-words.ts';
import { rangeOf } from '../../studies/search/space.ts';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { fixed } from '../format.ts';
import { settingsText } from './words.ts';

interface SettingAxis {
  key: string;
  label: string;
  log: boolean;
}

/** A list of numbers that grow by ratios is drawn as a log range is. */
const LOG_RATIO = 8;

function growsByRatios(values: readonly unknown[]): boolean {
  const numbers = values.filter((value) => typeof value === 'number');
  const low = Math.min(...numbers);
  return numbers.length === values.length && low > 0 && Math.max(...numbers) / low >= LOG_RATIO;
}

/** The settings that a sweep varies, each with the kind of its axis. */
export const settingAxes = ({ sweep, sizes }: SweepSpec): SettingAxis[] =>
  sweep.vary.map(({ key, values }) => {
    const all = sizes.flatMap(({ config }) => (key in config ? [config[key]] : []));
    return { key, label: settingTitle(key), log: rangeOf(values)?.log ?? growsByRatios(all) };
  });

/** More values than these have ticks of their own. */
const FEW = 6;

/** A setting as an axis has it. */
export const plottedSetting = (value: unknown): number | string =>
  typeof value === 'number' ? value : settingText(value ?? '');

/** Of the stretch of the values, so far below the lowest one lies the floor. */
const FLOOR = 0.15;

const CROSSES = { id: 'failed', colour: 'bad', marks: 'cross' } as const;

const FAILED: readonly SweepTrial['status'][] = ['failed', 'out-of-memory', 'diverged'];

const isFailed = ({ value, status }: SweepTrial) => value === null && FAILED.includes(status);

/** Trials that failed without a value, as crosses on the floor below the values of the others. */
export function failedSeries(
  trials: readonly SweepTrial[],
  values: readonly number[],
  place: (trial: SweepTrial) => number | string,
): FigureSeries[] {
  const failed = trials.filter(isFailed);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = failed.map((trial) => ({
    x: place(trial),
    y: low - FLOOR * (high - low || Math.abs(low)),
    tip: `Trial ${trial.number}: ${trial.status}\n${settingsText(trial.settings)}`,
  }));
  return failed.length === 0 ? [] : [{ ...CROSSES, points }];
}

/** The metric against the values of one setting; the best trial is a filled diamond, failed ones are crosses on the floor. */
export function settingFigure(
  { key, label, log }: SettingAxis,
  all: readonly SweepTrial[],
  rule: TrialRule,
  colour: FigureColour,
): FigureSpec {
  const { metric } = rule;
  // One that depends on another is part of some trials alone.
  const having = all.filter(({ settings }) => key in settings);
  const trials = having.filter(({ value }) => value !== null);
  const failed = having.filter(isFailed);
  const values = [...new Set([...trials, ...failed].map(({ settings }) => plottedSetting(settings[key])))];
  const words = values.some((value) => typeof value === 'string');
  const place = ({ settings }: SweepTrial) =>
    words ? String(plottedSetting(settings[key])) : plottedSetting(settings[key]);
  const means = trials.map(({ value }) => Number(value?.mean));
  const better = trialDirection(rule) === 'lower' ? 'lower is better' : 'higher is better';
  return {
    title: label,
    description: `${metricLabel(metric)} against ${label} of ${trials.length} trials${failed.length > 0 ? `, ${failed.length} failed` : ''}; ${better}`,
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
        points: trials.toReversed().map((trial) => ({
          x: place(trial),
          y: trial.value?.mean ?? Number.NaN,
          shape: trial.rank === 1 ? 'diamond' : 'tile',
          hollow: trial.rank !== 1,
          tip: `Trial ${trial.number}: ${fixed(trial.value?.mean, metricDecimals(metric))}\n${settingsText(trial.settings)}`,
        })),
      },
      ...failedSeries(having, means, place),
    ],
  };
}
