/** What a tokeniser is to the step runner, and the graph of the IDs of a block of items. */

import { float32, gatherRows, int32, type Program, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  bindTree,
  countCodes,
  namedLeaves,
  type RandomInput,
  type RandomInputs,
} from '../../../layers/index.ts';
import type { PersistentState, StepModel } from '../../../training/step-model.ts';
import type { Codebooks, TokeniserView, TrainableTokeniser } from '../tokeniser.ts';

/** Name of the report of how many codes were reset. */
export const CODES_RESET = 'codes-reset';

/** Trains on batches of `content` and reports what the model reports, and where it has codebooks CODES_RESET. */
export function tokeniserStep(
  model: TrainableTokeniser,
  { dim, resetBelow }: { dim: number; resetBelow: number },
): StepModel {
  const { parameters, codebooks, schedules } = model;
  const resets = codebooks && codeResets(model, codebooks, resetBelow);
  return {
    batches: {
      kind: 'custom',
      inputs: ({ rows }) => ({
        content: float32(rows, dim),
        ...schedules,
        ...(resets ? { reset: float32() } : {}),
      }),
    },
    parameters,
    randomInputs: ({ rows }) => ({ ...model.randomInputs(rows), ...resets?.randomInputs(rows) }),
    loss: (current, inputs) => model.view(current, inputs).loss,
    persistent: resets?.persistent,
    reports: (current, inputs) => {
      const view = model.view(current, inputs);
      return { ...view.reports, ...resets?.reports(view, inputs) };
    },
  };
}

/**
 * The persistent state is how often each code was used since the last reset; where input `reset` is 1, codes with at most
 * `resetBelow` of the mean use since then become residuals of the batch.
 */
function codeResets(
  model: TrainableTokeniser,
  codebooks: Codebooks,
  resetBelow: number,
): {
  persistent: PersistentState;
  randomInputs(rows: number): RandomInputs;
  reports(view: TokeniserView, inputs: Tensors): Tensors;
} {
  const { codebookSizes } = model;
  const state = { usage: codebookSizes.map((size) => float32(size)) };
  /** Rows of the batch that take the place of unused codes, by level. */
  const random = (rows: number) => ({
    resetRows: codebookSizes.map((size): RandomInput => {
      return { kind: 'integers', spec: int32(size), low: 0, high: rows };
    }),
  });
  /** By level: use since the last reset and 1 for each code that is reset, [codes]; residuals [rows, latent]. */
  const levels = ({ quantised }: TokeniserView, inputs: Tensors) => {
    if (!quantised) throw new Error('a tokeniser with codebooks says what it quantised');
    const { usage } = bindTree(state, inputs);
    return codebookSizes.map((size, level) => {
      const used = tf.add(usage[level], countCodes(quantised.codes[level], size));
      const least = tf.mul(tf.mean(used), resetBelow);
      const unused = tf.mul(tf.cast(tf.lessEqual(used, least), 'float32'), inputs.reset);
      return { used, unused, residuals: quantised.residuals[level] };
    });
  };
  return {
    persistent: {
      specs: namedLeaves(state),
      next: (current, inputs, { rows }, updated) => {
        const { resetRows } = bindTree(random(rows), inputs);
        const all = levels(model.view(current, inputs), inputs);
        const kept = all.map(({ unused, residuals }, level) => {
          const name = codebooks.parameters[level];
          const fresh = gatherRows(residuals, resetRows[level]);
          const column = tf.reshape(unused, [codebookSizes[level], 1]);
          return [name, tf.add(tf.mul(updated[name], tf.sub(1, column)), tf.mul(fresh, column))];
        });
        const usage = all.map(({ used }) => tf.mul(used, tf.sub(1, inputs.reset)));
        return { ...Object.fromEntries(kept), ...namedLeaves({ usage }) };
      },
    },
    randomInputs: (rows) => namedLeaves(random(rows)),
    reports: (seen, inputs) => {
      const counts = levels(seen, inputs).map(({ unused }) => tf.sum(unused));
      return { [CODES_RESET]: counts.reduce((sum, count) => tf.add(sum, count), tf.scalar(0) as tf.Tensor) };
    },
  };
}

/** Outputs codes int32 [rows, levels], latents [rows, latent] and errors [rows]. */
export function tokeniseProgram(model: TrainableTokeniser, rows: number, dim: number): Program {
  return {
    name: `tokenise ${rows}`,
    state: model.parameters,
    inputs: { content: float32(rows, dim) },
    run: (state, { content }) => ({ outputs: { ...model.tokenise(state, content) } }),
  };
}
