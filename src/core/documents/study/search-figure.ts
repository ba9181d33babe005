/** How a search went: its trials in the order in which they began, each climbing from rung to rung, and the best so far. */
import { trialDirection } from '../../evaluation/choice.ts';
import { metricDecimals, metricLabel, metricPhrase, signOf } from '../../evaluation/metrics-table.ts';
import type { FigureColour, FigurePoint, FigureSeries, FigureSpec } from '../../figures/spec.ts';
import { countText } from '../../names.ts';
import { settingText } from '../../setting-value.ts';
import { settingTitle } from '../../setting-words.ts';
import { UNFINISHED } from '../../store/runs/run-life.ts';
import { type Expected, randomBaseline, randomTrials } from '../../studies/search/random-baseline.ts';
import { FIRST_TRIALS } from '../../studies/search/tpe.ts';
import type { SweepSpec } from '../../studies/study.ts';
import type { RungValue, SweepTrial } from '../../studies/sweep-result.ts';
import { fixed } from '../format.ts';
import { failedSeries } from './sweep-figures.ts';

/** From as many trials on, those that stopped have no tile of their own. */
const CROWDED = 200;
/** Strength of the tiles of the first rung. */
const WEAK = 0.45;

/** What a trial has reached; one that was not stopped by rungs its value alone. */
function stepsOf({ rungs, value, epochs }: SweepTrial): readonly RungValue[] {
  if (rungs.length > 0) return rungs;
  return value === null ? [] : [{ epochs: epochs ?? 1, value: value.mean }];
}

/** What each trial took and its best value, the larger being better. */
function spentTrials({ sweep }: SweepSpec, trials: readonly SweepTrial[]) {
  const sign = signOf(trialDirection(sweep));
  return inOrder(trials).map((trial) => {
    const steps = stepsOf(trial);
    const values = steps.map(({ value }) => sign * value);
    return { epochs: steps.at(-1)?.epochs ?? 0, value: Math.max(...values, Number.NEGATIVE_INFINITY) };
  });
}

/**
 * "11 % above the best of 10 random trials": what proposals have added to them; null where nothing was proposed or chosen.
 * How far a longer random search would have come is not known.
 */
export function marginText(spec: SweepSpec, trials: readonly SweepTrial[]): string | null {
  if (spec.sweep.search !== 'tpe') return null;
  const chosen = trials.find(({ rank }) => rank === 1)?.value;
  const random = randomTrials(spentTrials(spec, trials));
  if (!chosen || random.length === 0) return null;
  const drawn = `the best of ${countText(random.length, 'random trial')}`;
  const sign = signOf(trialDirection(spec.sweep));
  const best = Math.max(...random.map(({ value }) => value));
  const ahead = sign * chosen.mean - best;
  if (ahead <= 0 || best === 0) return `no better than ${drawn}`;
  return `${Math.round((100 * ahead) / Math.abs(best))} % ${sign > 0 ? 'above' : 'below'} ${drawn}`;
}

const inOrder = (trials: readonly SweepTrial[]) => trials.toSorted((a, b) => a.number - b.number);

/** The figure; null while no trial has a value. */
export function searchFigure(
  spec: SweepSpec,
  trials: readonly SweepTrial[],
  colour: FigureColour,
): FigureSpec | null {
  const { sweep } = spec;
  const ordered = inOrder(trials);
  const sign = signOf(trialDirection(sweep));
  const best = bestSoFar(ordered, sign);
  if (best.length === 0) return null;
  const text = (value: number) => fixed(value, metricDecimals(sweep.metric));
  const isProposed = sweep.search === 'tpe';
  const baseline = isProposed ? randomBaseline(spentTrials(spec, trials), sweep.draw) : null;
  const values = ordered.flatMap((trial) => stepsOf(trial).map(({ value }) => value));
  return {
    title: 'Trials',
    subtitle: `${metricPhrase(sweep.metric)}${sweep.asha ? ', each trial climbs as it trains longer' : ''}`,
    description: `${metricLabel(sweep.metric)} of ${ordered.length} trials in the order in which they began, and the best so far`,
    fileName: 'search',
    height: 400,
    x: { label: 'trial, in order of start', whole: true, domain: [0.5, ordered.length + 0.5] },
    y: { text },
    stretches: isProposed && ordered.length > FIRST_TRIALS ? stretchesOf(ordered.length) : [],
    series: [
      ...(baseline ? [baselineSeries(baseline, sign)] : []),
      { id: 'columns', colour, faint: true, line: 'straight', points: ordered.flatMap(columnOf) },
      ...tileSeries(ordered, colour, text),
      ...failedSeries(ordered, values, ({ number }) => number),
      { id: 'best', label: 'best so far', colour: 'text', line: 'steps', points: best },
    ],
  };
}

/** Trials that one has room to name what it is about. */
const NAMED_FROM = 5;

/** Those that were drawn at random to begin with, and those that were proposed. */
function stretchesOf(trials: number): FigureSpec['stretches'] {
  const edge = FIRST_TRIALS + 0.5;
  const proposed = trials - FIRST_TRIALS < NAMED_FROM ? undefined : 'TPE proposes';
  return [
    { from: 0.5, to: edge, label: `${FIRST_TRIALS} random trials to start`, shaded: true },
    { from: edge, to: trials + 0.5, label: proposed },
  ];
}

/** A trial's rungs above one another, and a gap. */
function columnOf(trial: SweepTrial): FigurePoint[] {
  const steps = stepsOf(trial);
  if (steps.length < 2) return [];
  return [...steps.map(({ value }) => ({ x: trial.number, y: value })), { x: trial.number, y: Number.NaN }];
}

function bestSoFar(trials: readonly SweepTrial[], sign: 1 | -1): FigurePoint[] {
  let best = Number.NEGATIVE_INFINITY;
  return trials.flatMap((trial, at) => {
    const values = stepsOf(trial).map(({ value }) => sign * value);
    const before = best;
    best = Math.max(best, ...values);
    if (!Number.isFinite(best) || (best === before && at + 1 < trials.length)) return [];
    return [{ x: trial.number, y: sign * best }];
  });
}

function baselineSeries(expected: readonly Expected[], sign: 1 | -1): FigureSeries {
  return {
    id: 'random',
    label: 'random search, median and 80 %',
    colour: 'muted',
    ...{ line: 'straight', dashed: true, spread: 'band' },
    points: expected.map(({ median, low, high }, at) => ({
      x: at + 1,
      y: sign * median,
      low: sign * (sign > 0 ? low : high),
      high: sign * (sign > 0 ? high : low),
    })),
  };
}

/** "learning rate 0.003, dropout 0.5" */
const namedSettings = (settings: SweepTrial['settings']) =>
  Object.entries(settings)
    .map(([key, value]) => `${settingTitle(key).toLowerCase()} ${settingText(value)}`)
    .join(', ');

/** A tile a rung: filled where the trial went on from it, hollow where it stopped; a diamond where it was trained to its end. */
function tileSeries(
  trials: readonly SweepTrial[],
  colour: FigureColour,
  text: (value: number) => string,
): FigureSeries[] {
  const most = Math.max(...trials.map((trial) => stepsOf(trial).length));
  const points = trials.flatMap((trial) => {
    const steps = stepsOf(trial);
    const tip = [
      `Trial ${trial.number}: ${namedSettings(trial.settings)}`,
      ...steps.map(({ epochs, value }) => `${countText(epochs, 'epoch')}: ${text(value)}`),
    ].join('\n');
    return steps.flatMap(({ value }, at) => {
      const kind = kindOf(trial, at === steps.length - 1);
      const hollow = kind === 'stopped' || (kind === 'to the end' && trial.rank !== 1);
      if (kind === 'stopped' && trials.length >= CROWDED && steps.length > 1) return [];
      // The longer it has trained, the stronger.
      const strength = kind === 'promoted' ? WEAK + (1 - WEAK) * (at / Math.max(1, most - 1)) : 1;
      return [{ kind, point: { x: trial.number, y: value, tip, hollow, strength } }];
    });
  });
  const kinds = Map.groupBy(points, ({ kind }) => kind);
  return [...kinds].map(([kind, found]) => ({
    ...{ id: kind, label: kind, colour: kind === 'running' ? 'accent' : colour },
    marks: kind === 'to the end' ? ('diamond' as const) : ('tile' as const),
    hollow: kind === 'stopped' || kind === 'to the end',
    points: found.map(({ point }) => point),
  }));
}

function kindOf(trial: SweepTrial, isLast: boolean): 'promoted' | 'running' | 'stopped' | 'to the end' {
  if (!isLast) return 'promoted';
  if (trial.status === 'completed') return 'to the end';
  return trial.status === 'stopped' || trial.status === null || UNFINISHED.includes(trial.status)
    ? 'stopped'
    : 'running';
}
