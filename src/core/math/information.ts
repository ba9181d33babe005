/** Information that two labellings of the same items share. Labels are dense numbers; items with -1 on either side are left out. */

/** How often labels of two sides meet. */
export interface Contingency {
  /** Items that both sides label. */
  items: number;
  /** Items by label of one side, labels without items left out. */
  left: number[];
  right: number[];
  /** Items by pair of labels, pairs without items left out. */
  pairs: number[];
  /** I(left; right) in nats */
  information: number;
}

/** @param a [items] labels, -1 for none; @param b likewise */
export function contingency(a: Int32Array, b: Int32Array): Contingency {
  const left = new Map<number, number>();
  const right = new Map<number, number>();
  const pairs = new Map<number, number>();
  const width = b.reduce((most, label) => Math.max(most, label), -1) + 1;
  let items = 0;
  for (let item = 0; item < a.length; item++) {
    if (a[item] < 0 || b[item] < 0) continue;
    items++;
    left.set(a[item], (left.get(a[item]) ?? 0) + 1);
    right.set(b[item], (right.get(b[item]) ?? 0) + 1);
    const key = a[item] * width + b[item];
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  let information = 0;
  for (const [key, count] of pairs) {
    const [i, j] = [Math.floor(key / width), key % width];
    const product = (left.get(i) as number) * (right.get(j) as number);
    information += (count / items) * Math.log((items * count) / product);
  }
  return {
    items,
    left: [...left.values()],
    right: [...right.values()],
    pairs: [...pairs.values()],
    information: Math.max(information, 0),
  };
}

/** Shannon entropy of counts in nats; 0 of nothing. */
export function entropyOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < counts.length; at++) total += counts[at];
  let sum = 0;
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] > 0) sum -= (counts[at] / total) * Math.log(counts[at] / total);
  }
  return Math.max(sum, 0);
}

/** I(left; right) over the mean of both entropies; 1 where both sides have one label. */
export function normalisedInformation({ left, right, information }: Contingency): number {
  const mean = (entropyOf(left) + entropyOf(right)) / 2;
  return mean === 0 ? 1 : information / mean;
}

/** Information below this is rounding. */
const ROUNDING = 1e-9;

/**
 * Adjusted mutual information (Vinh, Epps and Bailey 2010): (I - E[I]) / (mean entropy - E[I]), where E[I] is what two
 * random labellings with these label counts share; 0 for independent labellings, 1 for equal ones. As scikit-learn has it.
 */
export function adjustedInformation(table: Contingency): number {
  const { left, right, information } = table;
  if (left.length <= 1 && right.length <= 1) return 1;
  const expected = expectedInformation(table);
  const most = (entropyOf(left) + entropyOf(right)) / 2 - expected;
  const above = information - expected;
  // As where every item is alone on both sides: no labelling with these counts can share less.
  if (Math.abs(most) < ROUNDING) return Math.abs(above) < ROUNDING ? 1 : 0;
  return above / most;
}

/**
 * E[I] in nats under the hypergeometric model of both label counts being given (equation 24a of the same paper). Labels
 * with equally many items give equal terms, so each pair of counts is summed once.
 */
export function expectedInformation({ items, left, right }: Contingency): number {
  const logFactorial = new Float64Array(items + 1);
  for (let n = 2; n <= items; n++) logFactorial[n] = logFactorial[n - 1] + Math.log(n);
  let expected = 0;
  for (const [a, timesA] of countsOf(left)) {
    for (const [b, timesB] of countsOf(right)) {
      const fixed =
        logFactorial[a] +
        logFactorial[b] +
        logFactorial[items - a] +
        logFactorial[items - b] -
        logFactorial[items];
      let sum = 0;
      for (let n = Math.max(1, a + b - items); n <= Math.min(a, b); n++) {
        const ways =
          logFactorial[n] + logFactorial[a - n] + logFactorial[b - n] + logFactorial[items - a - b + n];
        sum += n * Math.log((items * n) / (a * b)) * Math.exp(fixed - ways);
      }
      expected += (timesA * timesB * sum) / items;
    }
  }
  return expected;
}

/** How often each value occurs, in the order in which they are first seen. */
export function countsOf<T>(values: Iterable<T>): Map<T, number> {
  const times = new Map<T, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return times;
}

/** The value that occurs most often, of equally frequent ones the first seen. There must be one. */
export function mostCommon<T>(values: Iterable<T>): T {
  return [...countsOf(values)].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
