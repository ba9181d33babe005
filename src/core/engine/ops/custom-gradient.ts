import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';

/** tfjs hands `save` to the function though its types leave it out of the argument list. */
type Save = (tensors: Tensor[]) => void;
type Gradient = (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
type CustomOp = (...args: (Tensor | Save)[]) => { value: Tensor; gradFunc: Gradient };

/**
 * tf.customGrad for functions of tensors whose gradient needs saved values. `backward` may read no other tensor: TensorFlow.js
 * frees every tensor of the forward pass that is not saved.
 */
export function customGradient(
  inputs: Tensor[],
  forward: (inputs: Tensor[]) => { value: Tensor; saved: Tensor[] },
  backward: (dy: Tensor, saved: Tensor[]) => Tensor[],
): Tensor {
  const op: CustomOp = (...args) => {
    const save = args.at(-1) as Save;
    const { value, saved } = forward(args.slice(0, -1) as Tensor[]);
    save(saved);
    return {
      value,
      gradFunc: (dy, kept) => {
        const gradients = backward(dy, kept);
        return gradients.length === 1 ? gradients[0] : gradients;
      },
    };
  };
  return tf.customGrad(op as Parameters<typeof tf.customGrad>[0])(...inputs);
}

/** What `value` makes of tensors, as a constant: no gradient goes back through it, not even where one of its ops has none. */
export function constantOf(value: () => Tensor): Tensor {
  return customGradient(
    [],
    () => ({ value: value(), saved: [] }),
    () => [],
  );
}
