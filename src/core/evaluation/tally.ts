/** Samples of very many users, whose values differ far less often than they are many. */

/** The different values of a sample, ascending, and how many there are of each. */
export interface Tally {
  values: Float64Array;
  counts: Float64Array;
  /** How many values the sample has. */
  size: number;
}

/** A sample value by value, or as a tally. What is computed of both differs by rounding alone. */
export type Sample = ArrayLike<number> | Tally;

export const isTally = (sample: Sample): sample is Tally => 'counts' in sample;

/** The values of a sample, each of them once in a tally. */
export const valuesIn = (sample: Sample): ArrayLike<number> => (isTally(sample) ? sample.values : sample);

/** How often each of these values is there; null where every one is there once. */
export const countsIn = (sample: Sample): Float64Array | null => (isTally(sample) ? sample.counts : null);

/** How many values a sample has. */
export const sizeOf = (sample: Sample): number => (isTally(sample) ? sample.size : sample.length);

export function tallyOf(values: Float64Array): Tally {
  return joined(values.toSorted(), null);
}

/** Of values that come in any order, each so many times. */
export function tallyOfCounted(values: Float64Array, counts: Float64Array): Tally {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  return joined(
    Float64Array.from(order, (at) => values[at]),
    Float64Array.from(order, (at) => counts[at]),
  );
}

/** Equal neighbours as one. */
function joined(sorted: Float64Array, counts: Float64Array | null): Tally {
  const [values, sums] = [new Float64Array(sorted.length), new Float64Array(sorted.length)];
  let [different, size] = [0, 0];
  for (let at = 0; at < sorted.length; at++) {
    const times = counts === null ? 1 : counts[at];
    if (different === 0 || sorted[at] !== values[different - 1]) values[different++] = sorted[at];
    sums[different - 1] += times;
    size += times;
  }
  return { values: values.subarray(0, different), counts: sums.subarray(0, different), size };
}
