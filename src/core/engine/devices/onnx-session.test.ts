import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, test } from 'vitest';
import { Random } from '../../math/random.ts';
import { gatherRows, takeAlongRows } from '../ops/index.ts';
import * as tf from '../tf.ts';
import type { DeviceContext, HostArray, Program } from '../types.ts';
import { bool, float32, int32 } from '../types.ts';
import { deviceChecks } from './checks.ts';
import { EagerDeviceContext } from './eager.ts';
import { OnnxDeviceContext } from './onnx-session.ts';

const onCpu = (threads: number) =>
  new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads, stateOnDevice: false });

const contexts: [string, () => DeviceContext][] = [
  ['compiled', () => onCpu(1)],
  ['eager', () => new EagerDeviceContext('tfjs-gpu', 'cpu')],
];

const ROWS = 500;
const DIM = 64;
const IDS = 6400;
const WIDTH = 129;
const COLUMNS = 300;

/** Both gradients that add at duplicate indices, as one program. */
const scatter: Program = {
  name: 'scatter',
  state: {},
  inputs: {
    table: float32(ROWS, DIM),
    ids: int32(IDS),
    scores: float32(IDS, COLUMNS),
    columns: int32(IDS, WIDTH),
    dy: float32(IDS, DIM),
    dz: float32(IDS, WIDTH),
  },
  run: (_, { table, ids, scores, columns, dy, dz }) => {
    const rows = tf.grad((t) => tf.sum(tf.mul(gatherRows(t, ids), dy)))(table);
    const along = tf.grad((x) => tf.sum(tf.mul(takeAlongRows(x, columns), dz)))(scores);
    return { state: {}, outputs: { rows, along } };
  },
};

/** Ids so skewed that a few rows get most of the additions. */
function skewed(size: number, n: number, random: Random): Int32Array {
  return Int32Array.from({ length: size }, () => Math.floor(n * random.uniform() ** 4));
}

function normals(size: number, random: Random): Float32Array {
  return Float32Array.from({ length: size }, () => random.normal());
}

/** The sums in double precision, and the sums of magnitudes that bound their rounding error. */
function sums(cells: number, at: (k: number) => number, values: Float32Array) {
  const exact = new Float64Array(cells);
  const magnitude = new Float64Array(cells);
  for (let k = 0; k < values.length; k++) {
    exact[at(k)] += values[k];
    magnitude[at(k)] += Math.abs(values[k]);
  }
  return { exact, magnitude };
}

function expectSums(actual: HostArray, { exact, magnitude }: ReturnType<typeof sums>): void {
  let worst = 0;
  for (let k = 0; k < exact.length; k++) {
    worst = Math.max(worst, Math.abs(actual[k] - exact[k]) / Math.max(magnitude[k], 1e-30));
  }
  // 6,400 additions in single precision err by at most 6,400 half units in the last place.
  expect(worst).toBeLessThan(IDS * 2 ** -24);
}

describe('sums over duplicate indices on the CPU provider', () => {
  it('are exact and the same bits on one and two threads, twenty times over', async () => {
    const random = new Random(3);
    const inputs = {
      table: new Float32Array(ROWS * DIM),
      ids: skewed(IDS, ROWS, random),
      scores: new Float32Array(IDS * COLUMNS),
      columns: skewed(IDS * WIDTH, COLUMNS, random),
      dy: normals(IDS * DIM, random),
      dz: normals(IDS * WIDTH, random),
    };
    const [one, two] = [onCpu(1), onCpu(2)];
    const single = await (await one.compile(scatter)).run(inputs);
    const doubled = await two.compile(scatter);
    const { ids, columns } = inputs;
    const rowOf = (k: number) => ids[Math.floor(k / DIM)] * DIM + (k % DIM);
    const cellOf = (k: number) => Math.floor(k / WIDTH) * COLUMNS + columns[k];
    expectSums(single.rows, sums(ROWS * DIM, rowOf, inputs.dy));
    expectSums(single.along, sums(IDS * COLUMNS, cellOf, inputs.dz));
    for (let repeat = 0; repeat < 20; repeat++) {
      const again = await doubled.run(inputs);
      expect(Buffer.compare(bytes(again.rows), bytes(single.rows))).toBe(0);
      expect(Buffer.compare(bytes(again.along), bytes(single.along))).toBe(0);
    }
    await one.dispose();
    await two.dispose();
  });
});

function bytes(array: HostArray): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Reads w after every write of it, so that a buffer used for both would show. */
const swap: Program = {
  name: 'swap',
  state: { w: float32(3, 3), v: float32(3, 3), kept: float32(2), count: int32(), flag: bool(2) },
  inputs: { x: float32(3, 3) },
  run: ({ w, v, kept, count, flag }, { x }) => {
    const first = tf.add(tf.mul(w, 0.25), x);
    const second = tf.add(tf.transpose(first), tf.tanh(tf.matMul(w, v)));
    return {
      // w and v change places as well: each is read while the other is written.
      state: {
        w: tf.mul(v, 0.5),
        v: tf.add(second, w),
        count: tf.add(count, tf.scalar(1, 'int32')),
        flag: tf.logicalNot(flag),
      },
      outputs: { before: w, total: tf.add(tf.sum(second), tf.sum(kept)), count },
    };
  },
};

async function runSwap(context: DeviceContext, steps: number) {
  const random = new Random(5);
  await context.load({
    w: { spec: float32(3, 3), data: normals(9, random) },
    v: { spec: float32(3, 3), data: normals(9, random) },
    kept: { spec: float32(2), data: Float32Array.of(1, 2) },
    count: { spec: int32(), data: Int32Array.of(7) },
    flag: { spec: bool(2), data: Uint8Array.of(0, 1) },
  });
  const executable = await context.compile(swap);
  const seen: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const { before, total, count } = await executable.run({ x: normals(9, random) });
    seen.push([...before, ...total, ...count]);
  }
  const state = await context.read(['w', 'v', 'kept', 'count', 'flag']);
  return { seen, state };
}

describe('state', () => {
  it('is double-buffered: a step reads the old values while it writes new ones', async () => {
    const compiled = onCpu(2);
    const actual = await runSwap(compiled, 7);
    const expected = await runSwap(new EagerDeviceContext('tfjs-gpu', 'cpu'), 7);
    for (const [step, row] of expected.seen.entries()) {
      for (const [k, value] of row.entries())
        expect(actual.seen[step][k], `step ${step}`).toBeCloseTo(value, 3);
    }
    for (const name of ['w', 'v', 'kept', 'count', 'flag']) {
      for (const [k, value] of [...expected.state[name]].entries()) {
        expect(actual.state[name][k], `${name}[${k}]`).toBeCloseTo(value, 3);
      }
    }
    expect([...actual.state.count]).toEqual([14]);
    expect([...actual.state.flag]).toEqual([1, 0]);
    await compiled.dispose();
  });

  it.each(contexts)('belongs to the %s context: no array in or out is its buffer', async (_, open) => {
    const context = open();
    const data = Float32Array.of(1, 2);
    await context.load({ w: { spec: float32(2), data } });
    data[0] = 99;
    const program: Program = {
      name: 'pass through',
      state: { w: float32(2) },
      inputs: { x: float32(2) },
      run: ({ w }, { x }) => ({ state: { w: tf.add(w, x) }, outputs: { old: w, x } }),
    };
    const executable = await context.compile(program);
    const x = Float32Array.of(10, 20);
    const first = await executable.run({ x });
    x[0] = -1;
    first.old[1] = 55;
    const read = await context.read(['w']);
    read.w[0] = 77;
    await executable.run({ x: Float32Array.of(0, 0) });
    await executable.run({ x: Float32Array.of(0, 0) });
    expect([...first.x]).toEqual([10, 20]);
    expect([...first.old]).toEqual([1, 55]);
    expect([...(await context.read(['w'])).w]).toEqual([11, 22]);
    await context.dispose();
  });

  it.each(contexts)('is shared by the programs of a %s context, in any order', async (_, open) => {
    const context = open();
    await context.load({ w: { spec: float32(), data: Float32Array.of(1) } });
    const step = (name: string, change: (w: tf.Tensor) => tf.Tensor): Program => ({
      name,
      state: { w: float32() },
      inputs: {},
      run: ({ w }) => ({ state: { w: change(w) }, outputs: {} }),
    });
    const double = await context.compile(step('double', (w) => tf.mul(w, 2)));
    const increment = await context.compile(step('increment', (w) => tf.add(w, 1)));
    for (const one of [double, increment, increment, double, double, increment]) await one.run({});
    await double.release();
    await increment.run({});
    expect((await context.read(['w'])).w[0]).toBe(18);
    await context.dispose();
  });
});

test('a disposed context has released the programs that were left open', async () => {
  const context = onCpu(1);
  const program: Program = {
    name: 'left open',
    state: {},
    inputs: { x: float32(2) },
    run: (_, { x }) => ({ state: {}, outputs: { y: tf.add(x, x) } }),
  };
  const executable = await context.compile(program);
  const x = Float32Array.of(1, 2);
  expect([...(await executable.run({ x })).y]).toEqual([2, 4]);
  await context.dispose();
  await expect(executable.run({ x })).rejects.toThrow();
});

test('state that is only read is in memory once', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const MIB = 2 ** 20;
  const size = 16 * MIB;
  const context = onCpu(1);
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers / MIB;
  };
  const data = new Float32Array(size).fill(2);
  const before = held();
  await context.load({ w: { spec: float32(size), data } });
  const read = await context.compile({
    name: 'read',
    state: { w: float32(size) },
    inputs: {},
    run: ({ w }) => ({ outputs: { first: tf.slice(w, [0], [1]) } }),
  });
  expect((await read.run({})).first[0]).toBe(2);
  // 64 MiB of values: with the buffer of a step beside them it would be 128.
  expect(held() - before).toBeLessThan(80);
  await context.dispose();
});

describe('mistakes', () => {
  const program: Program = {
    name: 'sum of two',
    state: { w: float32(2) },
    inputs: { x: float32(2) },
    run: ({ w }, { x }) => ({ state: {}, outputs: { y: tf.add(w, x) } }),
  };

  it.each(contexts)('are named by the %s context', async (_, open) => {
    const context = open();
    const executable = await context.compile(program);
    await expect(executable.run({ x: new Float32Array(2) })).rejects.toThrow(/no state named "w"/);
    await expect(context.load({ w: { spec: float32(2), data: new Float32Array(3) } })).rejects.toThrow(
      /"w" has 3 values where its shape asks for 2/,
    );
    await context.load({ w: { spec: float32(2), data: new Float32Array(2) } });
    await expect(executable.run({})).rejects.toThrow(/"sum of two" got no input "x"/);
    await expect(executable.run({ x: new Float32Array(5) })).rejects.toThrow(
      /input "x" has 5 values where its shape asks for 2/,
    );
    await expect(executable.run({ x: new Int32Array(2) })).rejects.toThrow(/input "x" is not a Float32Array/);
    await expect(context.read(['nothing'])).rejects.toThrow(/no state named "nothing"/);
    await expect(executable.run({ x: Float32Array.of(1, 2) })).resolves.toEqual({ y: Float32Array.of(1, 2) });
    await context.dispose();
  });
});

/** Adds to two tensors; x that is not finite leaves the first as it was. */
const guarded: Program = {
  name: 'guarded',
  state: { w: float32(2), steps: float32() },
  inputs: { x: float32() },
  guard: { output: 'bad', state: ['w'] },
  run: ({ w, steps }, { x }) => ({
    state: { w: tf.add(w, x), steps: tf.add(steps, 1) },
    outputs: {
      bad: tf.sub(tf.scalar(1), tf.cast(tf.less(x, tf.scalar(Number.POSITIVE_INFINITY)), 'float32')),
    },
  }),
};

async function expectGuarded(context: DeviceContext): Promise<void> {
  await context.load({
    w: { spec: float32(2), data: Float32Array.of(1, 2) },
    steps: { spec: float32(), data: new Float32Array(1) },
  });
  const executable = await context.compile(guarded);
  for (const x of [1, Number.NaN, Number.POSITIVE_INFINITY, 2])
    await executable.run({ x: Float32Array.of(x) });
  const { w, steps } = await context.read(['w', 'steps']);
  expect([...w, ...steps]).toEqual([4, 5, 4]);
  await context.dispose();
}

it.each(contexts)('leaves the state that a program guards as it was: %s', (_, open) => expectGuarded(open()));

const webgpu = await deviceChecks.check('webgpu');
if (!webgpu.usable) process.stderr.write(`state on webgpu is not tested: ${webgpu.detail}\n`);

describe.skipIf(!webgpu.usable)('state on webgpu', () => {
  const open = () =>
    new OnnxDeviceContext({ id: 'webgpu', provider: 'webgpu', threads: 1, stateOnDevice: true });

  it('is double-buffered, and outlives the executable that wrote it', async () => {
    const context = open();
    const actual = await runSwap(context, 7);
    const expected = await runSwap(new EagerDeviceContext('tfjs-gpu', 'cpu'), 7);
    for (const name of ['w', 'v', 'kept', 'count', 'flag']) {
      for (const [k, value] of [...expected.state[name]].entries()) {
        expect(actual.state[name][k], `${name}[${k}]`).toBeCloseTo(value, 3);
      }
    }
    const halve: Program = {
      name: 'halve',
      state: { kept: float32(2) },
      inputs: {},
      run: ({ kept }) => ({ state: { kept: tf.mul(kept, 0.5) }, outputs: {} }),
    };
    for (let k = 0; k < 3; k++) {
      const executable = await context.compile(halve);
      await executable.run({});
      await executable.release();
    }
    expect([...(await context.read(['kept'])).kept]).toEqual([0.125, 0.25]);
    await context.dispose();
  });

  it('stays as it was where a program guards it', () => expectGuarded(open()));

  it('leaks nothing in 200 loads, runs, reads and compilations', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const context = open();
    const size = 512 * 512;
    const data = new Float32Array(size).fill(1);
    const add: Program = {
      name: 'add',
      state: { w: float32(size) },
      inputs: { x: float32(size) },
      run: ({ w }, { x }) => ({ state: { w: tf.add(w, x) }, outputs: { first: tf.slice(w, [0], [1]) } }),
    };
    const round = async () => {
      await context.load({ w: { spec: float32(size), data } });
      const executable = await context.compile(add);
      await executable.run({ x: data });
      await executable.run({ x: data });
      await executable.release();
      expect((await context.read(['w'])).w[7]).toBe(3);
    };
    const resident = () => {
      collect();
      return process.memoryUsage.rss() / 2 ** 20;
    };
    for (let k = 0; k < 20; k++) await round();
    const before = resident();
    for (let k = 0; k < 200; k++) await round();
    // Each round makes six arrays of 1 MiB on the device; one of them kept would be 200 MiB.
    expect(resident() - before).toBeLessThan(60);
    await context.dispose();
  });
});
