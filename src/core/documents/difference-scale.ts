import { ticks as evenTicks } from 'd3-array';
import type { ComparedSlice } from '../evaluation/paired/types.ts';
import type { ComparisonCell } from './types.ts';

/** A row's difference to the baseline with its interval. */
export interface Difference {
  id: string;
  difference: number;
  low: number;
  high: number;
}

type Tested = ComparisonCell['significance'] | NonNullable<ComparedSlice['differences']>[string];

/** Of the row `id`; none where it was not tested. */
export function differenceOf(id: string, tested: Tested | undefined): Difference[] {
  if (!tested) return [];
  const [low, high] = tested.interval;
  return [{ id, difference: tested.difference, low, high }];
}

/** The axis of a figure of differences; 0 is always on it. */
export interface DifferenceScale {
  low: number;
  high: number;
  ticks: number[];
  /** Rows so much worse than all others that the axis leaves them out. */
  clipped: ReadonlySet<string>;
}

/** How much longer rows must make the axis to be left out of it. */
const CLIP_RATIO = 3;
const PADDING = 0.04;
/** A shorter axis is rounding, and has no ticks that could be told apart. */
const MIN_LENGTH = 1e-12;

/**
 * Fits the axis to all rows, or without those that are worse than all others by so much that these could not be told
 * apart: never the best row, and at most half of the rows. `sign`: 1 where higher is better, −1 where lower is.
 */
export function differenceScale(
  rows: readonly Difference[],
  sign: 1 | -1,
  tickCount: number,
): DifferenceScale {
  const bestFirst = rows.toSorted((a, b) => sign * (b.difference - a.difference));
  const fewest = Math.max(2, Math.ceil(rows.length / 2));
  let kept = bestFirst.length;
  for (let count = fewest; count < bestFirst.length; count++) {
    const [without, withNext] = [spanOf(bestFirst.slice(0, count)), spanOf(bestFirst.slice(0, count + 1))];
    const isWorse = sign * bestFirst[count].difference < 0;
    if (isWorse && lengthOf(without) > MIN_LENGTH && lengthOf(withNext) > CLIP_RATIO * lengthOf(without)) {
      kept = count;
      break;
    }
  }
  const span = spanOf(bestFirst.slice(0, kept));
  // Where nothing differs there is still an axis.
  const [low, high] = lengthOf(span) > MIN_LENGTH ? span : [-1, 1];
  const edge = PADDING * (high - low);
  const domain = { low: low - edge, high: high + edge };
  const clipped = new Set(bestFirst.slice(kept).map(({ id }) => id));
  return { ...domain, ticks: evenTicks(domain.low, domain.high, tickCount), clipped };
}

/** What the rows take of an axis with 0 on it. */
function spanOf(rows: readonly Difference[]): [number, number] {
  const finite = rows.flatMap(({ difference, low, high }) => [difference, low, high]).filter(Number.isFinite);
  return [Math.min(0, ...finite), Math.max(0, ...finite)];
}

const lengthOf = ([low, high]: readonly [number, number]) => high - low;
