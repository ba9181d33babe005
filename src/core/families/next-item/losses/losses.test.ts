/** Every loss beside its definition, traced and eager, gradients included. */
import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { b, type Case, difference, evaluate, f, given, i } from '../../../../../test/engine/conformance.ts';
import { EagerDeviceContext } from '../../../engine/devices/eager.ts';
import { OnnxDeviceContext } from '../../../engine/devices/onnx-session.ts';
import type { Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { gbce } from './gbce.ts';
import { losses } from './index.ts';

const [rows, length, items, width] = [3, 4, 9, 4];
const tokens = rows * length;

/** The loss of each token; `scores` of ids [tokens, n]. */
type Definition = (x: Tensors, scores: (ids: Tensor) => Tensor) => Tensor;

const scoresOf =
  ({ states, vectors }: Tensors) =>
  (ids: Tensor) =>
    tf.sum(tf.mul(tf.gather(vectors, ids), tf.expandDims(states, 1)), -1);
const column = (x: Tensor) => tf.reshape(x, [-1, 1]);
const weighted = (x: Tensor, { weights }: Tensors) => tf.sum(tf.mul(tf.reshape(x, [-1]), weights));
/** -log softmax of the first of each row, without what is left out. */
const crossEntropy = (first: Tensor, others: Tensor, out: Tensor) => {
  const far = tf.where(out, tf.fill(others.shape, -1e9), others);
  return tf.sub(tf.logSumExp(tf.concat([first, far], 1), 1), tf.reshape(first, [-1]));
};
const lnSigmoid = (x: Tensor) => tf.neg(tf.softplus(tf.neg(x)));
const repeated = (x: Tensor) => tf.tile(tf.reshape(x, [1, -1]), [tokens, 1]);
const own = (x: Tensors) => tf.reshape(x.negatives, [tokens, -1]);

interface LossCase {
  settings: object;
  /** What the loss draws. */
  inputs: Case['inputs'];
  definition: Definition;
}

const ownNegatives = (n: number) => ({ negatives: i([rows, length, n], 0, items) });
const against = (config: object, count = 5): LossCase => ({
  settings: { negatives: count, ...config },
  inputs: ownNegatives(count),
  definition: (x, scores) =>
    crossEntropy(scores(column(x.targets)), scores(own(x)), tf.equal(own(x), column(x.targets))),
});

const cases: Record<keyof typeof losses, LossCase[]> = {
  'full-softmax': [
    {
      settings: {},
      inputs: {},
      definition: (x, scores) => {
        const all = repeated(tf.range(0, items, 1, 'int32'));
        return crossEntropy(scores(column(x.targets)), scores(all), tf.equal(all, column(x.targets)));
      },
    },
  ],
  'sampled-softmax': [
    against({}),
    {
      ...against({ targetAmongNegatives: 'kept' }),
      definition: (x, scores) =>
        crossEntropy(scores(column(x.targets)), scores(own(x)), tf.zeros([tokens, 5], 'bool')),
    },
    {
      settings: { negatives: 5, negativeItems: 'popularity', logQ: 0.5 },
      inputs: { ...ownNegatives(5), targetLogQ: f([rows, length]), negativeLogQ: f([rows, length, 5]) },
      definition: (x, scores) =>
        crossEntropy(
          tf.sub(scores(column(x.targets)), tf.div(column(x.targetLogQ), 2)),
          tf.sub(scores(own(x)), tf.div(tf.reshape(x.negativeLogQ, [tokens, 5]), 2)),
          tf.equal(own(x), column(x.targets)),
        ),
    },
    ...[1, 0].map((logQ) => ({
      settings: { negatives: 6, negativeSharing: 'batch', negativeItems: 'mixed', logQ },
      inputs: { negatives: i([6], 0, items), targetLogQ: f([rows, length]), negativeLogQ: f([6]) },
      definition: ((x, scores) =>
        crossEntropy(
          tf.sub(scores(column(x.targets)), tf.mul(column(x.targetLogQ), logQ)),
          tf.sub(scores(repeated(x.negatives)), tf.mul(repeated(x.negativeLogQ), logQ)),
          tf.equal(repeated(x.negatives), column(x.targets)),
        )) satisfies Definition,
    })),
  ],
  'in-batch-softmax': [
    {
      settings: { negatives: 6 },
      inputs: {
        negatives: i([6], 0, items),
        ...{ targetLogQ: f([rows, length]), negativeLogQ: f([6]), known: b([rows, 6]) },
      },
      definition: (x, scores) => {
        const rowsOf = tf.gather(
          x.known,
          tf.cast(tf.div(tf.range(0, tokens, 1, 'float32'), length), 'int32'),
        );
        return crossEntropy(
          tf.sub(scores(column(x.targets)), column(x.targetLogQ)),
          tf.sub(scores(repeated(x.negatives)), repeated(x.negativeLogQ)),
          rowsOf,
        );
      },
    },
  ],
  bce: [
    {
      settings: {},
      inputs: ownNegatives(1),
      definition: (x, scores) =>
        tf.neg(tf.add(lnSigmoid(scores(column(x.targets))), lnSigmoid(tf.neg(scores(own(x)))))),
    },
  ],
  gbce: [
    {
      settings: { negatives: 3, calibration: 0.75 },
      inputs: ownNegatives(3),
      // The logarithm of a probability to the power of beta.
      definition: (x, scores) => {
        const beta = (3 / 8) * ((1 - 8 / 3) * 0.75 + 8 / 3);
        const target = tf.mul(lnSigmoid(scores(column(x.targets))), beta);
        const others = tf.sum(lnSigmoid(tf.neg(scores(own(x)))), 1, true);
        return tf.div(tf.neg(tf.add(target, others)), 4);
      },
    },
  ],
  bpr: [
    {
      settings: {},
      inputs: ownNegatives(1),
      definition: (x, scores) => tf.neg(lnSigmoid(tf.sub(scores(column(x.targets)), scores(own(x))))),
    },
  ],
  sce: [
    {
      settings: { buckets: 3, bucketStates: 4, bucketItems: 5 },
      inputs: { directions: f([3, width]) },
      definition: sceByHand(4, 5),
    },
    // Everything is in every bucket: the full softmax.
    {
      settings: { buckets: 2, bucketStates: 50, bucketItems: 50 },
      inputs: { directions: f([2, width]) },
      definition: sceByHand(50, 50),
    },
  ],
};

/** Buckets as lists, and for each token the one in which its loss is largest. */
function sceByHand(mostStates: number, mostItems: number): Definition {
  return (x) => {
    const along = (rowsOf: Tensor) => tf.matMul(x.directions, rowsOf, false, true).arraySync() as number[][];
    const best = (values: number[], most: number, isIn = (_: number) => true) =>
      [...values.keys()]
        .filter(isIn)
        .sort((one, other) => values[other] - values[one])
        .slice(0, most);
    const weights = [...x.weights.dataSync()];
    const targets = [...x.targets.dataSync()];
    const [ofStates, ofItems] = [along(x.states), along(x.vectors)];
    const scores = tf.matMul(x.states, x.vectors, false, true);
    const found = targets.map((target, token) => {
      const ofBuckets = ofStates.flatMap((values, bucket) => {
        if (!best(values, mostStates, (at) => weights[at] > 0).includes(token)) return [];
        const others = best(ofItems[bucket], mostItems).filter((item) => item !== target);
        const row = tf.gather(tf.reshape(tf.slice(scores, [token, 0], [1, -1]), [-1]), [target, ...others]);
        return [tf.sub(tf.logSumExp(row), tf.slice(row, [0], [1]))];
      });
      return ofBuckets.sort((one, other) => other.dataSync()[0] - one.dataSync()[0])[0] ?? null;
    });
    const counted = found.map((loss, token) => (loss ? weights[token] : 0));
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const scale = all / counted.reduce((sum, weight) => sum + weight, 0);
    return tf.concat(found.map((loss) => tf.mul(tf.reshape(loss ?? tf.scalar(0), [1]), loss ? scale : 0)));
  };
}

/** Padding at the end of rows; a target may be among its negatives. */
const common: Case['inputs'] = {
  states: f([tokens, width]),
  vectors: f([items, width]),
  targets: i([tokens], 0, items),
  weights: given(
    'float32',
    [tokens],
    [3, 3, 3, 0, 2, 1, 0, 0, 4, 4, 0, 0].map((x) => x / 20),
  ),
};

const all = Object.entries(cases).flatMap(([id, ofLoss]) =>
  ofLoss.map((one, at) => ({ id: id as keyof typeof losses, name: `${id} ${at}`, ...one })),
);

function caseOf({ name, inputs }: (typeof all)[number], loss: (x: Tensors) => Tensor): Case {
  // The gradient that arrives is not 1.
  return {
    name,
    inputs: { ...common, ...inputs },
    run: (x) => tf.mul(loss(x), 3),
    gradients: ['states', 'vectors'],
  };
}

const ours = all.map((one) => {
  const { value } = losses[one.id].of(one.settings as Record<string, unknown>);
  return caseOf(one, ({ states, vectors, targets, weights, ...inputs }) => {
    const padded = tf.concat([tf.ones([1, width]), vectors], 0);
    return value([{ states, targets, weights, inputs }], { table: padded, leading: 1, vectors });
  });
});
const defined = all.map((one) => caseOf(one, (x) => weighted(one.definition(x, scoresOf(x)), x)));

describe('every loss equals its definition', () => {
  let cpu: OnnxDeviceContext;
  beforeAll(() => {
    cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  });
  afterAll(() => cpu.dispose());

  it.each([
    ['eagerly', () => new EagerDeviceContext('tfjs-gpu', 'cpu')],
    ['traced', () => cpu],
  ] as const)('%s', async (_, device) => {
    const actual = await evaluate(device(), ours);
    const expected = await evaluate(new EagerDeviceContext('tfjs-gpu', 'cpu'), defined);
    expect(Object.keys(expected)).toHaveLength(3 * all.length);
    for (const [name, { values }] of Object.entries(expected))
      expect(difference(actual[name].values, values, 2e-5), name).toBeNull();
  });

  it('in several micro-batches as in one, where nothing is shared', async () => {
    const apart = all.filter(({ inputs }) => !inputs.directions && inputs.negatives?.shape[0] !== 6);
    expect(apart.length).toBeGreaterThan(5);
    const split = apart.map((one) => {
      const { value } = losses[one.id].of(one.settings as Record<string, unknown>);
      return caseOf(one, ({ vectors, ...x }) => {
        const part = (from: number, count: number) =>
          Object.fromEntries(
            Object.entries(x).map(([key, tensor]) => {
              const each = key in common ? length : 1;
              return [key, tf.slice(tensor, from * each, count * each)];
            }),
          ) as Tensors;
        const batches = [part(0, 1), part(1, 2)].map(({ states, targets, weights, ...inputs }) => ({
          ...{ states, targets, weights, inputs },
        }));
        return value(batches, { table: tf.concat([tf.ones([1, width]), vectors], 0), leading: 1, vectors });
      });
    });
    const actual = await evaluate(cpu, split);
    for (const [name, { values }] of Object.entries(await evaluate(cpu, ours)))
      if (name in actual) expect(difference(actual[name].values, values, 1e-5), name).toBeNull();
  });
});

interface Published {
  items: number;
  negatives: number;
  calibration: number;
  logits: number[];
  mask: number[];
  loss: number;
  gradient: number[];
}

test('gbce gives the loss and the gradients of its published code', async () => {
  const file = new URL('../../../../../test/golden/gbce-a.json', import.meta.url);
  const { cases: published } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Published[] };
  const context = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  for (const one of published) {
    const [count, each] = [one.mask.length, one.negatives + 1];
    const real = one.mask.reduce((sum, x) => sum + x, 0);
    const integers = (values: number[], shape: number[]) =>
      tf.tensor(Int32Array.from(values), shape, 'int32');
    const run = ({ logits, weights }: Tensors) => {
      // The state of a token picks its logit out of each item, the target being the first.
      const unit = Array.from({ length: count ** 2 }, (_, at) => (at % (count + 1) === 0 ? 1 : 0));
      const states = tf.tensor(unit, [count, count]);
      const vectors = tf.concat([tf.transpose(logits), tf.zeros([one.items - each, count])], 0);
      const targets = integers(Array(count).fill(0), [count]);
      const others = Array.from({ length: count * (each - 1) }, (_, at) => 1 + (at % (each - 1)));
      const inputs = { negatives: integers(others, [count, each - 1]) };
      const { value } = gbce.of({ negatives: one.negatives, calibration: one.calibration });
      return value([{ states, targets, weights, inputs }], { table: vectors, leading: 0, vectors });
    };
    const weights = one.mask.map((x) => x / real);
    const inputs = {
      logits: given('float32', [count, each], one.logits),
      weights: given('float32', [count], weights),
    };
    const found = await evaluate(context, [{ name: 'gbce', inputs, run, gradients: ['logits'] }]);
    expect(found['gbce/output 0'].values[0] / one.loss).toBeCloseTo(1, 5);
    // What is differentiated is weighted.
    const gradient = Float32Array.from(one.gradient, (x) => x * Math.sin(1));
    expect(difference(found['gbce/gradient of logits'].values, gradient, 1e-5)).toBeNull();
  }
  await context.dispose();
});
