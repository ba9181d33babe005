/** One training or evaluation from a spec to a result, in any process: opens the device, leaves the rest to the model's family. */
import os from 'node:os';
import { readSummary } from '../data/read.ts';
import { openDevice } from '../engine/index.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../training/events.ts';
import type { RunContext } from '../training/run-context.ts';
import { findModel, resolveConfig } from './registry.ts';

/** Runs a spec to its end and emits every event, the result last. */
export async function runTraining(
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal?: AbortSignal,
): Promise<RunResult> {
  const model = findModel(spec.model);
  const config = resolveConfig(spec.model, { overrides: spec.config });
  const summary = readSummary(spec.datasetDir);
  const { context: device, reason } = await openDevice(spec.device, { threads: spec.threads });
  const context: RunContext = {
    spec,
    config,
    summary,
    device,
    emit,
    signal,
    started: (parameters, fromStep) =>
      emit({
        type: 'started',
        device: device.id,
        deviceReason: reason,
        parameters,
        environment: environment(spec),
        fromStep,
      }),
  };
  try {
    const result = await model.train(context);
    emit({ type: 'result', result });
    return result;
  } finally {
    await device.dispose();
  }
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
