import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { anyBatchModel } from './any-batch.ts';
import * as tf from './tf.ts';
import { float32, int32, type Program } from './types.ts';

/** Takes the row's own place of a [rows, 4] input, beside a column of sevens, times a transposed table. */
const program = (rows: number): Program => ({
  name: 'own places',
  state: { table: float32(3, 2) },
  inputs: { values: float32(rows, 4), places: int32(rows) },
  run: ({ table }, { values, places }) => {
    const starts = Int32Array.from({ length: rows }, (_, row) => row * 4);
    const own = tf.gather(tf.reshape(values, [-1]), tf.add(tf.tensor1d(starts, 'int32'), places));
    const pair = tf.concat([tf.reshape(own, [rows, 1]), tf.fill([rows, 1], 7)], 1);
    return { outputs: { products: tf.matMul(pair as tf.Tensor2D, table as tf.Tensor2D, false, true) } };
  },
});

describe('a model of any batch size', () => {
  const table = Float32Array.of(1, 0, 0, 1, 2, 1);

  it.each([1, 2, 7, 101, 250])('computes %i rows, with standard operators alone', async (rows) => {
    const { bytes, outputs } = anyBatchModel(program, { table });
    expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
    expect(Object.keys(outputs)).toEqual(['products']);
    const session = await ort.InferenceSession.create(bytes);
    const values = Float32Array.from({ length: rows * 4 }, (_, at) => at);
    const places = Int32Array.from({ length: rows }, (_, row) => row % 4);
    const { products } = await session.run({
      values: new ort.Tensor('float32', values, [rows, 4]),
      places: new ort.Tensor('int32', places, [rows]),
    });
    const own = Array.from(places, (place, row) => row * 4 + place);
    expect(products.dims).toEqual([rows, 3]);
    expect(Array.from(products.data as Float32Array)).toEqual(own.flatMap((x) => [x, 7, 2 * x + 7]));
    await session.release();
  });

  it('leaves one size of a reshape to the runtime, and no second one', async () => {
    const { bytes } = anyBatchModel(
      (rows) => ({
        name: 'by columns',
        state: {},
        inputs: { x: float32(rows, 6) },
        run: (_, { x }) => {
          const columns = tf.reshape(tf.transpose(x as tf.Tensor2D), [3, 2 * rows]);
          return { outputs: { y: tf.transpose(tf.reshape(columns, [6, rows, 1]), [1, 0, 2]) } };
        },
      }),
      {},
    );
    const session = await ort.InferenceSession.create(bytes);
    const x = Float32Array.from({ length: 30 }, (_, at) => at);
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [5, 6]) });
    expect([y.dims, y.data]).toEqual([[5, 6, 1], x]);
    await session.release();
  });

  const returning = (run: (x: tf.Tensor, rows: number) => tf.Tensor) => (rows: number) => ({
    name: 'odd',
    state: {},
    inputs: { x: float32(rows, 2) },
    run: (_: unknown, { x }: Record<string, tf.Tensor>) => ({ outputs: { y: run(x, rows) } }),
  });

  it.each<[string, (x: tf.Tensor, rows: number) => tf.Tensor]>([
    ['a size', (x, rows) => tf.slice(x, [0, 0], [Math.floor(rows / 2), 2])],
    [
      'a constant',
      (x, rows) =>
        tf.add(
          x,
          tf.tensor(
            Int32Array.from({ length: rows }, (_, i) => i * i),
            [rows, 1],
            'float32',
          ),
        ),
    ],
    ['number of nodes', (x, rows) => (rows > 102 ? tf.add(x, 1) : x)],
    [
      'is a constant',
      (_, rows) =>
        tf.tensor1d(
          Int32Array.from({ length: rows }, (__, i) => i),
          'int32',
        ),
    ],
    ['first axis', (x) => tf.sum(x, 0)],
  ])('is refused where it is not the same for every number of rows: %s', (what, run) => {
    expect(() => anyBatchModel(returning(run), {})).toThrow(what);
  });
});
