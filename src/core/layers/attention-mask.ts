/** Which keys attention may see: constants that are added to its scores. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../engine/tf.ts';

/** Added to masked attention scores. */
export const MASKED = -1e9;

/** Which positions of the source the encoder and the decoder of an encoder-decoder attend to. */
export interface AttentionMasks {
  /** Constant added to the encoder's scores: [source, source] or [rows, 1, 1, source]; without one it attends to everything. */
  encoder?: Tensor;
  /** The same for the decoder's attention to the source: [queries, source] or [rows, 1, 1, source]. */
  cross?: Tensor;
}

/** MASKED where `isMasked` says so, else 0: [queries, keys] */
export function maskWhere(
  queries: number,
  keys: number,
  isMasked: (query: number, key: number) => boolean,
): Tensor {
  const values = new Float32Array(queries * keys);
  for (let query = 0; query < queries; query++) {
    for (let key = 0; key < keys; key++) if (isMasked(query, key)) values[query * keys + key] = MASKED;
  }
  return tf.tensor(values, [queries, keys]);
}

/** Masks the keys after each query: [length, length] */
export function causalMask(length: number): Tensor {
  return maskWhere(length, length, (query, key) => key > query);
}

/** Masks padding: present float32 [rows, source], 1 at real positions -> [rows, 1, 1, source] */
export function paddingMask(present: Tensor): Tensor {
  const [rows, source] = present.shape as [number, number];
  return tf.reshape(tf.mul(tf.sub(1, present), MASKED), [rows, 1, 1, source]);
}
