import type { Interactions } from '../data/types.ts';
import { throwIfCancelled } from '../errors.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import type { UserRanks } from '../evaluation/types.ts';
import type { HostScorer } from '../models/types.ts';
import { type EvaluationSet, filteredItems, userRanks } from './evaluation-set.ts';

/** Users between two progress reports and checks for cancellation. */
const BLOCK = 256;

export interface HostRankerOptions {
  scorer: HostScorer;
  data: Interactions;
  set: EvaluationSet;
  historyFilter: 'all' | 'none';
  topK: number;
  onProgress(done: number, total: number): void;
  signal?: AbortSignal;
}

/** Full ranking of models that score on the host. */
export async function rankOnHost(options: HostRankerOptions): Promise<UserRanks> {
  const { scorer, data, set, historyFilter, topK } = options;
  const total = set.users.length;
  const ranks = new Int32Array(total);
  const topItems = new Int32Array(total * topK);
  const scores = new Float32Array(data.items);
  for (let index = 0; index < total; index++) {
    if (index % BLOCK === 0) {
      throwIfCancelled(options.signal);
      options.onProgress(index, total);
      // Lets messages of the parent (cancel) in.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const user = set.users[index];
    scorer.score(user, data.itemIds.subarray(data.offsets[user], set.historyEnds[index]), scores);
    const columns = historyFilter === 'all' ? filteredItems(data, set, index) : new Int32Array(0);
    const filter = { offsets: [0, columns.length], columns };
    const block = rankBlock({ scores, items: data.items, targets: [set.targets[index]], filter, topK });
    ranks[index] = block.ranks[0];
    topItems.set(block.topItems, index * topK);
  }
  options.onProgress(total, total);
  return userRanks(data, set, ranks, topK, topItems);
}
