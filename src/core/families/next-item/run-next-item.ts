/** Trains, fits or evaluates a model that scores every item for a user. */
import { PairBatches } from '../../data/batches/pair-batches.ts';
import {
  type BatchOptions,
  SequenceBatches,
  type TrainingBatches,
} from '../../data/batches/sequence-batches.ts';
import { SessionBatches } from '../../data/batches/session-batches.ts';
import type { Interactions } from '../../data/types.ts';
import { countParameters } from '../../engine/index.ts';
import type { TrainingConfig } from '../../training/config.ts';
import { contentOf } from '../../training/content.ts';
import type { RunResult } from '../../training/events.ts';
import { type RankingContext, type RankingOutcome, rankingContext } from '../../training/ranking/context.ts';
import { evaluatePlan, selectionOf } from '../../training/ranking/evaluate-ranking.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { evaluateAmong, sampledProtocol } from '../../training/ranking/rank-among.ts';
import { rankingResult } from '../../training/ranking/result.ts';
import { type TrainingPlan, trainBySteps } from '../../training/ranking/train-ranking.ts';
import type { RunContext } from '../../training/run-context.ts';
import { evaluateFit, fitModel, selectionOfFit } from './fit.ts';
import type { NextItemDefinition, TrainedModel } from './next-item-model.ts';
import { openScorer } from './ranking/catalogue-scorer.ts';
import { DeviceRanker } from './ranking/device-ranker.ts';
import { HostTableRanker } from './ranking/host-table-ranker.ts';
import { targetTimeOf } from './relative-bias.ts';

/** Throws UserError where the data set has nothing to test. */
export async function trainNextItem(model: NextItemDefinition, run: RunContext): Promise<RunResult> {
  const context = await rankingContext(run);
  const outcome = await train(model, context);
  const among = context.spec.evaluate?.among;
  return rankingResult(outcome, context, {
    ...targetTimeOf(context.config),
    ...(among && sampledProtocol(among)),
  });
}

function train(model: NextItemDefinition, context: RankingContext): Promise<RankingOutcome> {
  const { config } = context;
  const { evaluate } = context.spec;
  if (evaluate?.among) return rankAmong(model, { ...evaluate, among: evaluate.among }, context);
  if (model.kind === 'fitted') {
    const built = model.build(config);
    return evaluate
      ? evaluateFit(built, evaluate, context)
      : fitModel(built, context, () => contentOf(context));
  }
  const built = model.build(config, context.data);
  if (!evaluate) warnOfCosines(built, context);
  const plan = trainingPlan(built, context);
  return evaluate ? evaluatePlan(plan, evaluate, context) : trainBySteps(plan, context);
}

function rankAmong(
  model: NextItemDefinition,
  evaluation: Parameters<typeof evaluateAmong>[1],
  context: RankingContext,
): Promise<RankingOutcome> {
  const { config, data } = context;
  const isFitted = model.kind === 'fitted';
  return evaluateAmong((request) => openScorer(model, request), evaluation, context, {
    selection: isFitted ? selectionOfFit(context) : selectionOf(evaluation, context),
    parameters: isFitted ? 0 : countParameters(model.build(config, data)),
  });
}

/** It trains, and stays near what guessing comes to. */
function warnOfCosines({ logitScale }: TrainedModel, { config, emit }: RankingContext): void {
  if (logitScale !== undefined || !('l2Normalize' in config) || config.l2Normalize !== true) return;
  const message =
    'scores are cosines, from -1 to 1, which this loss does not divide by a temperature: it learns little from them; set l2Normalize=false';
  emit({ type: 'log', level: 'warn', message });
}

/** Batches and ranking of a model that scores every item: on the device, in chunks where its item vectors are on the host. */
export function trainingPlan(
  model: TrainedModel,
  context: Pick<RankingContext, 'data' | 'split' | 'trainEnd' | 'device' | 'spec' | 'config'>,
): TrainingPlan {
  const { data, split, trainEnd, device, spec, config } = context;
  const { microBatchTokens } = config;
  const rule = rankingRule(config);
  return {
    model,
    batches: (lengthPlan) => batchesOf(model, config, data, trainEnd, { seed: spec.seed, lengthPlan }),
    emptyReason: emptyReason(model),
    ranker: (which, topK, _purpose, tables) => {
      const set = evaluationSet(split, which, config);
      const options = { model, data, set, device, rule, microBatchTokens, topK };
      return model.tableIds ? new HostTableRanker(options, tables) : new DeviceRanker(options);
    },
  };
}

function batchesOf(
  { batches, jointLoss, tableIds }: TrainedModel,
  { batchSize, microBatchTokens }: TrainingConfig,
  data: Interactions,
  trainEnd: Int32Array,
  { seed, lengthPlan }: Pick<BatchOptions, 'seed' | 'lengthPlan'>,
): TrainingBatches {
  if (batches.kind === 'pairs') return new PairBatches(data, trainEnd, { batchSize, seed });
  const { maxLength, columns, samples, task, stochasticLength, sessions, negativeNeeds } = batches;
  if (sessions)
    return new SessionBatches(data, trainEnd, {
      batchSize,
      columns,
      negatives: sessions,
      negativeNeeds,
      seed,
    });
  const joint = jointLoss !== undefined && tableIds === undefined;
  const kind = { maxLength, columns, samples, task, stochasticLength, negativeNeeds };
  const sizes = { batchSize, microBatchTokens, lengthPlan };
  return new SequenceBatches(data, trainEnd, { ...sizes, seed, joint, ...kind });
}

/** Why the training part of a data set gives no batch. */
function emptyReason({ batches }: TrainedModel): string {
  return batches.kind === 'pairs'
    ? 'there is nothing to train on: every user has had every item, so no item can stand against them'
    : 'there is nothing to train on: no user has two interactions besides the ones held out for tests';
}
