/** The graphs of a tokeniser: one training step, and the IDs of a block of items. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  applyUpdate,
  float32,
  gatherRows,
  int32,
  type OptimiserConfig,
  type Program,
  type Specs,
  slotSpecs,
  type Tensors,
  type UpdateScalars,
} from '../../engine/index.ts';
import { countCodes, randomSpecs } from '../../layers/index.ts';
import type { TrainableTokeniser } from '../../models/tokeniser.ts';

const SCALARS = ['stepSize', 'epsilon', 'decay'] as const satisfies (keyof UpdateScalars)[];

export const usageName = (level: number) => `usage/${level}`;
/** Rows of the batch that take the place of unused codes, by level. */
export const resetRowsName = (level: number) => `reset-rows/${level}`;

export interface TokeniserPrograms {
  /** The optimiser's state, and how often each code was used since the last reset. */
  slots: Specs;
  /**
   * One optimiser step on `rows` items; outputs loss, reconstruction, commitment and `replaced`, the codes reset. Where
   * input `reset` is 1, codes with at most `resetBelow` of the mean use since the last reset become residuals of this
   * batch.
   */
  step(rows: number): Program;
  /** Outputs codes int32 [rows, levels], latents [rows, latent] and errors [rows]. */
  tokenise(rows: number): Program;
}

export function tokeniserPrograms(
  model: TrainableTokeniser,
  optimiser: OptimiserConfig,
  { dim, resetBelow }: { dim: number; resetBelow: number },
): TokeniserPrograms {
  const { parameters, codebookSizes } = model;
  const names = Object.keys(parameters);
  const usage: Specs = Object.fromEntries(
    codebookSizes.map((size, level) => [usageName(level), float32(size)]),
  );
  const resetInputs: Specs = {
    reset: float32(),
    ...Object.fromEntries(codebookSizes.map((size, level) => [resetRowsName(level), int32(size)])),
  };
  return {
    slots: { ...slotSpecs(optimiser, parameters), ...usage },
    step: (rows) => ({
      name: `step ${rows}`,
      state: { ...parameters, ...slotSpecs(optimiser, parameters), ...usage },
      inputs: {
        content: float32(rows, dim),
        ...model.schedules,
        ...randomSpecs(model.randomInputs(rows)),
        ...Object.fromEntries(SCALARS.map((name) => [name, float32()])),
        ...resetInputs,
      },
      run: (state, inputs) => {
        const current = Object.fromEntries(names.map((name) => [name, state[name]]));
        const gradients = tokeniserGradients(model, current, inputs);
        const scalars = Object.fromEntries(SCALARS.map((name) => [name, inputs[name]]));
        const next = applyUpdate(
          optimiser,
          current,
          gradients,
          state,
          scalars as Record<keyof UpdateScalars, Tensor>,
        );
        // A second forward pass on paper; the compiled graph computes equal nodes once.
        const { loss, reconstruction, commitment, codes, residuals } = model.view(current, inputs);
        const kept: Tensors = {};
        let replaced: Tensor = tf.scalar(0);
        for (const [level, size] of codebookSizes.entries()) {
          const name = model.codebook(level);
          const used = tf.add(state[usageName(level)], countCodes(codes[level], size));
          const least = tf.mul(tf.mean(used), resetBelow);
          const unused = tf.mul(tf.cast(tf.lessEqual(used, least), 'float32'), inputs.reset);
          const rows = gatherRows(residuals[level], inputs[resetRowsName(level)]);
          const column = tf.reshape(unused, [size, 1]);
          kept[name] = tf.add(tf.mul(next.parameters[name], tf.sub(1, column)), tf.mul(rows, column));
          kept[usageName(level)] = tf.mul(used, tf.sub(1, inputs.reset));
          replaced = tf.add(replaced, tf.sum(unused));
        }
        return {
          state: { ...next.parameters, ...next.slots, ...kept },
          outputs: { loss, reconstruction, commitment, replaced },
        };
      },
    }),
    tokenise: (rows) => ({
      name: `tokenise ${rows}`,
      state: parameters,
      inputs: { content: float32(rows, dim) },
      run: (state, { content }) => ({ state: {}, outputs: { ...model.tokenise(state, content) } }),
    }),
  };
}

/** Gradients of the loss by parameter name. */
export function tokeniserGradients(model: TrainableTokeniser, parameters: Tensors, inputs: Tensors): Tensors {
  const names = Object.keys(parameters);
  const objective = (...values: Tensor[]) => {
    const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    return model.view(named, inputs).loss as tf.Scalar;
  };
  const { grads } = tf.valueAndGrads(objective)(names.map((name) => parameters[name]));
  return Object.fromEntries(names.map((name, i) => [name, grads[i]]));
}
