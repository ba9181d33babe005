import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { OnnxDeviceContext } from './devices/onnx-session.ts';
import { tracedSoftmaxLoss } from './ops/softmax-loss.ts';
import * as tf from './tf.ts';
import { TRACE, type TraceOptions } from './trace-backend.ts';
import { record, trace } from './tracer.ts';
import type { Program, Specs, Tensors } from './types.ts';
import { float32, int32 } from './types.ts';

const program = (inputs: Specs, outputs: (inputs: Tensors) => Tensors): Program => ({
  name: 'a program',
  state: {},
  inputs,
  run: (_, fed) => ({ state: {}, outputs: outputs(fed) }),
});

async function results(one: Program, inputs: Record<string, Float32Array>) {
  const context = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const outputs = await (await context.compile(one)).run(inputs);
  await context.dispose();
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, [...values]]));
}

describe('a traced graph', () => {
  it('holds no array of one repeated value, whatever made it', () => {
    const batch = [128 * 200, 64];
    const full = tf.util.sizeFromShape(batch) * 4;
    const traced = trace(
      program({ x: float32(...batch), mask: int32(batch[0]) }, ({ x, mask }) => {
        const loss = (t: tf.Tensor) => {
          const kept = tf.where(tf.equal(tf.expandDims(mask, 1), 0), t, tf.scalar(-1e9));
          const shifted = tf.add(tf.mul(kept, tf.ones(batch)), tf.fill(batch, 0.5));
          const padded = tf.concat([shifted, tf.zeros([8, 64])], 0);
          return tf.add(tf.mean(padded), tf.sum(tf.mul(tf.mean(shifted, 1), tf.sum(shifted, 1))));
        };
        const masked = tf.mul(tf.zerosLike(x), tf.tensor(new Float32Array(full / 4).fill(2), batch));
        return { gradient: tf.grad(loss)(x), masked };
      }),
    );
    // One array of the batch's size would be 6.5 MB.
    expect(traced.bytes.length).toBeLessThan(full / 100);
    expect(traced.outputs).toEqual({
      gradient: { shape: batch, dtype: 'float32' },
      masked: { shape: batch, dtype: 'float32' },
    });
  });

  it('gives out inputs, constants and one value under two names', async () => {
    const one = program({ x: float32(2) }, ({ x }) => {
      const doubled = tf.mul(x, 2);
      return {
        x,
        doubled,
        again: doubled,
        constant: tf.tensor([3, 4]),
        filled: tf.ones([2]),
        after: tf.add(doubled, 1),
      };
    });
    expect(await results(one, { x: Float32Array.of(1, -1) })).toEqual({
      x: [1, -1],
      doubled: [2, -2],
      again: [2, -2],
      constant: [3, 4],
      filled: [1, 1],
      after: [3, -1],
    });
  });

  it('keeps an input that nothing reads out of the way', async () => {
    const one = program({ x: float32(2), unused: float32(3) }, ({ x }) => ({ y: tf.neg(x) }));
    const inputs = { x: Float32Array.of(1, 2), unused: new Float32Array(3) };
    expect(await results(one, inputs)).toEqual({ y: [-1, -2] });
  });

  it('is the same bytes every time', () => {
    const one = program({ x: float32(4, 4) }, ({ x }) => ({ g: tf.grad((t) => tf.sum(tf.softmax(t)))(x) }));
    expect(Buffer.compare(trace(one).bytes, trace(one).bytes)).toBe(0);
  });
});

describe('a program that cannot be traced', () => {
  const fails = (outputs: (inputs: Tensors) => Tensors): void => {
    trace(program({ x: float32(3, 3) }, outputs));
  };

  it('is told which op has no kernel', () => {
    expect(() => fails(({ x }) => ({ y: tf.cumsum(x) }))).toThrow(/Cumsum/);
    expect(() => fails(({ x }) => ({ y: tf.gather(x, tf.zeros([3, 2], 'int32'), 1, 1) }))).toThrow(
      /takeAlongRows/,
    );
  });

  it('is told that values from outside or read inside do not belong', async () => {
    await tf.setBackend('cpu');
    const outside = tf.tensor([1, 2, 3]);
    expect(() => fails(({ x }) => ({ y: tf.add(x, outside) }))).toThrow(/made outside the program/);
    expect(() => fails(({ x }) => ({ y: tf.scalar(x.dataSync()[0]) }))).toThrow(/no values yet/);
    outside.dispose();
  });

  it('leaves the backend and the next trace as they were', async () => {
    await tf.setBackend('cpu');
    const before = tf.memory().numTensors;
    expect(() => fails(({ x }) => ({ y: tf.cumsum(x) }))).toThrow();
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
    expect(trace(program({ x: float32(2) }, ({ x }) => ({ y: tf.exp(x) }))).nodes).toBe(1);
    expect(tf.getBackend()).not.toBe(TRACE);
  });
});

it('transposes of products are nodes of their own for a device that does not fuse them', () => {
  const products = program({ a: float32(3, 40), b: float32(5, 40) }, ({ a, b }) => ({
    right: tf.matMul(a, b, false, true),
    left: tf.matMul(tf.reshape(a, [1, 3, 40]), tf.reshape(a, [1, 3, 40]), true, false),
  }));
  const nodesOf = (fusedProducts?: boolean) =>
    Buffer.from(trace(products, { fusedProducts }).bytes).toString('latin1');
  expect(nodesOf().match(/FusedMatMul/g)).toHaveLength(2);
  expect(nodesOf(false)).not.toContain('FusedMatMul');
  expect(nodesOf(false).match(/Transpose/g)).toHaveLength(2);
});

it('a process whose first program is traced can compute with tensors afterwards', () => {
  // In a process of its own: what other tests have computed by is the backend of this one.
  const script = `
    import * as tf from './tf.ts';
    import { record } from './tracer.ts';
    const inputs = { x: { shape: [2], dtype: 'float32' } };
    record({ state: {}, inputs, run: (_state, { x }) => ({ outputs: { y: x.add(1) } }) });
    console.log(tf.tensor1d([1, 2]).add(1).dataSync().join());
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(said.trim().split('\n').at(-1)).toBe('2,3');
});

it('writes nothing larger in a softmax over many items than a GPU binds, and as before where it binds anything', () => {
  const [tokens, items, dim] = [512, 695_762, 8];
  const largest = (classes: number, options: TraceOptions) => {
    const specs = {
      ...{ states: float32(tokens, dim), table: float32(items, dim) },
      ...{ classes: int32(tokens, classes), weights: float32(tokens) },
    };
    const { graph } = record(
      program(specs, ({ states, table, classes, weights }) => {
        const loss = (h: tf.Tensor, v: tf.Tensor) =>
          tracedSoftmaxLoss({ states: h, table: v, classes, weights }) as tf.Scalar;
        const { value, grads } = tf.valueAndGrads(loss)([states, table]);
        return { loss: value, ofStates: grads[0], ofTable: grads[1] };
      }),
      options,
    );
    return Math.max(...graph.nodes.flatMap(({ output }) => output.map((name) => graph.sizes.get(name) ?? 0)));
  };
  for (const classes of [1, 9]) {
    const most = largest(classes, { fusedProducts: false, mostBytes: 2 ** 27 });
    expect(most).toBeLessThanOrEqual(2 ** 27);
    expect(most).toBeGreaterThan(2 ** 26);
    expect(largest(classes, {})).toBe(256 * items * 4);
  }
});
