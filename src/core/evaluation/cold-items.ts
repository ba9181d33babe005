import { type SplitId, splits } from '../data/splits/index.ts';
import { CUTOFFS, distinctUsers, pickRows, rankMetrics } from './metrics.ts';
import type { UserRanks } from './types.ts';

/** Cut-offs up to this one are reported for hidden items. */
const MOST = 50;
const LIST = 10;

/** [items] 1 for those that nobody had in training, from how often each is trained on; null of a split that makes none. */
export function unseenItems(split: SplitId, popularity: Float32Array): Uint8Array | null {
  return splits[split].newItems === 'unseen'
    ? Uint8Array.from(popularity, (count) => Number(count === 0))
    : null;
}

/**
 * Metrics on items hidden from training (hidden [items] is 1): those of the users whose
 * target is hidden, as in "test/cold-hr@10", and the share of all list places that hidden items have.
 */
export function coldMetrics(ranks: UserRanks, hidden: Uint8Array): Record<string, number> {
  const { split } = ranks;
  const rows = Int32Array.from(ranks.targets.keys()).filter((row) => hidden[ranks.targets[row]] === 1);
  const ofCold = pickRows(ranks, rows);
  const users = distinctUsers(ofCold).length;
  const metrics: Record<string, number> = { [`${split}/cold-users`]: users };
  if (users > 0) {
    const cutoffs = CUTOFFS.filter((cutoff) => cutoff <= MOST);
    for (const [name, value] of Object.entries(rankMetrics(ofCold, cutoffs)))
      metrics[name.replace('/', '/cold-')] = value;
  }
  if (ranks.topK >= LIST) metrics[`${ranks.split}/cold-share@${LIST}`] = coldShare(ranks, hidden);
  return metrics;
}

function coldShare({ topItems, topK }: UserRanks, hidden: Uint8Array): number {
  let [places, cold] = [0, 0];
  topItems.forEach((item, at) => {
    if (at % topK >= LIST || item < 0) return;
    places++;
    cold += hidden[item];
  });
  return places === 0 ? 0 : cold / places;
}
