/** Runs the same cases through a device and through tfjs's CPU backend and compares every number. */
import type { Tensor } from '@tensorflow/tfjs';
import { EagerDeviceContext } from '../../src/core/engine/devices/eager.ts';
import * as tf from '../../src/core/engine/tf.ts';
import type {
  DeviceContext,
  DType,
  HostArray,
  HostArrays,
  Program,
  Specs,
  Tensors,
} from '../../src/core/engine/types.ts';
import { hostArray } from '../../src/core/engine/types.ts';
import { Random } from '../../src/core/math/random.ts';
import { refuseDisposed } from './refuse-disposed.ts';

refuseDisposed();

export interface CaseInput {
  shape: number[];
  dtype: DType;
  /** Uniform in [low, high); integers for int32, 0 and 1 for bool. */
  low: number;
  high: number;
  /** Given values instead of random ones. */
  values?: number[];
}

export interface Case {
  name: string;
  inputs: Record<string, CaseInput>;
  run(inputs: Tensors): Tensor | Tensor[];
  /** Inputs to differentiate; by default every float input of a case whose outputs are floats. */
  gradients?: string[];
}

export const f = (shape: number[], low = -2, high = 2): CaseInput => ({ shape, dtype: 'float32', low, high });
export const i = (shape: number[], low: number, high: number): CaseInput => ({
  shape,
  dtype: 'int32',
  low,
  high,
});
export const b = (shape: number[]): CaseInput => ({ shape, dtype: 'bool', low: 0, high: 2 });
export const given = (dtype: DType, shape: number[], values: number[]): CaseInput => ({
  shape,
  dtype,
  low: 0,
  high: 0,
  values,
});

function valuesOf(input: CaseInput, stream: string): HostArray {
  const array = hostArray(input);
  const random = new Random(17, 0, stream);
  const draw = () => {
    if (input.dtype === 'float32') return input.low + (input.high - input.low) * random.uniform();
    return input.low + random.below(input.high - input.low);
  };
  for (let k = 0; k < array.length; k++) array[k] = input.values ? input.values[k] : draw();
  return array;
}

/** A weighted sum of all values, so that each output value has a gradient of its own. */
function weightedSum(outputs: Tensor[]): Tensor {
  const sums = outputs.map((output) => {
    const weights = Array.from({ length: output.size }, (_, k) => Math.sin(1 + 1.7 * k));
    return tf.sum(tf.mul(output, tf.tensor(weights, output.shape)));
  });
  return sums.reduce((total, sum) => tf.add(total, sum));
}

const listed = (outputs: Tensor | Tensor[]): Tensor[] => (Array.isArray(outputs) ? outputs : [outputs]);

function runCase({ name, inputs, run, gradients }: Case, fed: Tensors): Tensors {
  const own = Object.fromEntries(Object.keys(inputs).map((key) => [key, fed[`${name}/${key}`]]));
  const outputs = listed(run(own));
  const results: Tensors = {};
  for (const [k, output] of outputs.entries()) results[`${name}/output ${k}`] = output;
  const floats = outputs.every((output) => output.dtype === 'float32');
  const wanted =
    gradients ?? (floats ? Object.keys(inputs).filter((key) => inputs[key].dtype === 'float32') : []);
  if (wanted.length === 0) return results;
  const loss = (...varied: Tensor[]): Tensor =>
    weightedSum(listed(run({ ...own, ...Object.fromEntries(wanted.map((key, k) => [key, varied[k]])) })));
  const found = tf.grads(loss as (...args: Tensor[]) => tf.Scalar)(wanted.map((key) => own[key]));
  for (const [k, key] of wanted.entries()) results[`${name}/gradient of ${key}`] = found[k];
  return results;
}

/** Many cases as one program: the suite's time is compiling, not computing. */
function programOf(cases: readonly Case[]): {
  program: Program;
  values: HostArrays;
  /** Shape and type of each output, as the run declared them. */
  declared: Map<string, string>;
} {
  const declared = new Map<string, string>();
  const inputs: Record<string, Specs[string]> = {};
  const values: HostArrays = {};
  for (const one of cases) {
    for (const [key, input] of Object.entries(one.inputs)) {
      const name = `${one.name}/${key}`;
      if (inputs[name]) throw new Error(`two cases are called "${one.name}"`);
      inputs[name] = { shape: input.shape, dtype: input.dtype };
      values[name] = valuesOf(input, name);
    }
  }
  const run = (_: Tensors, fed: Tensors) => {
    const outputs: Tensors = Object.assign({}, ...cases.map((one) => runCase(one, fed)));
    for (const [name, { shape, dtype }] of Object.entries(outputs)) declared.set(name, `${dtype} [${shape}]`);
    return { state: {}, outputs };
  };
  return { program: { name: 'conformance', state: {}, inputs, run }, values, declared };
}

export type Results = Record<string, { values: HostArray; type: string }>;

/** What each output and gradient of the cases comes out as. */
export async function evaluate(context: DeviceContext, cases: readonly Case[]): Promise<Results> {
  const { program, values, declared } = programOf(cases);
  const executable = await context.compile(program);
  try {
    const outputs = Object.entries(await executable.run(values));
    return Object.fromEntries(
      outputs.map(([name, array]) => [name, { values: array, type: declared.get(name) ?? '' }]),
    );
  } finally {
    await executable.release();
  }
}

/** Runs all cases at once; where that fails, one by one, so that the message names the case. */
async function runNamed(context: DeviceContext, cases: readonly Case[]): Promise<[Results, string[]]> {
  try {
    return [await evaluate(context, cases), []];
  } catch {
    const merged: Results = {};
    const failures: string[] = [];
    for (const one of cases) {
      try {
        Object.assign(merged, await evaluate(context, [one]));
      } catch (error) {
        failures.push(`${one.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
    return [merged, failures];
  }
}

/** One line for an array that differs by more than tolerance * max(1, |expected|), else null. */
export function difference(actual: HostArray, expected: HostArray, tolerance: number): string | null {
  if (actual.length !== expected.length) return `${actual.length} values where ${expected.length} belong`;
  for (let k = 0; k < expected.length; k++) {
    const [a, e] = [actual[k], expected[k]];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    if (!(Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e)))) return `value ${k} is ${a}, not ${e}`;
  }
  return null;
}

/** Every disagreement of the device with tfjs's CPU backend, as lines of text. */
export async function disagreements(
  context: DeviceContext,
  cases: readonly Case[],
  tolerance: number,
): Promise<string[]> {
  const expected = await evaluate(new EagerDeviceContext('tfjs-gpu', 'cpu'), cases);
  const [actual, failures] = await runNamed(context, cases);
  const failed = new Set(failures.map((line) => line.split(':')[0]));
  for (const [name, { values, type }] of Object.entries(expected)) {
    if (failed.has(name.split('/')[0])) continue;
    const found = actual[name];
    const line =
      found.type === type ? difference(found.values, values, tolerance) : `is ${found.type}, not ${type}`;
    if (line) failures.push(`${name}: ${line}`);
  }
  return failures;
}
