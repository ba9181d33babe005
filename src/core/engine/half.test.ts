/** Graphs with float16 products: what is float16 in them, and that it is right. */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { Random } from '../math/random.ts';
import { EagerDeviceContext } from './devices/eager.ts';
import { requirePrecision, tryHalves } from './devices/half.ts';
import { onDevice } from './devices/index.ts';
import * as tf from './tf.ts';
import { graphNames, record, trace } from './tracer.ts';
import { float32, type HostArrays, type Program, type Tensors } from './types.ts';

const inputs = { a: float32(2, 5, 7), b: float32(2, 5, 7), c: float32(7, 3) };
const names = ['plain', 'left', 'right', 'both'];
const random = new Random(1, 0, 'half');
const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal());
const values: HostArrays = { a: draw(70), b: draw(70), c: draw(21) };

/** Products with either side transposed, and the gradients of them. */
const program: Program = {
  name: 'products',
  state: {},
  inputs,
  precision: 'float16',
  run: (_, { a, b, c }) => {
    const results = (x: tf.Tensor, y: tf.Tensor, z: tf.Tensor): Tensors => ({
      plain: tf.matMul(x, tf.reshape(tf.tile(z, [2, 1]), [2, 7, 3])),
      left: tf.matMul(x, y, true, false),
      right: tf.matMul(x, y, false, true),
      both: tf.matMul(x, tf.transpose(y, [0, 2, 1]), true, true),
    });
    const loss = (...given: tf.Tensor[]) =>
      Object.values(results(given[0], given[1], given[2]))
        .map((x) => tf.sum(tf.square(x)))
        .reduce((sum, x) => tf.add(sum, x)) as tf.Scalar;
    const [ofA, ofB, ofC] = tf.valueAndGrads(loss)([a, b, c]).grads;
    return { outputs: { ...results(a, b, c), ofA, ofB, ofC } };
  },
};

/** As ONNX Runtime computes it on the CPU, which has no float16 kernels and puts float32 ones in their place. */
async function computed(): Promise<Record<string, ArrayLike<number>>> {
  const { bytes, outputs } = trace(program, { halves: 'computed' });
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
  });
  const feeds = Object.entries(inputs).map(([name, { shape }]) => [
    graphNames.input(name),
    new ort.Tensor('float32', values[name] as Float32Array, shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(
    Object.keys(outputs).map((name) => [name, results[graphNames.output(name)].data as Float32Array]),
  );
}

const run = (precision: Program['precision']) =>
  onDevice('cpu', { threads: 1 }, async (device) =>
    (await device.compile({ ...program, precision })).run(values),
  );

test('products come out as those of float32 within the error of float16, however a device has them', async () => {
  const exact = await run('float32');
  for (const [kind, found] of Object.entries({ computed: await computed(), rounded: await run('float16') })) {
    expect(Object.keys(found)).toEqual([...names, 'ofA', 'ofB', 'ofC']);
    for (const [name, values] of Object.entries(exact)) {
      const scale = Math.max(...Array.from(values, Math.abs));
      const worst = Math.max(...Array.from(values, (value, at) => Math.abs(found[name][at] - value)));
      expect(worst / scale, `${kind} ${name}`).toBeLessThan(2e-3);
      // Not float32 in disguise.
      if (kind === 'rounded') expect(worst, name).toBeGreaterThan(1e-5 * scale);
    }
  }
});

test('every product has float16 operands where they are computed, each cast once; none where nothing asks for them', () => {
  const nodesOf = (halves?: 'computed' | 'rounded') => record(program, { halves }).graph.nodes;
  const plain = nodesOf();
  const isProduct = ({ opType }: { opType: string }) => /MatMul/.test(opType);
  expect(plain.some(({ opType }) => opType === 'Cast')).toBe(false);
  const nodes = nodesOf('computed');
  expect(nodes.filter(isProduct)).toHaveLength(plain.filter(isProduct).length);
  expect(nodes.some(({ opType }) => opType === 'FusedMatMul')).toBe(false);
  const maker = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node])));
  const isHalf = (name: string): boolean => {
    const node = maker.get(name);
    if (node?.opType === 'Transpose') return isHalf(node.input[0]);
    return node !== undefined && (isProduct(node) || JSON.stringify(node.attribute).includes('"i":10'));
  };
  for (const { input } of nodes.filter(isProduct)) expect(input.every(isHalf)).toBe(true);
  const casts = nodes
    .filter(({ opType }) => opType === 'Cast')
    .map(({ input, attribute }) => JSON.stringify([input, attribute]));
  expect(new Set(casts).size).toBe(casts.length);
});

/** A device whose matrix product comes out as `share` times the right value. */
const stub = (share: number) => async () => ({
  run: async ({ a }: HostArrays) => ({
    product: Float32Array.from({ length: 256 }, (_, at) => share * 8192 * a[Math.floor(at / 16) * 8192]),
  }),
  release: async () => {},
});

test('a device has them where it computes long sums right, and says in one line why not', async () => {
  expect(await tryHalves(stub(1))).toEqual({ are: 'computed' });
  expect(await tryHalves(stub(0.25))).toMatchObject({ are: 'missing' });
  expect(await tryHalves(stub(Number.NaN))).toMatchObject({ are: 'missing' });
  expect(await tryHalves(() => Promise.reject(new Error('no kernel')))).toMatchObject({ are: 'missing' });
  const eager = new EagerDeviceContext('tfjs-gpu', 'cpu');
  expect(await requirePrecision(eager, 'float32')).toBeNull();
  await expect(requirePrecision(eager, 'float16')).rejects.toThrow(
    'config "precision": the device "tfjs-gpu" has no products of float16 numbers (TensorFlow.js computes none); set ' +
      'precision=float32, or choose another device',
  );
});
