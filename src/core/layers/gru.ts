import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { linear } from './basics.ts';
import { parameter, xavierUniform } from './parameters.ts';
import type { TensorTree } from './tree.ts';

/** Weights of one layer: input [in, 3 hidden] and recurrent [hidden, 3 hidden], columns in the order reset, update, new. */
export function gruSpecs(inner: number, hidden: number) {
  return {
    input: parameter([inner, 3 * hidden], xavierUniform),
    recurrent: parameter([hidden, 3 * hidden], xavierUniform),
  };
}

/**
 * States of a gated recurrent unit at every position (Cho et al. 2014, with the reset gate applied after
 * the recurrent product): r, u = sigmoid(x W + h U), n = tanh(x W_n + r (h U_n)), h' = (1 - u) n + u h.
 * x [rows, length, in]; start [rows, hidden] is the state before the first position, zeros where left out,
 * and gets no gradient. Returns [rows, length, hidden]. Position i depends on positions 0..i alone, so
 * padding on the right changes nothing before it.
 */
export function gru(
  x: Tensor,
  { input, recurrent }: TensorTree<ReturnType<typeof gruSpecs>>,
  start?: Tensor,
): Tensor {
  const byTime = tf.transpose(x, [1, 0, 2]);
  const states = recurrence(linear(byTime, input), recurrent, start);
  return tf.transpose(states, [1, 0, 2]);
}

/** The first `length` axis cut into its steps, [rows, ...] each. */
function stepsOf(x: Tensor, width: number[]): Tensor[] {
  const [length, rows] = x.shape as [number, number];
  return tf.split(tf.reshape(x, [length * rows, ...width]), length, 0);
}

function stack(steps: Tensor[]): Tensor {
  const [rows, width] = steps[0].shape as [number, number];
  return tf.reshape(tf.concat(steps, 0), [steps.length, rows, width]);
}

/**
 * The part of the unit that runs step by step: projected [length, rows, 3 hidden] is x W of all steps.
 * The backward pass walks one product and one sum a step; everything else is done for all steps at once.
 */
function recurrence(projected: Tensor, recurrent: Tensor, start?: Tensor): Tensor {
  const [length, rows] = projected.shape as [number, number];
  const hidden = recurrent.shape[0];
  const first = start ?? tf.zeros([rows, hidden]);
  return customGradient(
    [projected, recurrent],
    ([xW, weight]) => {
      const [xGates, xNew] = tf.split(xW, [2 * hidden, hidden], 2);
      const gatesOfStep = stepsOf(xGates, [2 * hidden]);
      const newOfStep = stepsOf(xNew, [hidden]);
      const kept = {
        states: [first],
        gates: [] as Tensor[],
        candidates: [] as Tensor[],
        products: [] as Tensor[],
      };
      for (let t = 0; t < length; t++) {
        const state = kept.states[t];
        const [hGates, hNew] = tf.split(tf.matMul(state, weight), [2 * hidden, hidden], 1);
        const gates = tf.sigmoid(tf.add(gatesOfStep[t], hGates));
        const [reset, update] = tf.split(gates, 2, 1);
        const candidate = tf.tanh(tf.add(newOfStep[t], tf.mul(reset, hNew)));
        kept.states.push(tf.add(candidate, tf.mul(update, tf.sub(state, candidate))));
        kept.gates.push(gates);
        kept.candidates.push(candidate);
        kept.products.push(hNew);
      }
      const saved = [kept.states.slice(0, -1), kept.gates, kept.candidates, kept.products].map(stack);
      return { value: stack(kept.states.slice(1)), saved: [weight, ...saved] };
    },
    (dy, [weight, before, gates, candidate, product]) => {
      const [reset, update] = tf.split(gates, 2, 2);
      // Each factor turns the gradient of a state into that of one pre-activation of its step.
      const toNew = tf.mul(tf.sub(1, update), tf.sub(1, tf.square(candidate)));
      const toReset = tf.mul(tf.mul(toNew, product), tf.mul(reset, tf.sub(1, reset)));
      const toUpdate = tf.mul(tf.sub(before, candidate), tf.mul(update, tf.sub(1, update)));
      const factors = [toReset, toUpdate, tf.mul(toNew, reset)];
      const ofState = throughTime(dy, factors, update, weight);
      const inProduct = factors.map((factor) => tf.mul(ofState, factor));
      const dProduct = tf.reshape(tf.concat(inProduct, 2), [length * rows, 3 * hidden]);
      const states = tf.reshape(before, [length * rows, hidden]);
      const dProjected = tf.concat([inProduct[0], inProduct[1], tf.mul(ofState, toNew)], 2);
      return [dProjected, tf.matMul(states, dProduct, true, false)];
    },
  );
}

/**
 * Gradients of all states, from the last step to the first. dy [length, rows, hidden] are the gradients that
 * come from outside, factors, each [length, rows, hidden], lead from a state to its recurrent product. One
 * product a gate: in one over all three, the order of ONNX Runtime's sums depends on the number of threads.
 */
function throughTime(dy: Tensor, factors: Tensor[], update: Tensor, weight: Tensor): Tensor {
  const [length, rows, hidden] = dy.shape as [number, number, number];
  const outside = stepsOf(dy, [hidden]);
  const factorsOfStep = tf.split(tf.reshape(tf.concat(factors, 1), [3 * length, rows, hidden]), length);
  const updateOfStep = stepsOf(update, [hidden]);
  const back = tf.transpose(tf.reshape(weight, [hidden, 3, hidden]), [1, 2, 0]);
  const gradients = [outside[length - 1]];
  for (let t = length - 1; t > 0; t--) {
    const [current] = gradients;
    const inner = tf.sum(tf.matMul(tf.mul(current, factorsOfStep[t]), back), 0);
    const kept = tf.add(tf.mul(current, updateOfStep[t]), outside[t - 1]);
    gradients.unshift(tf.add(inner, kept));
  }
  return stack(gradients);
}
