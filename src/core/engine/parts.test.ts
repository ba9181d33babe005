/** A graph in parts computes what the graph in one computes. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { ordered } from './index.ts';
import { TAKEN } from './parts.ts';
import * as tf from './tf.ts';
import { graphNames, record } from './tracer.ts';
import type { Program } from './types.ts';
import { float32, int32 } from './types.ts';

const LAYERS = 30;

/** Floats, whole numbers, booleans and places cross from each layer to the next; a backward pass reads what was made long before. */
const program: Program = {
  name: 'layers',
  state: { w: float32(6, 6) },
  inputs: { x: float32(4, 6), ids: int32(4) },
  run: ({ w }, { x, ids }) => {
    const loss = (weights: tf.Tensor) => {
      let [h, places, seen] = [x, ids, tf.greater(x, 0)];
      for (let layer = 0; layer < LAYERS; layer++) {
        const rows = tf.gather(tf.tanh(tf.matMul(h, weights as tf.Tensor2D)), places);
        h = tf.where(seen, rows, tf.mul(ordered(h, [rows]), 0.5));
        places = tf.minimum(
          tf.sub(tf.scalar(3, 'int32'), places),
          tf.cast(tf.argMax(tf.mul(x, layer - 5), 1), 'int32'),
        );
        seen = tf.logicalNot(tf.logicalAnd(seen, tf.less(x, layer / LAYERS)));
      }
      return tf.sum(tf.mul(h, tf.cast(tf.expandDims(places, 1), 'float32')));
    };
    const { value, grads } = tf.valueAndGrads(loss)([w]);
    return { state: { w: tf.sub(w, grads[0]) }, outputs: { loss: value, ids, again: value } };
  },
};

async function results(parts: boolean): Promise<Record<string, unknown>> {
  const { graph, state, outputs } = record(program, { dynamicSizes: true });
  graph.settle(parts);
  const session = await ort.InferenceSession.create(
    graph.encode(program.name, [...state, ...outputs], { parts }),
  );
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1));
  const feeds: Record<string, ort.Tensor> = {
    [graphNames.stateIn('w')]: new ort.Tensor('float32', numbers(36), [6, 6]),
    [graphNames.input('x')]: new ort.Tensor('float32', numbers(24), [4, 6]),
    [graphNames.input('ids')]: new ort.Tensor('int32', Int32Array.of(2, 0, 3, 1), [4]),
    ...(parts && { [TAKEN]: new ort.Tensor('bool', [true], []) }),
  };
  const given = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(given).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
}

it('parts give what one graph gives, to the last digit', async () => {
  const { graph } = record(program, { dynamicSizes: true });
  // Several parts, or there is nothing to compare.
  expect(graph.nodes.length).toBeGreaterThan(400);
  expect(await results(true)).toEqual(await results(false));
});
