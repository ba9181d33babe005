/** Runs one of our models on a fixture's parameters and inputs: outputs, loss, gradients, optimiser steps. */
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import {
  type DeviceContext,
  type HostArrays,
  type OptimiserConfig,
  openDevice,
  type Specs,
  type Tensors,
} from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { namedTensors } from '../files/safetensors.ts';
import { randomSpecs } from '../layers/index.ts';
import { batchSpecs, gradientsOf } from '../training/programs.ts';
import type { BatchShape, StepModel } from '../training/step-model.ts';
import { StepRunner } from '../training/step-runner.ts';
import { type GoldenCheck, type Tensor, tensors } from './tensor-compare.ts';

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

/** The matrix of a linear layer as Torch stores it. */
export function weightName(ours: string, theirs: string): ParameterName {
  return { ours: `${ours}/weight`, theirs: `${theirs}weight`, transposed: true };
}

/** The same with its bias. `theirs` has the separator that follows it there. */
export function linearNames(ours: string, theirs: string): ParameterName[] {
  return [weightName(ours, theirs), { ours: `${ours}/bias`, theirs: `${theirs}bias` }];
}

/** Scale and shift of a norm. */
export function normNames(ours: string, theirs: string): ParameterName[] {
  return [
    { ours: `${ours}/scale`, theirs: `${theirs}weight` },
    { ours: `${ours}/shift`, theirs: `${theirs}bias` },
  ];
}

/** One list of what `of` gives for 0, 1, … */
export function times<T>(count: number, of: (i: number) => T[]): T[] {
  return Array.from({ length: count }, (_, i) => of(i)).flat();
}

/** The tensors as outputs of a run, named by their number in a block. */
export function numbered(block: string, values: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(values.map((value, i) => [`${block}.${i}`, value]));
}

/** The rows [cells, width] at some positions of values [positions, width]. */
export function rowsAt(cells: readonly number[], values: ArrayLike<number>, width: number): number[] {
  return cells.flatMap((cell) => Array.from({ length: width }, (_, i) => values[cell * width + i]));
}

/** [rows, columns] row-major to [columns, rows]. */
function transpose(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

/** A model's parameters in a fixture: their names on both sides, their values and gradients. */
export interface Parameters {
  names: ParameterName[];
  fixture: { params: Record<string, Tensor>; grads: Record<string, Tensor> };
}

export interface ModelCheck extends Parameters {
  model: StepModel;
  /** Optimiser settings that fixtures do not have. */
  config: Pick<OptimiserConfig, 'optimiser' | 'clipNorm'>;
  shape: BatchShape;
  /** Every input of a training batch, the random ones included. */
  inputs: HostArrays;
  /** Extra outputs to compare, computed from parameters and inputs. */
  outputs(parameters: Tensors, inputs: Tensors): Tensors;
}

/** Our layout of one of the fixture's parameters. */
function ours(fixture: Record<string, Tensor>, { theirs, transposed }: ParameterName): Float32Array {
  const tensor = fixture[theirs];
  if (!tensor) throw new UserError(`the fixture has no parameter "${theirs}"`);
  if (!transposed) return Float32Array.from(tensor.data);
  const [rows, columns] = tensor.shape;
  return transpose(tensor.data, rows, columns);
}

/** The fixture's layout of one of our arrays. */
export function asTheirs(
  values: ArrayLike<number>,
  fixture: Record<string, Tensor>,
  { theirs, transposed }: ParameterName,
): ArrayLike<number> {
  if (!transposed) return values;
  const [rows, columns] = fixture[theirs].shape;
  return transpose(values, columns, rows);
}

/** Our parameters with the fixture's values. */
export function fixtureParameters({ fixture, names }: Parameters): HostArrays {
  return Object.fromEntries(names.map((name) => [name.ours, ours(fixture.params, name)]));
}

/** Works on the CPU device with one thread. */
export async function onCpu<T>(work: (context: DeviceContext) => Promise<T>): Promise<T> {
  const { context } = await openDevice('cpu', { threads: 1 });
  try {
    return await work(context);
  } finally {
    await context.dispose();
  }
}

/** Puts parameters on the device. */
export async function load(context: DeviceContext, specs: Specs, values: HostArrays): Promise<void> {
  await context.load(namedTensors(specs, values));
}

/** The gradients as outputs of a run, named "gradient/…". */
export function asGradients(gradients: Tensors): Tensors {
  return Object.fromEntries(Object.entries(gradients).map(([name, value]) => [`gradient/${name}`, value]));
}

/** Loss, gradients (named "gradient/…") and the extra outputs, in one run on the CPU device. */
export function forwardAndBackward(check: ModelCheck): Promise<HostArrays> {
  const { model, shape } = check;
  const specs: Specs = model.parameters;
  return onCpu(async (context) => {
    await load(context, specs, fixtureParameters(check));
    const executable = await context.compile({
      name: 'golden',
      state: specs,
      inputs: { ...batchSpecs(model, shape), ...randomSpecs(model.randomInputs(shape)) },
      run: (state, inputs) => {
        const { loss, gradients } = gradientsOf(model, state, inputs, shape);
        return { state: {}, outputs: { ...check.outputs(state, inputs), loss, ...asGradients(gradients) } };
      },
    });
    return await executable.run(check.inputs);
  });
}

/** Throws UserError where the fixture lacks the gradient of one of our parameters, `path`. */
function gradientOf(grads: Record<string, Tensor>, theirs: string, path = theirs): number[] {
  if (!grads[theirs]) throw new UserError(`the fixture has no gradient "${path}"`);
  return grads[theirs].data;
}

/** Compares the gradient of every parameter of the fixture; `block` names where they stand in it, if not in `grads`. */
export function compareGradients(
  golden: GoldenCheck,
  { names, fixture: { params, grads } }: Parameters,
  results: HostArrays,
  block?: string,
): void {
  for (const name of names) {
    const { ours, theirs } = name;
    const reference = gradientOf(grads, theirs, block && `${block}.${theirs}`);
    const values = asTheirs(results[`gradient/${ours}`], params, name);
    golden.compare('gradients', `${block ?? 'grads'}.${theirs}`, values, reference);
  }
}

/** What a fixture holds of a forward pass. */
type Outputs = { loss: number } & Record<string, Tensor | Tensor[] | number | number[] | undefined>;

/**
 * Runs the model on the fixture's batch and compares loss, gradients, and the outputs that have the names of the
 * fixture's, as `shown` changes ours. Returns what the run gave.
 */
export async function compareModel(
  golden: GoldenCheck,
  check: ModelCheck,
  outputs: Outputs,
  shown: (values: ArrayLike<number>, name: string) => ArrayLike<number> = (values) => values,
): Promise<HostArrays> {
  const results = await forwardAndBackward(check);
  const { loss, ...others } = outputs;
  for (const [name, values] of Object.entries(results)) {
    const [block, place] = name.split('.');
    const output = others[block];
    const reference = Array.isArray(output) ? output[Number(place)] : output;
    golden.compare('output', `outputs.${name}`, shown(values, name), reference);
  }
  golden.compare('loss', 'outputs.loss', results.loss[0], loss);
  compareGradients(golden, check, results);
  return results;
}

/** The settings of the optimiser that a fixture took its steps with. */
export function optimiserOf({ beta1, beta2, eps, weight_decay }: z.output<typeof optimiserSchema>) {
  return { beta1, beta2, epsilon: eps, weightDecay: weight_decay };
}

/**
 * Entries whose gradient is under 1e-5 of the tensor's largest: the first step of an optimiser that divides by the
 * gradient's size is the sign of rounding noise there.
 */
export function noiseOf(gradient: number[]): (index: number) => boolean {
  const small = 1e-5 * gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  return (i) => Math.abs(gradient[i]) < small;
}

/** Compares parameters after a step but for noise; `skip` leaves out more. */
export function compareParameters(
  golden: GoldenCheck,
  block: string,
  { names, fixture: { params, grads } }: Parameters,
  values: HostArrays,
  expected: Record<string, Tensor>,
  skip: (name: string, index: number) => boolean = () => false,
): void {
  for (const name of names) {
    const { theirs } = name;
    const isNoise = noiseOf(gradientOf(grads, theirs));
    const found = asTheirs(values[name.ours], params, name);
    golden.compare(
      'step',
      `${block}.${theirs}`,
      found,
      expected[theirs],
      (i) => isNoise(i) || skip(theirs, i),
    );
  }
}

/** Takes optimiser steps on the same batch and compares the parameters after the first and the loss before each. */
export async function compareSteps(
  golden: GoldenCheck,
  check: ModelCheck,
  block: string,
  optimiser: z.output<typeof optimiserSchema> | undefined,
  skip?: (name: string, index: number) => boolean,
): Promise<void> {
  if (!optimiser) return;
  const { model, names, shape } = check;
  await onCpu(async (context) => {
    const runner = new StepRunner(model, { ...check.config, ...optimiserOf(optimiser) }, context, 0);
    await runner.load(fixtureParameters(check));
    const losses: number[] = [];
    const steps = Math.max(1, optimiser.loss_trace?.length ?? 0);
    for (let step = 1; step <= steps; step++) {
      losses.push(await runner.stepWithInputs(step, optimiser.lr, shape, check.inputs));
      if (step > 1) continue;
      const values = await context.read(names.map((name) => name.ours));
      compareParameters(golden, `${block}.params_after_1`, check, values, optimiser.params_after_1, skip);
    }
    golden.compare('loss', `${block}.loss_trace`, losses, optimiser.loss_trace);
  });
}
