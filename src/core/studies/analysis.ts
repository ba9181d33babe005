/** What a study says: its points, the laws through them, and whether they predict the largest size. */
import { messageOf } from '../errors.ts';
import { mean } from '../evaluation/metrics.ts';
import type { RunStatus } from '../store/types.ts';
import {
  bandAt,
  type FittedScaling,
  fitScalingLaw,
  type Interval,
  lawAt,
  predict,
  type ScalingFit,
} from './fit.ts';
import { type PlannedCell, percentText, type StudySpec } from './study.ts';

/** One cell of the grid with what is known of its run. */
export interface StudyPoint {
  size: number;
  label: string;
  /** Id. */
  model: string;
  share: number;
  seed: number;
  /** Null while the cell has no run. */
  run: { id: string; name: string; status: RunStatus } | null;
  /** Trained numbers, tables included. */
  parameters: number;
  /** Without the tables of items, positions and users. */
  nonEmbedding: number;
  /** Positions that predict, in one epoch. */
  positions: number;
  /** Of the whole training, forward and backward; of the requested epochs while it has not ended. */
  flops: number;
  /** Bytes of parameters and optimiser. */
  stateBytes: number;
  /** Of training and evaluation; null while it has not ended. */
  seconds: number | null;
  /** In nats; null while it has not ended or the model has none. */
  crossEntropy: number | null;
  ndcg: number | null;
}

/** A grid with the configs and counts of its cells. */
export interface CountedStudy {
  spec: StudySpec;
  cells: PlannedCell[];
  points: StudyPoint[];
}

/** NDCG is fitted as what it lacks of 1, which falls with size as a loss does. */
export type StudyMetric = 'cross-entropy' | 'ndcg@10';
export type StudyAxis = 'parameters' | 'data';

/** The largest size, as the others predict it. */
export interface HeldOut {
  x: number;
  label: string;
  measured: number;
  predicted: number;
  interval: Interval;
  inside: boolean;
}

export interface StudyLaw {
  axis: StudyAxis;
  metric: StudyMetric;
  /** What is the same along the axis, such as "100 % of the users" or "64x2". */
  fixed: string;
  /** What a guess among all items loses, in nats; null for a metric that is no loss. */
  guess: number | null;
  /** Means over seeds, small first. */
  points: { x: number; y: number; label: string }[];
  /** Through all points; null where none could be fitted. */
  fit: ScalingFit | null;
  /** The law and its 95 % band over the points and half a decade beyond. */
  curve: { x: number; y: number; low: number; high: number }[];
  heldOut: HeldOut | null;
  /** Why there is no fit, or no held-out size; one sentence each. */
  problems: string[];
}

export const SUFFIX: Record<StudyMetric, string> = {
  'cross-entropy': 'cross-entropy',
  'ndcg@10': '1 − NDCG@10',
};

function measuredIn(point: StudyPoint, metric: StudyMetric): number | null {
  if (metric === 'cross-entropy') return point.crossEntropy;
  return point.ndcg === null ? null : 1 - point.ndcg;
}

/** One law an axis and metric: over sizes for every share, over shares for every size. `items`: of the data set. */
export function studyLaws(points: readonly StudyPoint[], items: number): StudyLaw[] {
  const metrics: StudyMetric[] = ['cross-entropy', 'ndcg@10'];
  const shares = distinct(points.map(({ share }) => share)).sort((a, b) => b - a);
  const sizes = distinct(points.map(({ size }) => size)).sort((a, b) => b - a);
  return metrics.flatMap((metric) => {
    const guess = metric === 'cross-entropy' ? Math.log(items) : null;
    return [
      ...shares.map((share) =>
        lawAlong(
          points.filter((point) => point.share === share),
          { axis: 'parameters', metric, guess, fixed: `${percentText(share)} of the users` },
        ),
      ),
      ...sizes.map((size) =>
        lawAlong(
          points.filter((point) => point.size === size),
          { axis: 'data', metric, guess, fixed: points.find((point) => point.size === size)?.label ?? '' },
        ),
      ),
    ];
  });
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function lawAlong(
  cells: readonly StudyPoint[],
  about: Pick<StudyLaw, 'axis' | 'metric' | 'guess' | 'fixed'>,
): StudyLaw {
  const raw = cells.flatMap((cell) => {
    const y = measuredIn(cell, about.metric);
    const x = about.axis === 'parameters' ? cell.nonEmbedding : cell.positions;
    const label = about.axis === 'parameters' ? cell.label : percentText(cell.share);
    return y === null ? [] : [{ x, y, label }];
  });
  const points = distinct(raw.map(({ x }) => x))
    .sort((a, b) => a - b)
    .map((x) => {
      const same = raw.filter((point) => point.x === x);
      return { x, y: mean(same.map(({ y }) => y)), label: same[0].label };
    });
  const problems: string[] = [];
  const fit = attempt(() => fitScalingLaw(raw), problems);
  const heldOut = fit ? predictLargest(raw, points.at(-1), problems) : null;
  return {
    ...about,
    points,
    fit: fit && shown(fit),
    curve: fit ? curveOf(fit, points) : [],
    heldOut,
    problems,
  };
}

function shown({ law, rmse, r2, intervals, cautions }: FittedScaling): ScalingFit {
  return { law, rmse, r2, intervals, cautions };
}

/** The exponent is known to within this factor where a law is written as one number. */
const TOLD = 2;

/** Whether nothing was learned: every point loses more than a guess does. */
export function isWorseThanGuessing({ guess, points }: Pick<StudyLaw, 'guess' | 'points'>): boolean {
  return guess !== null && points.length > 0 && points.every(({ y }) => y > guess);
}

/** As it is listed: there is nothing to fit where nothing was learned. */
export function listedLaw(law: StudyLaw): StudyLaw {
  return isWorseThanGuessing(law) ? { ...law, fit: null, heldOut: null, curve: [] } : law;
}

/** Whether a law has an exponent, and not a range of them. */
export function isTold(law: Pick<StudyLaw, 'fit' | 'guess' | 'points'>): boolean {
  const { fit } = law;
  if (!fit || Number.isNaN(fit.law.alpha) || isWorseThanGuessing(law)) return false;
  const [low, high] = fit.intervals.alpha;
  return high <= TOLD * low;
}

/** Null where the work fails: then `what` and the reason join the problems. */
function attempt<T>(work: () => T, problems: string[], what = ''): T | null {
  try {
    return work();
  } catch (error) {
    problems.push(what + messageOf(error));
    return null;
  }
}

/** Fits the law without the largest and predicts that one; null where too few are left. */
function predictLargest(
  raw: readonly { x: number; y: number }[],
  largest: { x: number; y: number; label: string } | undefined,
  problems: string[],
): HeldOut | null {
  if (!largest) return null;
  const others = raw.filter(({ x }) => x !== largest.x);
  const what = `no prediction of ${largest.label} from the smaller ones: `;
  const fit = attempt(() => fitScalingLaw(others), problems, what);
  if (!fit) return null;
  const { y: predicted, interval } = predict(fit, largest.x);
  const inside = interval[0] <= largest.y && largest.y <= interval[1];
  return { x: largest.x, label: largest.label, measured: largest.y, predicted, interval, inside };
}

const CURVE_POINTS = 60;
/** Half a decade. */
const BEYOND = Math.sqrt(10);

function curveOf(fit: FittedScaling, points: readonly { x: number }[]): StudyLaw['curve'] {
  const low = points[0].x;
  const high = points[points.length - 1].x * BEYOND;
  const xs = Array.from({ length: CURVE_POINTS }, (_, i) => low * (high / low) ** (i / (CURVE_POINTS - 1)));
  const bands = bandAt(fit, xs);
  return xs.map((x, i) => ({ x, y: lawAt(fit.law, x), low: bands[i][0], high: bands[i][1] }));
}
