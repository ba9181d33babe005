/** Evaluates a checkpoint by ranking each held-out item among some that are drawn for its user, as many papers did. */
import { countItems } from '../../data/splits/item-counts.ts';
import type { Interactions } from '../../data/types.ts';
import { type NegativesRule, negativesDrawer, requireOneTarget } from '../../evaluation/negatives.ts';
import { rankBlock } from '../../evaluation/ranking.ts';
import type { NextItemProtocol } from '../../evaluation/types.ts';
import type { CheckpointEvaluation } from '../events.ts';
import type { RankingContext, RankingOutcome, TrainingPart } from './context.ts';
import { rankSplits } from './evaluate-ranking.ts';
import { evaluationSet, userRanks } from './evaluation-set.ts';
import { type OpenScorer, scoreEach } from './scorer.ts';

/** Negatives of a user: none of the items that it has had, held-out ones included. */
export function negativesOf(
  { data, trainEnd }: Pick<TrainingPart, 'data' | 'trainEnd'>,
  rule: NegativesRule,
): (user: number) => Int32Array {
  const draw = negativesDrawer(rule, countItems(data, trainEnd));
  return (user) => draw(user, new Set(itemsOf(data, user)));
}

const itemsOf = ({ itemIds, offsets }: Interactions, user: number) =>
  itemIds.subarray(offsets[user], offsets[user + 1]);

/** Throws UserError for several targets a user. `parameters`: how many the model has. */
export function evaluateAmong(
  open: OpenScorer,
  evaluation: CheckpointEvaluation & { among: NegativesRule },
  context: RankingContext,
  { selection, parameters }: Pick<RankingOutcome, 'selection'> & { parameters: number },
): Promise<RankingOutcome> {
  const { data, split, config, device, signal, started } = context;
  requireOneTarget(config);
  const draw = negativesOf(context, evaluation.among);
  const request = { config, checkpoint: evaluation.path, data, device: async () => device };
  return rankSplits(evaluation, context, selection, async () => {
    started(parameters, 0);
    return async (which, _topK, onProgress) => {
      const set = evaluationSet(split, which, config);
      const ranks = new Int32Array(set.users.length);
      await scoreEach(
        open,
        request,
        ranks.length,
        (index) => ({ user: set.users[index], end: set.historyEnds[index] }),
        ({ user }, scores, index) => {
          const candidates = [set.targets[index], ...draw(user)];
          const own = Float32Array.from(candidates, (item) => scores[item]);
          [ranks[index]] = rankBlock({ scores: own, items: own.length, targets: [0] }).ranks;
        },
        { signal, onProgress },
      );
      const counted = userRanks(data, set, ranks, 0, new Int32Array());
      return { ranks: { ...counted, candidates: evaluation.among.count + 1 }, measures: {} };
    };
  });
}

/** What the protocol of such a result states: it is never one of full rankings. */
export function sampledProtocol({ count, by, seed }: NegativesRule): Partial<NextItemProtocol> {
  return {
    ...{ candidates: 'sampled', sampledItems: count + 1, sampledBy: by, sampledSeed: seed },
    ...{ historyFilter: 'all', historyWindow: undefined, rankLimit: undefined },
  };
}
