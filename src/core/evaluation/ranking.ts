import { UserError } from '../errors.ts';
import { diverged } from './diverged.ts';

/** Scores of a block of users over the whole catalogue, and what is to be ranked in it. */
export interface RankingBlock {
  /** [users, items] row-major; higher is better. */
  scores: Float32Array | Float64Array;
  items: number;
  /** [users] column of each target; -1 where the target is no candidate. */
  targets: ArrayLike<number>;
  /**
   * Columns that are never candidates (the history filter) as compressed rows: those of user u stand at
   * `offsets[u] .. offsets[u + 1] - 1` of `columns`. Repeats are allowed.
   */
  filter?: { offsets: ArrayLike<number>; columns: ArrayLike<number> };
  /**
   * Rank of a target that is no candidate or that the filter removes. Without it the filter never removes the target,
   * and a target of -1 is an error.
   */
  rankIfAbsent?: number;
  /** Length of the recommended lists; 0 (the default) for none. */
  topK?: number;
}

export interface RankedBlock {
  /** [users] 1-based. */
  ranks: Int32Array;
  /** [users, topK] best columns first, equal scores by lower column; -1 where candidates run out. */
  topItems: Int32Array;
}

/**
 * Rank of every target among all candidates, by counting: 1 + the other candidates that score at least as much, so a tie
 * counts against the model. Throws UserError when a score is not a number.
 */
export function rankBlock(block: RankingBlock): RankedBlock {
  const { items, targets, filter, topK = 0 } = block;
  const users = targets.length;
  if (block.scores.length !== users * items) {
    throw new UserError(`${block.scores.length} scores do not make ${users} rows of ${items} items`);
  }
  const ranks = new Int32Array(users);
  const topItems = new Int32Array(users * topK);
  const removed = new Uint8Array(items);
  for (let user = 0; user < users; user++) {
    const scores = block.scores.subarray(user * items, (user + 1) * items);
    const [from, to] = filter ? [filter.offsets[user], filter.offsets[user + 1]] : [0, 0];
    if (filter) for (let at = from; at < to; at++) removed[filter.columns[at]] = 1;
    ranks[user] = rankOfTarget(block, scores, targets[user], removed, { from, to });
    if (topK > 0) topItems.set(selectTop(scores, topK, removed), user * topK);
    if (filter) for (let at = from; at < to; at++) removed[filter.columns[at]] = 0;
  }
  return { ranks, topItems };
}

function rankOfTarget(
  block: RankingBlock,
  scores: Float32Array | Float64Array,
  target: number,
  removed: Uint8Array,
  history: { from: number; to: number },
): number {
  const absent = target < 0 || removed[target] === 1;
  if (target < 0 && block.rankIfAbsent === undefined) {
    throw new UserError('a target is not among the candidates; say which rank it gets or leave the user out');
  }
  const bar = target < 0 ? Number.NEGATIVE_INFINITY : scores[target];
  // Sums of truth values instead of branches: half the time on a target in the middle of the list.
  let [reaching, below] = [0, 0];
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    reaching += +(score >= bar);
    below += +(score < bar);
  }
  if (reaching + below !== scores.length) throw diverged(notANumber(scores));
  if (absent && block.rankIfAbsent !== undefined) return block.rankIfAbsent;
  return reaching - removedReaching(block, scores, target, removed, history);
}

/** Removed items, other than the target, that score at least as much as it does; each counts once. */
function removedReaching(
  block: RankingBlock,
  scores: Float32Array | Float64Array,
  target: number,
  removed: Uint8Array,
  history: { from: number; to: number },
): number {
  if (!block.filter) return 0;
  const { columns } = block.filter;
  let count = 0;
  for (let at = history.from; at < history.to; at++) {
    const item = columns[at];
    if (removed[item] === 1 && item !== target && scores[item] >= scores[target]) count++;
    // 2 = removed and already seen, so that a repeated item is subtracted once.
    removed[item] = 2;
  }
  return count;
}

function notANumber(scores: Float32Array | Float64Array): string {
  return `the score of item ${scores.findIndex(Number.isNaN)} is not a number`;
}

/**
 * The k best columns, best first, equal scores by lower column, those marked in `removed` left out; padded with -1.
 * A heap of k entries whose root is the worst kept one: most items cost one comparison.
 */
export function selectTop(scores: Float32Array | Float64Array, k: number, removed?: Uint8Array): Int32Array {
  const heap = new Int32Array(k);
  let size = 0;
  let item = 0;
  for (; item < scores.length && size < k; item++) {
    if (removed?.[item] || Number.isNaN(scores[item])) continue;
    heap[size++] = item;
  }
  for (let place = (size >> 1) - 1; place >= 0; place--) sink(scores, heap, size, place);
  let bar = size > 0 ? scores[heap[0]] : Number.POSITIVE_INFINITY;
  for (; item < scores.length; item++) {
    // Later items have higher ids, so an equal score never replaces an earlier one.
    if (!(scores[item] > bar) || removed?.[item]) continue;
    heap[0] = item;
    sink(scores, heap, size, 0);
    bar = scores[heap[0]];
  }
  const best = new Int32Array(k).fill(-1);
  empty(scores, heap, size, best);
  return best;
}

/** The same of the columns that are given, in any order: as many as there are, at most k. No score may be NaN. */
export function selectAmong(scores: Float64Array, columns: Int32Array, k: number): Int32Array {
  const heap = columns.slice(0, k);
  const size = heap.length;
  for (let place = (size >> 1) - 1; place >= 0; place--) sink(scores, heap, size, place);
  for (let at = size; at < columns.length && size > 0; at++) {
    if (!isWorse(scores, heap[0], columns[at])) continue;
    heap[0] = columns[at];
    sink(scores, heap, size, 0);
  }
  const best = new Int32Array(size);
  empty(scores, heap, size, best);
  return best;
}

/** Writes the entries of a heap into `best`, best first. */
function empty(
  scores: Float32Array | Float64Array,
  heap: Int32Array,
  entries: number,
  best: Int32Array,
): void {
  for (let size = entries; size > 0; ) {
    best[--size] = heap[0];
    heap[0] = heap[size];
    sink(scores, heap, size, 0);
  }
}

function isWorse(scores: Float32Array | Float64Array, a: number, b: number): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && a > b);
}

/** Moves the entry at `place` down until no child is worse than it. */
function sink(scores: Float32Array | Float64Array, heap: Int32Array, size: number, place: number): void {
  const item = heap[place];
  let at = place;
  for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && isWorse(scores, heap[child + 1], heap[child])) child++;
    if (!isWorse(scores, heap[child], item)) break;
    heap[at] = heap[child];
    at = child;
  }
  if (size > 0) heap[at] = item;
}
