/** Evaluates a checkpoint again, under the protocol of another config, without training. */
import { existsSync } from 'node:fs';
import { countParameters } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import type { EvaluationSplit, NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import type { FittedModel, NextItemDefinition } from '../../families/model.ts';
import { rankOnHost } from '../../families/next-item/ranking/fitted-ranker.ts';
import { readSafetensors } from '../../files/safetensors.ts';
import type { ProtocolConfig } from '../config.ts';
import type { CheckpointEvaluation } from '../events.ts';
import { Progress } from '../progress.ts';
import { loadStored } from '../stored-model.ts';
import type { TrainingContext, TrainingOutcome } from './context.ts';
import { evaluationSet, rankingRule } from './evaluation-set.ts';
import { type Trainee, traineeOf } from './train.ts';

interface Ranked {
  ranks: UserRanks;
  measures: Record<string, number>;
}

type RankSplit = (which: EvaluationSplit, topK: number) => Promise<Ranked>;
type Started = (parameters: number, fromStep: number) => void;

/** Throws UserError where the checkpoint has gone or is of another model, or a split has no held-out items. */
export function evaluateCheckpoint(
  definition: NextItemDefinition,
  config: Record<string, unknown>,
  evaluation: CheckpointEvaluation,
  context: TrainingContext,
  started: Started,
): Promise<TrainingOutcome> {
  const { data } = context;
  const sizes = { users: data.users, items: data.items };
  if (definition.kind === 'trained') {
    const trainee = traineeOf(definition.build(config, sizes), config, context);
    return evaluateTrainee(trainee, evaluation, context, started);
  }
  return rankSplits(evaluation, context, context.split.validation ? 'validation' : 'test', async () => {
    started(0, 0);
    const model = definition.build(config, sizes);
    return hostRanker(model, config as ProtocolConfig, context, evaluation);
  });
}

/** The same of a model trained by steps. */
export function evaluateTrainee(
  { model, ranker }: Pick<Trainee, 'model' | 'ranker'>,
  evaluation: CheckpointEvaluation,
  context: TrainingContext,
  started: Started,
): Promise<TrainingOutcome> {
  const { split, device, emit, signal } = context;
  const { kind, path, epoch } = evaluation;
  const selection = kind === 'last' ? 'final-epoch' : split.validation ? 'validation' : 'test';
  return rankSplits(evaluation, context, selection, async () => {
    const tables = await loadStored(model, path, device);
    started(countParameters(model), 0);
    const progress = new Progress(emit, epoch);
    return async (which, topK) => {
      const ranking = ranker(which, topK, 'result', tables);
      const report = (done: number, total: number) =>
        progress.report(which === 'test' ? 'test' : 'validate', { epoch, done, total, unit: 'users' });
      const ranks = await ranking.rank(report, signal);
      await ranking.release();
      return { ranks, measures: ranking.measures?.() ?? {} };
    };
  });
}

async function rankSplits(
  { path, epoch, splits }: CheckpointEvaluation,
  { split, listLength }: TrainingContext,
  selection: NextItemProtocol['selection'],
  prepare: () => Promise<RankSplit>,
): Promise<TrainingOutcome> {
  if (!existsSync(path)) throw new UserError(`${path}: the checkpoint has gone; train the run again`);
  const wanted = splits.filter((which) => which !== 'valid' || split.validation);
  if (wanted.length === 0) {
    throw new UserError('the run held out no validation items (protocol=paper): evaluate its test items');
  }
  const begun = performance.now();
  const rank = await prepare();
  const ranked: Ranked[] = [];
  for (const which of wanted) {
    ranked.push(await rank(which, which === 'test' ? listLength : 0));
  }
  return {
    status: 'completed',
    epochs: epoch,
    selectedEpoch: epoch,
    seconds: (performance.now() - begun) / 1000,
    ranks: ranked.map(({ ranks }) => ranks),
    measures: Object.assign({}, ...ranked.map(({ measures }) => measures)),
    selection,
  };
}

function hostRanker(
  model: FittedModel,
  config: ProtocolConfig,
  { data, split, emit, signal }: TrainingContext,
  { path, epoch }: CheckpointEvaluation,
): RankSplit {
  const progress = new Progress(emit, epoch);
  const state = Object.fromEntries(
    Object.entries(readSafetensors(path)).map(([name, { data: values }]) => [name, values]),
  );
  const scorer = model.scorer(state, data);
  return async (which, topK) => {
    const ranks = await rankOnHost({
      scorer,
      data,
      set: evaluationSet(split, which),
      rule: rankingRule(config),
      topK,
      signal,
      onProgress: (done, total) =>
        progress.report(which === 'test' ? 'test' : 'validate', { epoch, done, total, unit: 'users' }),
    });
    return { ranks, measures: {} };
  };
}
