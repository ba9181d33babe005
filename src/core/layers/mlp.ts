import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';
import { linear } from './basics.ts';
import { type ParameterSpec, parameter, xavierNormal } from './parameters.ts';

/**
 * Parameters "<name>/<layer>/weight" [in, out] and ".../bias" [out] of layers between the given widths. Weights
 * N(0, 2 / (in + out)), biases N(0, 1 / out), as variances (released code of Naumov et al. 2019).
 */
export function mlpParameters(name: string, widths: readonly number[]): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [inner, outer] = widths.slice(layer, layer + 2);
    specs[`${name}/${layer}/weight`] = parameter([inner, outer], xavierNormal);
    specs[`${name}/${layer}/bias`] = parameter([outer], { kind: 'normal', std: Math.sqrt(1 / outer) });
  }
  return specs;
}

/**
 * x [rows, in] through `layers` linear layers, with ReLU after each, or after all but the last. `drop` is applied after the
 * ReLU of a layer.
 */
export function mlp(
  parameters: Tensors,
  name: string,
  x: Tensor,
  {
    layers,
    activateLast,
    drop,
  }: { layers: number; activateLast: boolean; drop?: (x: Tensor, layer: number) => Tensor },
): Tensor {
  let value = x;
  for (let layer = 0; layer < layers; layer++) {
    value = linear(value, parameters[`${name}/${layer}/weight`], parameters[`${name}/${layer}/bias`]);
    if (layer + 1 === layers && !activateLast) return value;
    value = tf.relu(value);
    if (drop) value = drop(value, layer);
  }
  return value;
}
