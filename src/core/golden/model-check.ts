/** Runs one of our models on a fixture's parameters and inputs: outputs, loss, gradients, optimiser steps. */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import {
  type HostArrays,
  type OptimiserConfig,
  openDevice,
  type Specs,
  type Tensors,
} from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { randomSpecs } from '../layers/index.ts';
import { batchSpecs } from '../training/programs.ts';
import type { BatchShape, StepModel } from '../training/step-model.ts';
import { StepRunner } from '../training/step-runner.ts';
import { type GoldenCheck, tensorSchema } from './tensor-compare.ts';

export const tensors = z.record(z.string(), tensorSchema);

/** The optimiser block of a model fixture. */
export const optimiserSchema = z.object({
  lr: z.number(),
  beta1: z.number(),
  beta2: z.number(),
  eps: z.number(),
  weight_decay: z.number().default(0),
  params_after_1: tensors,
  /** Loss on the same batch before steps 1, 2, … */
  loss_trace: z.array(z.number()).optional(),
});

/** What every model fixture has; each model adds its inputs, outputs and config. */
export const modelFixture = {
  model: z.string(),
  params: tensors,
  grads: tensors,
};

/** One parameter of ours and of the fixture: its name there, and whether it is stored transposed. */
export interface ParameterName {
  ours: string;
  theirs: string;
  transposed?: boolean;
}

/** [rows, columns] row-major to [columns, rows]. */
export function transpose(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

type Fixture = {
  params: Record<string, { shape: number[]; data: number[] }>;
  grads: Record<string, { data: number[] }>;
};

export interface ModelCheck {
  model: StepModel;
  /** Optimiser settings that fixtures do not have. */
  config: Pick<OptimiserConfig, 'optimiser' | 'clipNorm'>;
  fixture: Fixture;
  names: ParameterName[];
  shape: BatchShape;
  /** Every input of a training batch, the random ones included. */
  inputs: HostArrays;
  /** Extra outputs to compare, computed from parameters and inputs. */
  outputs(parameters: Tensors, inputs: Tensors): Tensors;
}

/** Our layout of one of the fixture's parameters. */
function ours(fixture: Fixture['params'], { theirs, transposed }: ParameterName): Float32Array {
  const tensor = fixture[theirs];
  if (!tensor) throw new UserError(`the fixture has no parameter "${theirs}"`);
  if (!transposed) return Float32Array.from(tensor.data);
  const [rows, columns] = tensor.shape;
  return transpose(tensor.data, rows, columns);
}

/** The fixture's layout of one of our arrays. */
function asTheirs(
  values: ArrayLike<number>,
  fixture: Fixture['params'],
  { theirs, transposed }: ParameterName,
): ArrayLike<number> {
  if (!transposed) return values;
  const [rows, columns] = fixture[theirs].shape;
  return transpose(values, columns, rows);
}

/** Our parameters with the fixture's values. */
export function fixtureParameters({ fixture, names }: ModelCheck): HostArrays {
  return Object.fromEntries(names.map((name) => [name.ours, ours(fixture.params, name)]));
}

/** Loss, gradients (named "gradient/…") and the extra outputs, in one run on the CPU device. */
export async function forwardAndBackward(check: ModelCheck): Promise<HostArrays> {
  const { model, shape } = check;
  const { context } = await openDevice('cpu', { threads: 1 });
  try {
    const parameters = fixtureParameters(check);
    const specs: Specs = model.parameters;
    await context.load(
      Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [name, { spec, data: parameters[name] }]),
      ),
    );
    const executable = await context.compile({
      name: 'golden',
      state: specs,
      inputs: { ...batchSpecs(model, shape), ...randomSpecs(model.randomInputs(shape)) },
      run: (state, inputs) => {
        const keys = Object.keys(specs);
        const { value, grads } = tf.valueAndGrads(
          (...values) =>
            model.loss(
              Object.fromEntries(keys.map((key, i) => [key, values[i]])),
              inputs,
              shape,
            ) as tf.Scalar,
        )(keys.map((key) => state[key]));
        const gradients = Object.fromEntries(keys.map((key, i) => [`gradient/${key}`, grads[i]]));
        return { state: {}, outputs: { ...check.outputs(state, inputs), loss: value, ...gradients } };
      },
    });
    return await executable.run(check.inputs);
  } finally {
    await context.dispose();
  }
}

/** Throws UserError where the fixture lacks the gradient of one of our parameters. */
function gradientOf({ grads }: Fixture, { theirs }: ParameterName): number[] {
  if (!grads[theirs]) throw new UserError(`the fixture has no gradient "${theirs}"`);
  return grads[theirs].data;
}

/** Compares the gradient of every parameter of the fixture; `block` names where they stand in it. */
export function compareGradients(
  golden: GoldenCheck,
  check: ModelCheck,
  results: HostArrays,
  block = 'grads',
): void {
  for (const name of check.names) {
    const values = asTheirs(results[`gradient/${name.ours}`], check.fixture.params, name);
    golden.compare('gradients', `${block}.${name.theirs}`, values, gradientOf(check.fixture, name));
  }
}

/**
 * Takes optimiser steps on the same batch and compares the parameters after the first and the loss before
 * each. Entries whose gradient is under 1e-5 of the tensor's largest are left out: Adam's first step there
 * is the sign of rounding noise. `skip` leaves out more.
 */
export async function compareSteps(
  golden: GoldenCheck,
  check: ModelCheck,
  block: string,
  optimiser: z.output<typeof optimiserSchema>,
  skip: (name: string, index: number) => boolean = () => false,
): Promise<void> {
  const { model, fixture, names, shape } = check;
  const { context } = await openDevice('cpu', { threads: 1 });
  try {
    const config = {
      ...check.config,
      beta1: optimiser.beta1,
      beta2: optimiser.beta2,
      epsilon: optimiser.eps,
      weightDecay: optimiser.weight_decay,
    };
    const runner = new StepRunner(model, config, context, 0);
    await runner.load(fixtureParameters(check));
    const losses: number[] = [];
    const steps = Math.max(1, optimiser.loss_trace?.length ?? 0);
    for (let step = 1; step <= steps; step++) {
      losses.push(await runner.stepWithInputs(step, optimiser.lr, shape, check.inputs));
      if (step > 1) continue;
      const values = await context.read(names.map((name) => name.ours));
      for (const name of names) {
        const gradient = gradientOf(fixture, name);
        const small = 1e-5 * gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
        golden.compare(
          'step',
          `${block}.params_after_1.${name.theirs}`,
          asTheirs(values[name.ours], fixture.params, name),
          optimiser.params_after_1[name.theirs]?.data,
          (i) => Math.abs(gradient[i]) < small || skip(name.theirs, i),
        );
      }
    }
    golden.compare('loss', `${block}.loss_trace`, losses, optimiser.loss_trace);
  } finally {
    await context.dispose();
  }
}
