/** What a tokeniser is to the step runner, and the graph of the IDs of a block of items. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { float32, gatherRows, int32, type Program, type Specs, type Tensors } from '../../../engine/index.ts';
import { countCodes, type RandomInputs } from '../../../layers/index.ts';
import type { StepModel } from '../../../training/step-model.ts';
import type { TrainableTokeniser } from '../tokeniser.ts';

const usageName = (level: number) => `usage/${level}`;
/** Rows of the batch that take the place of unused codes, by level. */
const resetRowsName = (level: number) => `reset-rows/${level}`;

/**
 * Trains on batches of `content`. Its persistent state is how often each code was used since the last reset; where input `reset` is 1,
 * codes with at most `resetBelow` of the mean use since then become residuals of the batch. Reports reconstruction,
 * commitment and `replaced`, the codes reset.
 */
export function tokeniserStep(
  model: TrainableTokeniser,
  { dim, resetBelow }: { dim: number; resetBelow: number },
): StepModel {
  const { parameters, codebookSizes } = model;
  const byLevel = <T>(name: (level: number) => string, value: (size: number, level: number) => T) =>
    Object.fromEntries(codebookSizes.map((size, level) => [name(level), value(size, level)]));
  const usage: Specs = byLevel(usageName, (size) => float32(size));
  /** Use since the last reset, and 1 for each code that is reset: [codes] by level. */
  const uses = ({ codes }: { codes: Tensor[] }, inputs: Tensors) =>
    codebookSizes.map((size, level) => {
      const used = tf.add(inputs[usageName(level)], countCodes(codes[level], size));
      const least = tf.mul(tf.mean(used), resetBelow);
      return { used, unused: tf.mul(tf.cast(tf.lessEqual(used, least), 'float32'), inputs.reset) };
    });
  return {
    batches: {
      kind: 'custom',
      inputs: ({ rows }) => ({ content: float32(rows, dim), ...model.schedules, reset: float32() }),
    },
    parameters,
    randomInputs: ({ rows }) => ({ ...model.randomInputs(rows), ...resetRows(rows) }),
    loss: (current, inputs) => model.view(current, inputs).loss,
    persistent: {
      specs: usage,
      next: (current, inputs, _shape, updated) => {
        const view = model.view(current, inputs);
        const kept: Tensors = {};
        for (const [level, { used, unused }] of uses(view, inputs).entries()) {
          const name = model.codebook(level);
          const rows = gatherRows(view.residuals[level], inputs[resetRowsName(level)]);
          const column = tf.reshape(unused, [codebookSizes[level], 1]);
          kept[name] = tf.add(tf.mul(updated[name], tf.sub(1, column)), tf.mul(rows, column));
          kept[usageName(level)] = tf.mul(used, tf.sub(1, inputs.reset));
        }
        return kept;
      },
    },
    reports: (current, inputs) => {
      const view = model.view(current, inputs);
      const replaced = uses(view, inputs).reduce<Tensor>(
        (sum, { unused }) => tf.add(sum, tf.sum(unused)),
        tf.scalar(0),
      );
      return { reconstruction: view.reconstruction, commitment: view.commitment, replaced };
    },
  };

  function resetRows(rows: number): RandomInputs {
    return byLevel(resetRowsName, (size) => ({ kind: 'integers', spec: int32(size), low: 0, high: rows }));
  }
}

/** Outputs codes int32 [rows, levels], latents [rows, latent] and errors [rows]. */
export function tokeniseProgram(model: TrainableTokeniser, rows: number, dim: number): Program {
  return {
    name: `tokenise ${rows}`,
    state: model.parameters,
    inputs: { content: float32(rows, dim) },
    run: (state, { content }) => ({ state: {}, outputs: { ...model.tokenise(state, content) } }),
  };
}
