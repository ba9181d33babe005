import { createHash } from 'node:crypto';
import { Random } from '../../math/random.ts';
import * as tf from '../tf.ts';
import type { DeviceContext, Program } from '../types.ts';
import { float32, sizeOf } from '../types.ts';

/** What a fixed training came to on a machine: equal digests are equal bits. */
export interface TrainedNumbers {
  digest: string;
  /** Of each step. */
  losses: number[];
}

const STEPS = 20;
/** No multiples of a vector's width, so that kernels have remainders. */
const [ROWS, WIDTH, HIDDEN, CLASSES] = [37, 67, 129, 211];

const weights = { first: float32(WIDTH, HIDDEN), second: float32(HIDDEN, CLASSES) };

const program: Program = {
  name: 'numbers',
  state: weights,
  inputs: { x: float32(ROWS, WIDTH), targets: float32(ROWS, CLASSES) },
  run: ({ first, second }, { x, targets }) => {
    const loss = (a: tf.Tensor, b: tf.Tensor) => {
      const hidden = tf.tanh(tf.matMul(x, a));
      const scores = tf.matMul(hidden, b);
      const shifted = tf.sub(scores, tf.max(scores, 1, true));
      const logits = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
      return tf.neg(tf.mean(tf.sum(tf.mul(targets, logits), 1))) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)([first, second]);
    const stepped = [first, second].map((weight, at) => {
      const size = tf.sqrt(tf.add(tf.mean(tf.square(grads[at])), 1e-8));
      return tf.sub(weight, tf.mul(tf.div(grads[at], size), 0.002));
    });
    return { state: { first: stepped[0], second: stepped[1] }, outputs: { loss: value } };
  },
};

/** Trains a small network of fixed weights and data. */
export async function trainNumbers(context: DeviceContext): Promise<TrainedNumbers> {
  const random = new Random(1, 0, 'numbers');
  const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal() / 8);
  const state = Object.entries(weights).map(([name, spec]) => [
    name,
    { spec, data: draw(sizeOf(spec.shape)) },
  ]);
  await context.load(Object.fromEntries(state));
  const executable = await context.compile(program);
  const x = draw(ROWS * WIDTH);
  const targets = Float32Array.from({ length: ROWS * CLASSES }, (_, at) => Number(at % (CLASSES + 1) === 0));
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) losses.push((await executable.run({ x, targets })).loss[0]);
  const trained = Object.values(await context.read(Object.keys(weights)));
  await executable.release();
  const hash = createHash('sha256');
  for (const array of trained) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return { digest: hash.digest('hex'), losses };
}
