/** Evaluates a checkpoint again, under the protocol of another config, without training. */
import { existsSync } from 'node:fs';
import { sizeOf } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import type { EvaluationSplit, NextItemProtocol, UserRanks } from '../evaluation/types.ts';
import type { ProtocolConfig, TrainingConfig } from '../models/config.ts';
import type { FittedModel, NextItemDefinition, TrainableModel } from '../models/types.ts';
import { type NamedTensor, readSafetensors } from '../safetensors.ts';
import { LIST_LENGTH, type TrainingContext, type TrainingOutcome } from './context.ts';
import { evaluationSet, rankingRule } from './evaluation-set.ts';
import type { CheckpointEvaluation } from './events.ts';
import { GraphRanker } from './graph-ranker.ts';
import { rankOnHost } from './host-ranker.ts';
import { Progress } from './progress.ts';

type RankSplit = (which: EvaluationSplit, topK: number) => Promise<UserRanks>;

/** Throws UserError where the checkpoint has gone or is of another model, or a split has no held-out items. */
export async function evaluateCheckpoint(
  definition: NextItemDefinition,
  config: Record<string, unknown>,
  evaluation: CheckpointEvaluation,
  context: TrainingContext,
  started: (parameters: number, fromStep: number) => void,
): Promise<TrainingOutcome> {
  const { path, epoch, splits } = evaluation;
  const { data, split } = context;
  if (!existsSync(path)) throw new UserError(`${path}: the checkpoint has gone; train the run again`);
  const wanted = splits.filter((which) => which !== 'valid' || split.validation);
  if (wanted.length === 0) {
    throw new UserError('the run held out no validation items (protocol=paper): evaluate its test items');
  }
  const begun = performance.now();
  const tensors = readSafetensors(path);
  const sizes = { users: data.users, items: data.items };
  let ranker: RankSplit;
  if (definition.kind === 'fitted') {
    started(0, 0);
    ranker = hostRanker(definition.build(config, sizes), config as ProtocolConfig, tensors, context, epoch);
  } else {
    const model = definition.build(config, sizes);
    const parameters = parametersOf(model, tensors, path);
    started(
      Object.values(model.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      0,
    );
    await context.device.load(parameters);
    ranker = deviceRanker(model, config as ProtocolConfig & TrainingConfig, context, epoch);
  }
  const ranks: UserRanks[] = [];
  for (const which of wanted) {
    ranks.push(await ranker(which, which === 'test' ? Math.min(LIST_LENGTH, data.items) : 0));
  }
  return {
    status: 'completed',
    epochs: epoch,
    selectedEpoch: epoch,
    seconds: (performance.now() - begun) / 1000,
    ranks,
    selection: selectionOf(definition, evaluation, split.validation),
  };
}

/** What chose the checkpoint when it was trained. */
function selectionOf(
  { kind: trainedOrFitted }: NextItemDefinition,
  { kind }: CheckpointEvaluation,
  validation: boolean,
): NextItemProtocol['selection'] {
  if (trainedOrFitted === 'trained' && kind === 'last') return 'final-epoch';
  return validation ? 'validation' : 'test';
}

function parametersOf(
  { parameters }: TrainableModel,
  tensors: Record<string, NamedTensor>,
  path: string,
): Record<string, NamedTensor> {
  const entries = Object.entries(parameters).map(([name, { shape }]) => {
    const tensor = tensors[name];
    if (!tensor || tensor.spec.shape.join() !== shape.join()) {
      const found = tensor ? `has shape [${tensor.spec.shape}] instead of [${shape}]` : 'is missing';
      throw new UserError(
        `${path}: tensor "${name}" ${found}; the checkpoint is of another model or data set`,
      );
    }
    return [name, tensor] as const;
  });
  return Object.fromEntries(entries);
}

function deviceRanker(
  model: TrainableModel,
  config: ProtocolConfig & TrainingConfig,
  context: TrainingContext,
  epoch: number,
): RankSplit {
  const { data, split, device, emit, signal } = context;
  const progress = new Progress(emit, epoch);
  return async (which, topK) => {
    const ranker = new GraphRanker({
      model,
      data,
      set: evaluationSet(split, which),
      device,
      rule: rankingRule(config),
      microBatchTokens: config.microBatchTokens,
      topK,
    });
    const report = (done: number, total: number) =>
      progress.report(which === 'test' ? 'test' : 'validate', { epoch, done, total, unit: 'users' });
    const ranks = await ranker.rank(report, signal);
    await ranker.release();
    return ranks;
  };
}

function hostRanker(
  model: FittedModel,
  config: ProtocolConfig,
  tensors: Record<string, NamedTensor>,
  { data, split, emit, signal }: TrainingContext,
  epoch: number,
): RankSplit {
  const progress = new Progress(emit, epoch);
  const state = Object.fromEntries(Object.entries(tensors).map(([name, { data: values }]) => [name, values]));
  const scorer = model.scorer(state, data);
  return (which, topK) =>
    rankOnHost({
      scorer,
      data,
      set: evaluationSet(split, which),
      rule: rankingRule(config),
      topK,
      signal,
      onProgress: (done, total) =>
        progress.report(which === 'test' ? 'test' : 'validate', { epoch, done, total, unit: 'users' }),
    });
}
