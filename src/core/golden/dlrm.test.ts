import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { checkFixture, checkGolden } from './index.ts';
import type { Tensor } from './tensor-compare.ts';

const folder =
  process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'golden');
const published = join(folder, 'dlrm-a.json');

type Parameters = Record<string, Tensor>;

const config = {
  m: 4,
  tables: [6, 25, 13],
  bottom: [3, 5, 4],
  top: [14, 6, 1],
  interaction: 'dot',
  interaction_itself: true,
  pooling: 'sum',
  qr: { threshold: 10, collisions: 4, operation: 'mult' },
};
const ROWS = 5;
/** Bags of several ids, one id and none; ids repeat within a bag. */
const bags = [
  [[0, 5, 5], [], [2], [1, 1], [4]],
  [[24, 3, 24], [7], [], [8, 0, 11, 3], [20]],
  [[12], [], [3, 5], [], [12, 12]],
];
const random = new Random(8);
const draw = (shape: number[]): Tensor => ({
  shape,
  data: Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    () => Math.round(1e4 * random.normal()) / 2e4,
  ),
});

const parameters: Parameters = {
  'emb_l.0.weight': draw([6, 4]),
  'emb_l.1.weight_q': draw([7, 4]),
  'emb_l.1.weight_r': draw([4, 4]),
  'emb_l.2.weight_q': draw([4, 4]),
  'emb_l.2.weight_r': draw([4, 4]),
  'bot_l.0.weight': draw([5, 3]),
  'bot_l.0.bias': draw([5]),
  'bot_l.2.weight': draw([4, 5]),
  'bot_l.2.bias': draw([4]),
  'top_l.0.weight': draw([6, 14]),
  'top_l.0.bias': draw([6]),
  'top_l.2.weight': draw([1, 6]),
  'top_l.2.bias': draw([1]),
};
const dense = draw([ROWS, 3]);
const labels = [1, 0, 0, 1, 0];

const sum = (a: number[], b: number[]) => a.map((x, i) => x + b[i]);
const dot = (a: number[], b: number[]) => a.reduce((total, x, i) => total + x * b[i], 0);
const row = ({ shape, data }: Tensor, i: number) => data.slice(i * shape[1], (i + 1) * shape[1]);
const relu = (x: number[]) => x.map((value) => Math.max(0, value));
const layer = (p: Parameters, name: string, x: number[]) =>
  Array.from({ length: p[`${name}.weight`].shape[0] }, (_, o) => {
    return dot(row(p[`${name}.weight`], o), x) + p[`${name}.bias`].data[o];
  });
const pooled = (table: Tensor, ids: number[]) => ids.map((id) => row(table, id)).reduce(sum, [0, 0, 0, 0]);

/** The definition, one row of data at a time, in double precision. */
function forward(p: Parameters, operation: 'mult' | 'add', example: number) {
  const bottom = relu(layer(p, 'bot_l.2', relu(layer(p, 'bot_l.0', row(dense, example)))));
  const vectors = bags.map((table, t) => {
    const ids = table[example];
    if (t === 0) return pooled(p['emb_l.0.weight'], ids);
    const quotient = pooled(
      p[`emb_l.${t}.weight_q`],
      ids.map((id) => Math.floor(id / 4)),
    );
    const remainder = pooled(
      p[`emb_l.${t}.weight_r`],
      ids.map((id) => id % 4),
    );
    return quotient.map((q, j) => (operation === 'mult' ? q * remainder[j] : q + remainder[j]));
  });
  const all = [bottom, ...vectors];
  const pairs = all.flatMap((a, i) => all.slice(0, i + 1).map((b) => dot(a, b)));
  const interaction = [...bottom, ...pairs];
  const [logit] = layer(p, 'top_l.2', relu(layer(p, 'top_l.0', interaction)));
  const probability = 1 / (1 + Math.exp(-logit));
  const loss = -Math.log(labels[example] === 1 ? probability : 1 - probability);
  return { bottom, vectors, interaction, probability, loss };
}

const batch = (p: Parameters, operation: 'mult' | 'add') =>
  labels.map((_, example) => forward(p, operation, example));
const lossOf = (p: Parameters, operation: 'mult' | 'add' = 'mult') =>
  batch(p, operation).reduce((total, { loss }) => total + loss, 0) / ROWS;

/** Central differences. */
function gradients(p: Parameters, operation: 'mult' | 'add' = 'mult'): Parameters {
  const moved = (name: string, index: number, by: number) => {
    const data = p[name].data.slice();
    data[index] += by;
    return lossOf({ ...p, [name]: { ...p[name], data } }, operation);
  };
  const h = 1e-6;
  return Object.fromEntries(
    Object.entries(p).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((_, i) => (moved(name, i, h) - moved(name, i, -h)) / (2 * h)) },
    ]),
  );
}

function outputs(p: Parameters, operation: 'mult' | 'add') {
  const runs = batch(p, operation);
  const tensor = (rows: number[][]): Tensor => ({ shape: [rows.length, rows[0].length], data: rows.flat() });
  return {
    bottom: tensor(runs.map(({ bottom }) => bottom)),
    bags: bags.map((_, t) => tensor(runs.map(({ vectors }) => vectors[t]))),
    interaction: tensor(runs.map(({ interaction }) => interaction)),
    probabilities: runs.map(({ probability }) => probability),
    loss: lossOf(p, operation),
  };
}

/** Steps on one batch: row-wise Adagrad keeps one state a table's row and one an entry of the layers. */
function steps(optimiser: 'sgd' | 'rwsadagrad') {
  const lr = optimiser === 'sgd' ? 0.1 : 0.05;
  let p = parameters;
  const state: Record<string, number[]> = {};
  const trace: number[] = [];
  const after: Parameters[] = [];
  for (let step = 0; step < 3; step++) {
    trace.push(lossOf(p));
    const g = gradients(p);
    p = Object.fromEntries(
      Object.entries(p).map(([name, { shape, data }]) => {
        const width = name.startsWith('emb') ? shape[1] : 1;
        state[name] ??= new Array(data.length / width).fill(0);
        state[name] = state[name].map((sumOfSquares, r) => {
          const own = g[name].data.slice(r * width, (r + 1) * width);
          return sumOfSquares + dot(own, own) / width;
        });
        const scale = (i: number) =>
          optimiser === 'sgd' ? 1 : 1 / (Math.sqrt(state[name][Math.floor(i / width)]) + 1e-10);
        return [name, { shape, data: data.map((x, i) => x - lr * g[name].data[i] * scale(i)) }];
      }),
    );
    after.push(p);
  }
  const tables = Object.entries(state).filter(([name]) => name.startsWith('emb'));
  const rowStates = Object.fromEntries(tables.map(([name, data]) => [name, { shape: [data.length], data }]));
  return {
    lr,
    eps: 1e-10,
    params_after_1: after[0],
    params_after_3: after[2],
    loss_trace: trace,
    ...(optimiser === 'rwsadagrad' ? { row_state_after_3: rowStates } : {}),
  };
}

function fixture() {
  const flat = bags.map((table) => ({
    ids: table.flat(),
    offsets: table.map((_, example) => table.slice(0, example).flat().length),
  }));
  return {
    model: 'dlrm',
    config,
    params: parameters,
    inputs: {
      dense,
      indices: flat.map(({ ids }) => ids),
      offsets: flat.map(({ offsets }) => offsets),
      labels,
    },
    outputs: outputs(parameters, 'mult'),
    grads: gradients(parameters),
    qr_add: { ...outputs(parameters, 'add'), grads: gradients(parameters, 'add') },
    sgd: steps('sgd'),
    rwsadagrad: steps('rwsadagrad'),
  };
}

describe('DLRM against its definition', () => {
  it('agrees with bags of several ids and none, quotients and remainders, and pairs of a vector with itself', async () => {
    const { pass, errors, maxError } = await checkFixture(fixture());
    expect(maxError).toMatchObject({ output: expect.any(Number), step: expect.any(Number) });
    expect(Object.keys(errors)).toEqual(
      expect.arrayContaining([
        'qr_add.bags.1',
        'qr_add.grads.emb_l.1.weight_r',
        'rwsadagrad.params_after_3.emb_l.2.weight_q',
      ]),
    );
    expect(Object.entries(errors).filter(([, error]) => error > 1e-4)).toEqual([]);
    expect(pass).toBe(true);
  });

  it('notices a table that was not updated', async () => {
    const wrong = fixture();
    wrong.rwsadagrad.params_after_1['emb_l.1.weight_q'] = parameters['emb_l.1.weight_q'];
    expect((await checkFixture(wrong)).pass).toBe(false);
  });
});

describe.skipIf(!existsSync(published))('DLRM against the released code', () => {
  it('agrees within 1e-4, and its metrics within 1e-6', async () => {
    const { pass, errors } = await checkGolden(published);
    expect(pass).toBe(true);
    const metrics = Object.entries(errors).filter(([path]) => path.startsWith('metrics.'));
    expect(metrics.length).toBe(5);
    for (const [path, error] of metrics) expect(error, path).toBeLessThan(1e-6);
  });
});
