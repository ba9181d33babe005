import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';
import { ordered } from './ordered.ts';

/** A function of tensors that have gradients, and of others that have none. */
type Compute = (inputs: Tensor[], constants: Tensor[]) => Tensor;

/**
 * compute(inputs, constants), of which the backward pass keeps the inputs alone and makes the rest again (Chen et al. 2016,
 * "Training Deep Nets with Sublinear Memory Cost", section 4), once it has the gradient of the result. `compute` reads no
 * other tensor that is made in the forward pass.
 */
export function recomputed(inputs: Tensor[], constants: Tensor[], compute: Compute): Tensor {
  return customGradient(
    inputs,
    (given) => ({ value: compute(given, constants), saved: [...given, ...constants] }),
    (dy, saved) => {
      const again = saved.map((x) => ordered(x, [dy]));
      const rest = again.slice(inputs.length);
      const gradients = gradientsAt(again.slice(0, inputs.length), dy, (xs) => compute(xs, rest));
      // What comes before in the model waits for all of these, so that nothing of here is kept until then.
      return [ordered(gradients[0], gradients.slice(1)), ...gradients.slice(1)];
    },
  );
}

/**
 * Gradients of `compute` at the inputs, dy being that of its result, 0 at those that it does not use; for use inside a
 * backward pass.
 */
export function gradientsAt(inputs: Tensor[], dy: Tensor, compute: (inputs: Tensor[]) => Tensor): Tensor[] {
  const { state } = tf.engine();
  // TensorFlow.js forgets the tape of the outer gradients at the end of the inner ones.
  const tape = state.activeTape;
  try {
    const { grads } = tf.engine().gradients(() => compute(inputs), inputs, dy, true);
    return grads.map((gradient: Tensor | undefined, at) => gradient ?? tf.zerosLike(inputs[at]));
  } finally {
    state.activeTape = tape;
  }
}
