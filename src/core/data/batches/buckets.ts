/** Length buckets: a step's users are computed in a few graphs of fixed shape with little padding. */

export interface Bucket {
  /** Users computed at once. */
  rows: number;
  /** Longest sequence it takes. */
  length: number;
}

export interface BucketOptions {
  batchSize: number;
  /** Most padded tokens in one bucket. */
  maxTokens: number;
  /** Most buckets (default: 4); each is a compiled graph. */
  most?: number;
  /** What one more micro-batch costs in a step, in tokens: it touches all parameters once more. */
  overhead?: number;
}

const OVERHEAD_TOKENS = 64;

/** counts[l] = users whose sequence has l tokens (l >= 1). */
export function lengthCounts(lengths: Iterable<number>): number[] {
  const counts: number[] = [];
  for (const length of lengths) {
    while (counts.length <= length) counts.push(0);
    counts[length]++;
  }
  return counts;
}

/**
 * Bucket lengths that minimise padded tokens by dynamic programming over the length histogram, and rows
 * so that a random batch fills each bucket about once. Shortest first.
 */
export function planBuckets(counts: readonly number[], options: BucketOptions): Bucket[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return [];
  const { batchSize, maxTokens, most = 4, overhead = OVERHEAD_TOKENS } = options;
  const perBatch = batchSize / total;
  let best: { cost: number; lengths: number[] } = { cost: Infinity, lengths: [] };
  for (const { padded, lengths } of cheapestCuts(counts, most)) {
    const cost = padded * perBatch + lengths.length * overhead;
    if (cost < best.cost) best = { cost, lengths };
  }
  let from = 1;
  return best.lengths.map((length) => {
    let users = 0;
    for (let l = from; l <= length; l++) users += counts[l] ?? 0;
    from = length + 1;
    const rows = Math.min(Math.ceil(users * perBatch), Math.floor(maxTokens / length));
    return { rows: Math.max(1, rows), length };
  });
}

/**
 * The same buckets, with enough rows that `tryAssign` takes almost every random batch: the mean number of sequences of that length
 * or more, plus 2.5 standard deviations, minus the rows of longer buckets, which shorter sequences may fill.
 */
export function mergeRareBuckets(
  buckets: readonly Bucket[],
  counts: readonly number[],
  batchSize: number,
): Bucket[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const wide: Bucket[] = [];
  let taken = 0;
  for (let at = buckets.length - 1; at >= 0; at--) {
    const above = buckets[at - 1]?.length ?? 0;
    const share = counts.reduce((sum, n, length) => (length > above ? sum + n : sum), 0) / total;
    const most = Math.ceil(batchSize * share + 2.5 * Math.sqrt(batchSize * share * (1 - share)));
    const rows = Math.max(1, Math.min(batchSize, most) - taken);
    taken += rows;
    wide.unshift({ rows, length: buckets[at].length });
  }
  return wide;
}

/** Padded tokens of a random batch, its sequences in buckets of their own length. */
export function paddedTokens(
  counts: readonly number[],
  buckets: readonly Bucket[],
  batchSize: number,
): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const padded = counts.reduce((sum, n, length) => {
    const bucket = buckets.find((one) => one.length >= length);
    return sum + n * (bucket?.length ?? 0);
  }, 0);
  return (padded / total) * batchSize;
}

/** For 1 to `most` buckets, the cheapest lengths. Lengths present are cut points; at most 64 are tried. */
function cheapestCuts(counts: readonly number[], most: number): { padded: number; lengths: number[] }[] {
  const present = counts.flatMap((n, length) => (n > 0 && length > 0 ? [length] : []));
  const stride = Math.ceil(present.length / 64);
  const cuts = present.filter((_, i) => (present.length - 1 - i) % stride === 0);
  const users = cuts.map((cut, i) => {
    let sum = 0;
    for (let l = (cuts[i - 1] ?? 0) + 1; l <= cut; l++) sum += counts[l] ?? 0;
    return sum;
  });
  // table[k][i]: cheapest way to cover cuts[0..i] with k + 1 buckets.
  const table: { padded: number; lengths: number[] }[][] = [];
  for (let k = 0; k < Math.min(most, cuts.length); k++) {
    table.push(
      cuts.map((length, i) => {
        let best = { padded: Infinity, lengths: [] as number[] };
        let inside = 0;
        for (let j = i; j >= 0; j--) {
          inside += users[j];
          const before = j === 0 ? (k === 0 ? { padded: 0, lengths: [] } : null) : table[k - 1]?.[j - 1];
          if (!before) continue;
          const padded = before.padded + inside * length;
          if (padded < best.padded) best = { padded, lengths: [...before.lengths, length] };
        }
        return best;
      }),
    );
  }
  return table.map((row) => row[row.length - 1]).filter((plan) => plan.lengths.length > 0);
}

/**
 * Deals users to every bucket once, longest first, as many as it has rows: by bucket their positions in `lengths`, or null
 * where one is too long for the bucket that it falls to.
 */
export function tryAssign(lengths: ArrayLike<number>, buckets: readonly Bucket[]): number[][] | null {
  const order = longestFirst(lengths);
  const members: number[][] = [];
  let next = 0;
  for (const { rows, length } of buckets.toReversed()) {
    if (next < order.length && lengths[order[next]] > length) return null;
    members.push(order.slice(next, next + rows));
    next += rows;
  }
  return next < order.length ? null : members.reverse();
}

function longestFirst(lengths: ArrayLike<number>): number[] {
  const order = Array.from({ length: lengths.length }, (_, i) => i);
  return order.sort((a, b) => lengths[b] - lengths[a] || a - b);
}

/**
 * Deals users to buckets: longest first, each opened bucket is filled up with the next shorter users.
 * `lengths[i]` belongs to `users[i]`. Returns for each micro-batch its bucket and positions in `users`.
 */
export function assignToBuckets(
  lengths: ArrayLike<number>,
  buckets: readonly Bucket[],
): { bucket: Bucket; members: number[] }[] {
  const order = longestFirst(lengths);
  const dealt: { bucket: Bucket; members: number[] }[] = [];
  let next = 0;
  while (next < order.length) {
    const longest = lengths[order[next]];
    const bucket = buckets.find(({ length }) => length >= longest);
    if (!bucket) throw new Error(`no bucket takes a sequence of ${longest} tokens`);
    dealt.push({ bucket, members: order.slice(next, next + bucket.rows) });
    next += bucket.rows;
  }
  return dealt;
}
