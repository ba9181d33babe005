import type { Interactions } from '../../../data/types.ts';
import { rankBlock } from '../../../evaluation/ranking.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import { type ChunkUse, chunksOf, forEachChunk } from '../../../training/ranking/chunks.ts';
import {
  type EvaluationSet,
  filteredItems,
  isNewList,
  limitedRank,
  type RankingRule,
  userRanks,
} from '../../../training/ranking/evaluation-set.ts';
import type { HostScorer } from '../next-item-model.ts';

/** Users between two progress reports and checks for cancellation. */
const BLOCK = 256;

export interface HostRankerOptions extends ChunkUse {
  scorer: HostScorer;
  data: Interactions;
  set: EvaluationSet;
  rule: RankingRule;
  topK: number;
}

/** Full ranking of models that score on the host. */
export async function rankFitted(options: HostRankerOptions): Promise<UserRanks> {
  const { scorer, data, set, rule, topK } = options;
  const total = set.users.length;
  const ranks = new Int32Array(total);
  const topItems = new Int32Array(total * topK);
  const scores = new Float32Array(data.items);
  let filtered: Int32Array = new Int32Array(0);
  const rank = (_: unknown, __: number, index: number) => {
    const user = set.users[index];
    const isNew = isNewList(set, index);
    if (isNew) {
      scorer.score(user, data.itemIds.subarray(data.offsets[user], set.historyEnds[index]), scores);
      filtered = filteredItems(data, set, index, rule);
    }
    const filter = { offsets: [0, filtered.length], columns: filtered };
    const target = set.targets[index];
    const asked = { targets: [target], filter, topK: isNew ? topK : 0 };
    const block = rankBlock({ scores, items: data.items, ...asked });
    ranks[index] = limitedRank(block.ranks[0], filtered.includes(target), rule);
    topItems.set(block.topItems, index * topK);
  };
  await forEachChunk(chunksOf(total, BLOCK), total, () => {}, rank, options);
  return userRanks(data, set, ranks, topK, topItems);
}
