/** Rows of one user: they are no independent values, and are resampled and tested together. */

/**
 * [rows] A number from 0 on for the user of every row, the same for all rows of one; rows whose user is unknown (-1) have one
 * of their own. Null where no user has several rows, so that rows are independent values.
 */
export function clustersOf(users: ArrayLike<number>): { of: Int32Array; count: number } | null {
  const numbers = new Map<number, number>();
  let count = 0;
  const of = Int32Array.from(users, (user) => {
    const known = user < 0 ? undefined : numbers.get(user);
    if (known !== undefined) return known;
    if (user >= 0) numbers.set(user, count);
    return count++;
  });
  return count === of.length ? null : { of, count };
}

/** Values of rows as values of their users, [count], scaled so that their plain mean is that of the rows. */
export function valuesOfClusters(
  values: ArrayLike<number>,
  { of, count }: { of: ArrayLike<number>; count: number },
): Float64Array {
  const sums = new Float64Array(count);
  for (let row = 0; row < values.length; row++) sums[of[row]] += values[row];
  return sums.map((sum) => (sum * count) / values.length);
}
