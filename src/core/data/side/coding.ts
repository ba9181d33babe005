/** Codes of side features by what the training part knows of their values. */
import type { Interactions } from '../types.ts';
import type { SideColumn } from './types.ts';

/** Training interactions that a value must have to get a vector of its own. */
export const FEWEST_SEEN = 2;
/** Into how many parts, equal in training interactions, the numbers of a column are divided at most. */
export const MOST_BUCKETS = 16;
/** What stands for values of fewer than FEWEST_SEEN training interactions. */
const UNKNOWN = '';

/**
 * The columns of the data with codes by the training part alone; `trainEnd` [users] is the end (exclusive) of each user's. A value
 * of fewer than two training interactions, or none, shares code 1 with the others like it. Numbers become buckets: the quantiles of the
 * training interactions, so that equal numbers are never parted; one between two of them belongs to the lower one's. Code 0 stays
 * the missing value.
 */
export function codedSide(data: Interactions, trainEnd: Int32Array): SideColumn[] {
  return (data.side ?? []).map((column) => {
    const counts = trainingCounts(column, data, trainEnd);
    return recoded(column, column.numbers ? bucketsOf(column, counts) : knownValues(column, counts));
  });
}

/** How many training interactions each code has; a list counts once for each of its values. */
function trainingCounts({ of, codes, width, values }: SideColumn, data: Interactions, trainEnd: Int32Array) {
  const counts = new Float64Array(values.length + 1);
  for (let user = 0; user < data.users; user++) {
    for (let at = data.offsets[user]; at < trainEnd[user]; at++) {
      const row = of === 'item' ? data.itemIds[at] : at;
      for (let cell = row * width; cell < (row + 1) * width; cell++) counts[codes[cell]]++;
    }
  }
  return counts;
}

interface Coding {
  /** [codes so far] the code that takes its place. */
  next: Int32Array;
  values: string[];
}

function knownValues({ values }: SideColumn, counts: Float64Array): Coding {
  const known = [UNKNOWN];
  const next = Int32Array.from(counts, (count, code) => {
    if (code === 0) return 0;
    return count < FEWEST_SEEN ? 1 : known.push(values[code - 1]);
  });
  return { next, values: known };
}

function bucketsOf({ values }: SideColumn, counts: Float64Array): Coding {
  const total = counts.reduce((sum, count, code) => (code === 0 ? sum : sum + count), 0);
  const next = new Int32Array(counts.length);
  const begun: string[] = [];
  let before = 0;
  let bucket = -1;
  for (let code = 1; code < counts.length; code++) {
    const quantile =
      total === 0 ? 0 : Math.min(MOST_BUCKETS - 1, Math.floor((before * MOST_BUCKETS) / total));
    const begins = counts[code] > 0 && quantile > bucket;
    if (begun.length === 0 || begins) {
      begun.push(values[code - 1]);
      bucket = quantile;
    }
    next[code] = begun.length;
    before += counts[code];
  }
  return { next, values: begun };
}

function recoded(column: SideColumn, { next, values }: Coding): SideColumn {
  return { ...column, codes: column.codes.map((code) => next[code]), values };
}
