import type { Tensor } from '@tensorflow/tfjs';
import { constantOf, float32, gatherRows } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { FAR_BELOW } from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { type ItemRows, joined, lossFunction, type Predicted } from './loss.ts';

/**
 * Scalable cross-entropy (Mezentsev et al. 2024, arXiv:2409.18721, section 3): the states and the items that lie farthest in a
 * random direction meet in its bucket, and a state's target stands in a softmax against the items of the bucket. A state in
 * several buckets counts in the one where its loss is largest, one in none not at all: the mean is over those that count.
 */
export const sce = lossFunction({
  phrase: 'scalable cross-entropy',
  summary: 'softmax over items in the same bucket of a random projection (SCE)',
  settings: {
    buckets: field.positiveInt('Random directions of sce, new ones in every step').default(64),
    bucketStates: field.positiveInt('Positions in each bucket of sce').default(256),
    bucketItems: field.positiveInt('Items in each bucket of sce').default(256),
  },
  isSoftmax: true,
  candidates: ({ buckets, bucketItems }, items) => Math.min(items, buckets * bucketItems),
  draws: ({ buckets }, { width }) => ({ directions: { kind: 'step-normal', spec: float32(buckets, width) } }),
  hostInputs: () => 'the scalable cross-entropy looks through all items in every step',
  value: (batches, { vectors }, { bucketStates, bucketItems }) => {
    const all = joined(batches);
    const { directions } = batches[0].inputs;
    const states = farthest(all.states, directions, bucketStates, all.weights);
    const items = farthest(vectors, directions, bucketItems);
    const losses = bucketLosses(all, vectors, states, items);
    const shares = constantOf(() => sharesOfLargest(losses, states, all.targets.size));
    const weights = tf.mul(shares, gatherFlat(all.weights, states));
    const total = tf.div(tf.sum(tf.mul(losses, weights)), tf.maximum(tf.sum(weights), 1e-12));
    return tf.mul(total, tf.sum(all.weights));
  },
});

/** The rows [n, width] that lie farthest in each direction, of a positive weight where there are weights: int32 [buckets, most]. */
function farthest(rows: Tensor, directions: Tensor, most: number, weights?: Tensor): Tensor {
  return constantOf(() => {
    const along = tf.matMul(directions, rows, false, true);
    const real = weights && tf.reshape(tf.greater(weights, 0), [1, -1]);
    const open = real
      ? tf.where(tf.tile(real, [along.shape[0], 1]), along, tf.fill(along.shape, -1e30))
      : along;
    return tf.topk(open, Math.min(most, rows.shape[0])).indices;
  });
}

const gatherFlat = (x: Tensor, indices: Tensor) => tf.gather(x, tf.reshape(indices, [-1]));

/** -log softmax of each state's target against the items of its bucket: [buckets * states of a bucket]. */
function bucketLosses(
  { states, targets }: Predicted,
  vectors: ItemRows['vectors'],
  chosen: Tensor,
  items: Tensor,
): Tensor {
  const [buckets, count] = chosen.shape as [number, number];
  const most = items.shape[1] as number;
  const width = states.shape[1] as number;
  const rowsOf = (x: Tensor, of: Tensor) =>
    tf.reshape(gatherRows(x, tf.reshape(of, [-1])), [buckets, -1, width]);
  const others = tf.matMul(rowsOf(states, chosen), rowsOf(vectors, items), false, true);
  const ownTargets = tf.reshape(gatherFlat(targets, chosen), [buckets, count, 1]);
  const isTarget = tf.equal(ownTargets, tf.expandDims(items, 1));
  const open = tf.where(isTarget, tf.fill(others.shape, FAR_BELOW), others);
  const ofTargets = tf.sum(tf.mul(states, gatherRows(vectors, targets)), -1);
  const first = tf.reshape(gatherFlat(ofTargets, chosen), [-1, 1]);
  const logits = tf.concat([first, tf.reshape(open, [-1, most])], 1);
  return tf.neg(tf.reshape(tf.slice(tf.logSoftmax(logits), [0, 0], [-1, 1]), [-1]));
}

/** 1 where a loss is the largest of its token, or its share where several are, else 0: as `losses`. */
function sharesOfLargest(losses: Tensor, chosen: Tensor, tokens: number): Tensor {
  const buckets = chosen.shape[0];
  const starts = tf.tensor(
    Int32Array.from({ length: buckets }, (_, at) => at * tokens),
    [buckets, 1],
    'int32',
  );
  const cells = tf.reshape(tf.add(chosen, starts), [-1]) as tf.Tensor1D;
  const spread = (x: Tensor) =>
    tf.reshape(tf.unsortedSegmentSum(x, cells, buckets * tokens), [buckets, tokens]);
  const isThere = tf.greater(spread(tf.onesLike(losses)), 0);
  const found = tf.where(isThere, spread(losses), tf.fill(isThere.shape, -1));
  const isLargest = tf.logicalAnd(isThere, tf.equal(found, tf.max(found, 0, true)));
  const counts = tf.cast(isLargest, 'float32');
  const shares = tf.div(counts, tf.maximum(tf.sum(counts, 0, true), 1));
  return tf.gather(tf.reshape(shares, [-1]), cells);
}
