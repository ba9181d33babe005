import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedTensor } from '../../files/safetensors.ts';
import { readCheckpoint, writeCheckpoint } from '../../training/checkpoints.ts';
import type { ProtocolConfig } from '../../training/config.ts';
import { Progress } from '../../training/progress.ts';
import type { TrainingContext, TrainingOutcome } from '../../training/ranking/context.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import type { FitContext, FittedModel } from '../model.ts';
import { rankOnHost } from './ranking/fitted-ranker.ts';

/** Fits a model in one go and ranks on the host. A finished fit is a checkpoint: a resumed run only ranks. */
export async function fitModel(
  model: FittedModel,
  config: ProtocolConfig,
  context: TrainingContext,
  content: FitContext['content'],
  started: (parameters: number, fromStep: number) => void,
): Promise<TrainingOutcome> {
  const { spec, data, split, trainEnd, device, listLength, emit, signal } = context;
  const begun = performance.now();
  const progress = new Progress(emit, 1);
  const resumed = spec.resumeFrom ? readCheckpoint(spec.resumeFrom) : null;
  started(0, resumed?.state.step ?? 0);
  const state = resumed
    ? Object.fromEntries(Object.entries(resumed.tensors).map(([name, { data: values }]) => [name, values]))
    : await model.fit({
        interactions: data,
        trainEnd,
        device,
        content,
        signal,
        onProgress: (done, total, unit) => progress.report('train', { epoch: 1, done, total, unit }),
      });
  const seconds = (resumed?.state.seconds ?? 0) + (performance.now() - begun) / 1000;
  if (!resumed) saveFit(model, state, seconds, context);
  const scorer = model.scorer(state, data);
  const ranks = [];
  const splits = split.validation ? (['valid', 'test'] as const) : (['test'] as const);
  for (const which of splits) {
    ranks.push(
      await rankOnHost({
        scorer,
        data,
        set: evaluationSet(split, which),
        rule: rankingRule(config),
        topK: which === 'test' ? listLength : 0,
        signal,
        onProgress: (done, total) =>
          progress.report(which === 'test' ? 'test' : 'validate', { epoch: 1, done, total, unit: 'users' }),
      }),
    );
  }
  // Nothing is selected: such a model stands beside those that are, under either protocol.
  const selection = split.validation ? 'validation' : 'test';
  return { status: 'completed', epochs: 1, selectedEpoch: 1, seconds, ranks, selection };
}

function saveFit(
  model: FittedModel,
  state: Awaited<ReturnType<FittedModel['fit']>>,
  seconds: number,
  { spec, emit }: TrainingContext,
): void {
  const directory = join(spec.runDir, 'checkpoints');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'last-1.safetensors');
  const specs = model.stateSpecs(state);
  const tensors: Record<string, NamedTensor> = Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, { spec: specs[name], data }]),
  );
  writeCheckpoint(path, tensors, { epoch: 1, step: 1, bestValue: null, bestEpoch: 1, stale: 0, seconds });
  emit({ type: 'checkpoint', checkpoint: { path, epoch: 1, step: 1, kind: 'last' } });
}
