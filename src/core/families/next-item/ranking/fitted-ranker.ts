import type { Interactions } from '../../../data/types.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { rankBlock } from '../../../evaluation/ranking.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import {
  type EvaluationSet,
  filtersOf,
  isNewList,
  limitRanks,
  type RankingRule,
  userRanks,
} from '../../../training/ranking/evaluation-set.ts';
import type { HostScorer } from '../next-item-model.ts';

/** Users between two progress reports and checks for cancellation. */
const BLOCK = 256;

export interface HostRankerOptions {
  scorer: HostScorer;
  data: Interactions;
  set: EvaluationSet;
  rule: RankingRule;
  topK: number;
  onProgress(done: number, total: number): void;
  signal?: AbortSignal;
}

/** Full ranking of models that score on the host. */
export async function rankFitted(options: HostRankerOptions): Promise<UserRanks> {
  const { scorer, data, set, rule, topK } = options;
  const total = set.users.length;
  const ranks = new Int32Array(total);
  const topItems = new Int32Array(total * topK);
  const filters = filtersOf(options);
  const scores = new Float32Array(data.items);
  for (let index = 0; index < total; index++) {
    if (index % BLOCK === 0) {
      throwIfCancelled(options.signal);
      options.onProgress(index, total);
      // Lets messages of the parent (cancel) in.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const user = set.users[index];
    const isNew = isNewList(set, index);
    if (isNew) scorer.score(user, data.itemIds.subarray(data.offsets[user], set.historyEnds[index]), scores);
    const filter = { offsets: [0, filters[index].length], columns: filters[index] };
    const asked = { targets: [set.targets[index]], filter, topK: isNew ? topK : 0 };
    const block = rankBlock({ scores, items: data.items, ...asked });
    ranks[index] = block.ranks[0];
    topItems.set(block.topItems, index * topK);
  }
  options.onProgress(total, total);
  return userRanks(data, set, limitRanks(ranks, set, filters, rule.rankLimit), topK, topItems);
}
