/** One training or evaluation from a spec to a result, in any process: reads the data set, trains, selects, tests. */
import os from 'node:os';
import { openInteractions, readSummary } from '../data/read.ts';
import { leaveLastOut } from '../data/split.ts';
import type { DatasetSummary } from '../data/types.ts';
import { openDevice } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { beyondAccuracyMetrics } from '../evaluation/beyond-accuracy.ts';
import { rankMetrics } from '../evaluation/metrics.ts';
import type { ProtocolConfig } from '../models/config.ts';
import { countItems } from '../models/popularity.ts';
import { findModel, resolveConfig } from '../models/registry.ts';
import type { ModelDefinition } from '../models/types.ts';
import { candidatesOf, LIST_LENGTH, type TrainingContext, type TrainingOutcome } from './context.ts';
import { evaluateCheckpoint } from './evaluation.ts';
import type { RunResult, TrainerEvent, TrainSpec } from './events.ts';
import { fitModel } from './fitting.ts';
import { trainModel } from './optimisation.ts';
import { protocolOf } from './protocol.ts';

/** Runs a spec to its end and emits every event, the result last. */
export async function runTraining(
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal?: AbortSignal,
): Promise<RunResult> {
  const model = findModel(spec.model);
  const config = resolveConfig(spec.model, { overrides: spec.config });
  const { protocol } = config as ProtocolConfig;
  const summary = readSummary(spec.datasetDir);
  const data = candidatesOf(await openInteractions(spec.datasetDir), config as ProtocolConfig);
  const split = leaveLastOut(data, { validation: protocol === 'validated' });
  if (split.evaluatedUsers === 0) {
    throw new UserError(
      `data set "${summary.name}" has no user with ${split.validation ? 3 : 2} or more interactions; nothing could be tested`,
    );
  }
  const { context: device, reason } = await openDevice(spec.device, { threads: spec.threads });
  try {
    const trainEnd = split.trainEnds();
    const context: TrainingContext = { spec, data, split, trainEnd, device, emit, signal };
    const outcome = await train(model, config, context, reason);
    const result = resultOf(outcome, summary, context, config);
    emit({ type: 'result', result });
    return result;
  } finally {
    await device.dispose();
  }
}

async function train(
  model: ModelDefinition,
  config: Record<string, unknown>,
  context: TrainingContext,
  deviceReason: string,
): Promise<TrainingOutcome> {
  const sizes = { users: context.data.users, items: context.data.items };
  const started = (parameters: number, fromStep: number) =>
    context.emit({
      type: 'started',
      device: context.device.id,
      deviceReason,
      parameters,
      environment: environment(context.spec),
      fromStep,
    });
  if (context.spec.evaluate) {
    return evaluateCheckpoint(model, config, context.spec.evaluate, context, started);
  }
  if (model.kind === 'fitted') {
    return fitModel(model.build(config, sizes), config as ProtocolConfig, context, started);
  }
  return trainModel(model.build(config, sizes), config, context, started);
}

function environment({ threads }: TrainSpec): Record<string, string | number> {
  return {
    node: process.version,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    threads,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  };
}

function resultOf(
  outcome: TrainingOutcome,
  summary: DatasetSummary,
  context: TrainingContext,
  config: Record<string, unknown>,
): RunResult {
  const popularity = countItems({ interactions: context.data, trainEnd: context.trainEnd });
  const metrics: Record<string, number> = {};
  for (const ranks of outcome.ranks) {
    Object.assign(metrics, rankMetrics(ranks));
    if (ranks.topK < LIST_LENGTH) continue;
    const lists = { lists: ranks.topItems, length: ranks.topK, cutoff: LIST_LENGTH, popularity };
    Object.assign(metrics, beyondAccuracyMetrics(lists, ranks.split));
  }
  const { status, epochs, selectedEpoch, seconds, ranks } = outcome;
  const target = ranks.some((r) => r.split === 'test') ? 'test' : 'valid';
  const protocol = protocolOf(config, { summary, target, selection: outcome.selection });
  return { status, epochs, selectedEpoch, seconds, metrics, ranks, protocol };
}
