/**
 * What a peer in another language needs to do the steps that ours do: the config, the initial parameters, and the batches of the
 * first steps. Read by torch/peer.py.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeviceContext, int32 } from '../src/core/engine/index.ts';
import { type NamedTensor, writeSafetensors } from '../src/core/files/safetensors.ts';
import { drawInputs } from '../src/core/layers/index.ts';
import type { TrainingConfig } from '../src/core/training/config.ts';
import type { StepModel } from '../src/core/training/step-model.ts';
import { type StepBatch, StepRunner } from '../src/core/training/step-runner.ts';

/** Steps whose losses both sides compute without dropout, with the same negatives. */
const CHECKED = 3;

/** No dropout: nothing of a step is then drawn but negatives, which the peer is given. */
export const PLAIN = { dropout: 0, itemDropout: 0, hiddenDropout: 0 };

/** The overrides of PLAIN that a config has. */
export function plainOf(config: object): Record<string, number> {
  return Object.fromEntries(Object.entries(PLAIN).filter(([key]) => key in config));
}

interface Subject {
  /** Built of the config without dropout. */
  model: StepModel;
  /** As steps are timed, and what the peer has to know besides, such as `items`. */
  config: TrainingConfig & Record<string, unknown>;
  context: DeviceContext;
  /** The micro-batches of each step, counted from 0. */
  step(index: number): readonly StepBatch[];
}

/**
 * Writes config.json, parameters.safetensors and steps.safetensors into the folder, and returns the losses of the first steps. An
 * input of micro-batch m of step s is the tensor "s/m/NAME", flat; "s/m/shape" is its [rows, length].
 */
export async function exchange(
  folder: string,
  { model, config, context, step }: Subject,
  steps: number,
): Promise<{ losses: number[] }> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const runner = new StepRunner(model, config, context, 1);
  await runner.initialise();
  writeSafetensors(join(folder, 'parameters.safetensors'), await runner.tensors('parameters'));
  const tensors: Record<string, NamedTensor> = {};
  const losses: number[] = [];
  for (let index = 0; index < steps; index++) {
    const batches = step(index).map((batch, micro) => ({
      ...batch,
      inputs: index < CHECKED ? { ...drawn(model, batch, index + 1, micro), ...batch.inputs } : batch.inputs,
    }));
    for (const [micro, { shape, inputs }] of batches.entries()) {
      Object.assign(tensors, tensorsOf(`${index}/${micro}`, shape, inputs));
    }
    if (index < CHECKED) losses.push(await runner.step(index + 1, config.learningRate, batches));
  }
  writeSafetensors(join(folder, 'steps.safetensors'), tensors);
  return { losses };
}

function drawn(model: StepModel, batch: StepBatch, step: number, micro: number): StepBatch['inputs'] {
  return drawInputs(model.randomInputs(batch.shape), { ...batch, seed: 1, step, micro, masks: 'words' });
}

function tensorsOf(
  at: string,
  { rows, length }: StepBatch['shape'],
  inputs: StepBatch['inputs'],
): Record<string, NamedTensor> {
  const named = Object.entries(inputs).map(([name, data]): [string, NamedTensor] => {
    const dtype = data instanceof Int32Array ? 'int32' : data instanceof Float32Array ? 'float32' : 'bool';
    return [`${at}/${name}`, { spec: { shape: [data.length], dtype }, data }];
  });
  const shape = { spec: int32(2), data: Int32Array.of(rows, length) };
  return { ...Object.fromEntries(named), [`${at}/shape`]: shape };
}
