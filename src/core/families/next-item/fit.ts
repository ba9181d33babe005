/** Models fitted in one go: fitting, ranking on the host, and the evaluation of a finished fit. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArrays } from '../../engine/index.ts';
import { type NamedTensor, readSafetensors } from '../../files/safetensors.ts';
import { readCheckpoint, writeCheckpoint } from '../../training/checkpoints.ts';
import type { CheckpointEvaluation } from '../../training/events.ts';
import { Progress } from '../../training/progress.ts';
import type { RankingContext, RankingOutcome } from '../../training/ranking/context.ts';
import { type RankSplit, rankSplits } from '../../training/ranking/evaluate-ranking.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { valuesOf } from '../../training/step-loop.ts';
import type { FitContext, FittedModel } from './next-item-model.ts';
import { rankFitted } from './ranking/fitted-ranker.ts';

/** Fits a model and ranks on the host. A finished fit is a checkpoint: a resumed run only ranks. */
export async function fitModel(
  model: FittedModel,
  context: RankingContext,
  content: FitContext['content'],
): Promise<RankingOutcome> {
  const { spec, data: interactions, trainEnd, device, emit, signal, started } = context;
  const begun = performance.now();
  const progress = new Progress(emit, 1);
  const resumed = spec.resumeFrom ? readCheckpoint(spec.resumeFrom) : null;
  started(model.parameters?.(interactions.items) ?? 0, resumed?.state.step ?? 0);
  const onProgress = (done: number, total: number, unit: string) =>
    progress.report('train', { epoch: 1, done, total, unit });
  const state = resumed
    ? valuesOf(resumed.tensors)
    : await model.fit({ interactions, trainEnd, device, content, signal, onProgress });
  const seconds = (resumed?.state.seconds ?? 0) + (performance.now() - begun) / 1000;
  const path = spec.resumeFrom ?? saveFit(model, state, seconds, context);
  const evaluation = { path, kind: 'last', epoch: 1, splits: ['valid', 'test'] } as const;
  const outcome = await rankSplits(evaluation, context, selectionOfFit(context), async () =>
    hostRanking(model, state, context),
  );
  return { ...outcome, seconds };
}

/** Ranks with the fit that a checkpoint keeps. Throws UserError as `rankSplits`. */
export function evaluateFit(
  model: FittedModel,
  evaluation: CheckpointEvaluation,
  context: RankingContext,
): Promise<RankingOutcome> {
  return rankSplits(evaluation, context, selectionOfFit(context), async () => {
    context.started(0, 0);
    return hostRanking(model, valuesOf(readSafetensors(evaluation.path)), context);
  });
}

/** Nothing is selected: such a model stands beside those that are, under either protocol. */
export function selectionOfFit({ split }: RankingContext): RankingOutcome['selection'] {
  return split.validation ? 'validation' : 'test';
}

function hostRanking(
  model: FittedModel,
  state: HostArrays,
  { data, split, config, signal }: RankingContext,
): RankSplit {
  const scorer = model.scorer(state, data);
  const rule = rankingRule(config);
  return async (which, topK, onProgress) => {
    const set = evaluationSet(split, which, config);
    return { ranks: await rankFitted({ scorer, data, set, rule, topK, signal, onProgress }), measures: {} };
  };
}

/** Returns the path of the checkpoint. */
function saveFit(
  model: FittedModel,
  state: HostArrays,
  seconds: number,
  { spec, emit }: RankingContext,
): string {
  const directory = join(spec.runDir, 'checkpoints');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'last-1.safetensors');
  const specs = model.stateSpecs(state);
  const tensors: Record<string, NamedTensor> = Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, { spec: specs[name], data }]),
  );
  writeCheckpoint(path, tensors, {
    epoch: 1,
    step: 1,
    bestValue: null,
    bestEpoch: 1,
    validationsSinceBest: 0,
    seconds,
  });
  emit({ type: 'checkpoint', checkpoint: { path, epoch: 1, step: 1, kind: 'last' } });
  return path;
}
