/** Where a stage gains on the one before: the slices of users in which it differs. */
import type { ComparedSlice, SliceComparison } from '../../../core/api/compare.ts';
import { countText, fixed } from '../../format/format.ts';

export interface SliceGain {
  slice: string;
  description: string;
  /** Users, or questions. */
  count: number;
  before: number;
  after: number;
  difference: number;
}

export interface Gains {
  /** Slices that could be tested. */
  tested: number;
  /** Those that are significantly better, the largest gain first, and worse, the largest loss first. */
  up: SliceGain[];
  down: SliceGain[];
}

/** `slices`: of the stage before, and of the stage beside it. The slice of all is none. */
export function gainsOf(slices: readonly SliceComparison[], run: string, metric: string): Gains {
  const own = slices.find(({ id }) => id === run)?.slices ?? [];
  const tests = own.flatMap((slice) => {
    const test = slice.by === 'all' ? undefined : slice.differences?.[metric];
    return test && slice.metrics[metric] !== undefined ? [{ slice, test }] : [];
  });
  const gains = tests
    .filter(({ test }) => test.significant)
    .map(({ slice, test }) => gainOf(slice, metric, test.difference, test.count))
    .sort((a, b) => b.difference - a.difference);
  return {
    tested: tests.length,
    up: gains.filter(({ difference }) => difference > 0),
    down: gains.filter(({ difference }) => difference < 0).reverse(),
  };
}

function gainOf(slice: ComparedSlice, metric: string, difference: number, count: number): SliceGain {
  const after = slice.metrics[metric];
  const { description } = slice;
  return { slice: nameOf(slice), description, count, before: after - difference, after, difference };
}

/** What is said of a slice by itself. Those of rows go by counts, which say nothing alone. */
function nameOf({ by, slice, unit, description }: ComparedSlice): string {
  if (unit === 'rows') return description.replace(/^rows of /, '');
  if (by === 'item popularity') return `${slice} targets`;
  return by === 'history length' ? `${slice} histories` : slice;
}

/** The largest gain and the largest loss in a line. */
export function gainsText({ tested, up, down }: Gains, decimals: number): string {
  if (tested === 0) return 'too few users in any slice';
  const of = ({ slice, before, after }: SliceGain) =>
    `${slice}: ${fixed(before, decimals)} to ${fixed(after, decimals)}`;
  const gain =
    up.length === tested ? `all ${countText(tested, 'slice')}; most in ${of(up[0])}` : up[0] && of(up[0]);
  const parts = [gain, down[0] && `loses in ${of(down[0])}`].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join('; ') : `in none of ${countText(tested, 'slice')} significantly`;
}
