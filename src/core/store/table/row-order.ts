/** The order of the rows of the table of runs by values of their runs, as SQLite would have it: numbers, then texts by their bytes. */

export type Comparable = number | string;
export type SortValue = Comparable | null;

export interface SortedBy {
  /** Of the runs that have one, by their numbers. */
  values: readonly (Comparable | undefined)[];
  descending: boolean;
  /** Of a row the mean of its runs; else the largest of their values. */
  isMean: boolean;
}

/** A value that is missing comes last whichever way it is sorted; rows that are equal in all stay as they are. */
export function sortedRows<Row extends { numbers: readonly number[] }>(
  rows: readonly Row[],
  by: readonly SortedBy[],
): Row[] {
  if (by.length === 0) return [...rows];
  const keys = by.map(({ values, isMean }) => rows.map(({ numbers }) => valueOfRow(numbers, values, isMean)));
  const compare = keys.map((key) => (key.some(isFar) ? byBytes : byUnits));
  const order = Array.from(rows.keys()).sort((one, other) => {
    for (const [at, { descending }] of by.entries()) {
      const [a, b] = [keys[at][one], keys[at][other]];
      if (a === null || b === null) {
        if (a === b) continue;
        return a === null ? 1 : -1;
      }
      const found = compare[at](a, b);
      if (found !== 0) return descending ? -found : found;
    }
    return one - other;
  });
  return order.map((at) => rows[at]);
}

/** The largest of all but null; null where there is no other. */
export function largest<T extends Comparable>(values: readonly (T | null)[]): T | null {
  return values.reduce((most, one) => {
    if (most === null || one === null) return most ?? one;
    return byBytes(one, most) > 0 ? one : most;
  }, null);
}

/** Of a row by the numbers of its runs. */
export function valueOfRow(
  numbers: readonly number[],
  values: SortedBy['values'],
  isMean: boolean,
): SortValue {
  let [most, sum, count]: [SortValue, number, number] = [null, 0, 0];
  for (const number of numbers) {
    const value = values[number];
    if (value === undefined) continue;
    if (most === null || byBytes(value, most) > 0) most = value;
    // As avg() has it, what is no number counts as 0.
    sum += Number(value) || 0;
    count++;
  }
  return isMean && count > 0 ? sum / count : most;
}

/** Whether it has letters that UTF-16 orders otherwise than UTF-8. */
const isFar = (value: SortValue) => typeof value === 'string' && /[\ud800-\udfff]/.test(value);

function byUnits(a: Comparable, b: Comparable): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As SQLite orders them: by the bytes of texts in UTF-8, numbers before texts. */
function byBytes(a: Comparable, b: Comparable): number {
  return typeof a === 'string' && typeof b === 'string' && (isFar(a) || isFar(b))
    ? Buffer.from(a).compare(Buffer.from(b))
    : byUnits(a, b);
}
