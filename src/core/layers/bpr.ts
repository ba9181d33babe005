import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../engine/tf.ts';

/** Added inside the logarithm, as RecBole does, so that fixtures agree. */
const GAMMA = 1e-10;
/** Below it sigmoid(margin) is nothing beside gamma, and e^-margin not yet infinite. */
const LOWEST = -80;

/**
 * Bayesian personalised ranking (Rendle et al. 2009): -ln(gamma + sigmoid(margin)), of each margin. Written as
 * softplus(-m) - ln(1 + gamma (1 + e^-m)): a runtime's sigmoid may be flat below -18, and near 1 it has no digits left.
 */
export function bprLosses(margin: Tensor): Tensor {
  const negated = tf.neg(tf.maximum(margin, LOWEST));
  const correction = tf.log(tf.add(tf.mul(tf.add(tf.exp(negated), 1), GAMMA), 1));
  return tf.sub(tf.softplus(negated), correction);
}
