import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../engine/tf.ts';
import { type LinearSpecs, linearSpecs, project } from './basics.ts';
import { xavierNormal } from './parameters.ts';

/**
 * Linear layers between the given widths. Weights N(0, 2 / (in + out)), biases N(0, 1 / out), as variances (released code
 * of Naumov et al. 2019).
 */
export function mlpSpecs(widths: readonly number[]): LinearSpecs[] {
  return widths
    .slice(1)
    .map((outer, layer) =>
      linearSpecs(widths[layer], outer, xavierNormal, { kind: 'normal', std: Math.sqrt(1 / outer) }),
    );
}

/**
 * x [rows, in] through linear layers, with ReLU after each, or after all but the last. `drop` is applied after the ReLU of a
 * layer.
 */
export function mlp(
  x: Tensor,
  layers: readonly { weight: Tensor; bias?: Tensor }[],
  { activateLast, drop }: { activateLast: boolean; drop?: (x: Tensor, layer: number) => Tensor },
): Tensor {
  let value = x;
  for (const [index, layer] of layers.entries()) {
    value = project(value, layer);
    if (index + 1 === layers.length && !activateLast) return value;
    value = tf.relu(value);
    if (drop) value = drop(value, index);
  }
  return value;
}
