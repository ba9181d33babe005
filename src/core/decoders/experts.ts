/** Feed-forward layers beside each other, of which a router chooses for every token. */
import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

/** Sparse experts as in Mixtral (Jiang et al. 2024, section 2.1); each has a feed-forward layer of its own, `ffnDim` wide. */
export interface Experts {
  count: number;
  /** Of a token: those with the largest probabilities, which are made to sum to 1. */
  used: number;
  /** Weight of the loss that balances them (Fedus et al. 2021, equation 4, with all of a token's experts counted). */
  balance: number;
}

/** What a router decided: probabilities [rows, length, experts], and 1 where an expert is one of the token's. */
export interface Routing {
  probabilities: Tensor;
  chosen: Tensor;
}

/** logits [rows, length, experts]; which experts are chosen has no gradient. */
export function routingOf(logits: Tensor, experts: Experts): Routing {
  const chosen = customGradient(
    [logits],
    ([input]) => ({ value: chosenOf(input, experts), saved: [] }),
    (dy) => [tf.zerosLike(dy)],
  );
  return { probabilities: tf.softmax(logits), chosen };
}

/** 1 for those with the largest logits, of equal ones the first. */
function chosenOf(logits: Tensor, { count, used }: Experts): Tensor {
  const [rows, length] = logits.shape as [number, number];
  const own = tf.reshape(logits, [rows, length, count, 1]);
  const other = tf.reshape(logits, [rows, length, 1, count]);
  const earlier = tf.tensor(
    Array.from({ length: count * count }, (_, cell) => (cell % count < Math.floor(cell / count) ? 1 : 0)),
    [count, count],
  );
  const larger = tf.cast(tf.greater(other, own), 'float32');
  const equal = tf.mul(tf.cast(tf.equal(other, own), 'float32'), earlier);
  const before = tf.sum(tf.add(larger, equal), -1);
  return tf.cast(tf.less(before, used), 'float32');
}

/** Hidden values of all experts, each times its share of the token: hidden [rows, length, experts * width] -> the same shape. */
export function weighed(hidden: Tensor, { probabilities, chosen }: Routing, { count }: Experts): Tensor {
  const [rows, length, width] = hidden.shape as [number, number, number];
  const kept = tf.mul(probabilities, chosen);
  const shares = tf.div(kept, tf.sum(kept, -1, true));
  const apart = tf.reshape(hidden, [rows, length, count, width / count]);
  return tf.reshape(tf.mul(apart, tf.reshape(shares, [rows, length, count, 1])), [rows, length, width]);
}

/** balance * experts * sum_e (share of tokens that use e) * (mean probability of e), over the tokens of all blocks; padding is left out. */
export function balanceLoss(
  routings: readonly Routing[],
  segments: Tensor,
  { count, balance }: Experts,
): Tensor {
  const real = tf.cast(tf.greater(segments, 0), 'float32');
  const [rows, length] = segments.shape as [number, number];
  const tokens = tf.mul(tf.sum(real), routings.length);
  const mean = (part: (routing: Routing) => Tensor) => {
    const sums = routings.map((routing) =>
      tf.sum(tf.reshape(tf.mul(part(routing), tf.reshape(real, [rows, length, 1])), [-1, count]), 0),
    );
    return tf.div(
      sums.reduce((sum, one) => tf.add(sum, one)),
      tokens,
    );
  };
  const [used, probable] = [mean(({ chosen }) => chosen), mean(({ probabilities }) => probabilities)];
  return tf.mul(tf.sum(tf.mul(used, probable)), balance * count);
}
