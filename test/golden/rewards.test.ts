/** Losses of a policy by rewards and by preferences, advantages and gradients, against PyTorch and TRL. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as tf from '../../src/core/engine/tf.ts';
import {
  grpoLoss,
  preferenceMargins,
  softmaxPreferenceLoss,
} from '../../src/core/families/generative/rewards/objectives.ts';
import { advantagesOf } from '../../src/core/families/generative/rewards/rewards.ts';

type Matrix = number[][];
interface Trained {
  name: string;
  present: Matrix;
  start: Matrix;
  loss: number;
  gradient: Matrix;
}
interface Rewarded extends Trained {
  group: number;
  clip: number;
  beta: number;
  rewards: Matrix;
  drawn: Matrix;
  advantages: number[];
}
interface Preferred extends Trained {
  choices: number;
  scale: number;
}

const fixture = JSON.parse(readFileSync(new URL('rewards-a.json', import.meta.url), 'utf8'));
const { rewarded, preferred } = fixture as { rewarded: Rewarded[]; preferred: Preferred[] };

function expectAlike(ours: ArrayLike<number>, theirs: readonly number[], digits = 5): void {
  expect(ours.length).toBe(theirs.length);
  theirs.forEach((value, at) => {
    expect(ours[at], `place ${at}`).toBeCloseTo(value, digits);
  });
}

test.each(rewarded)('$name: advantages are those of TRL', ({ rewards, advantages }) => {
  expectAlike(rewards.flatMap(advantagesOf), advantages, 9);
});

test.each(rewarded)('$name: loss and gradient of GRPO are those of TRL', (one) => {
  const count = one.present.length;
  const terms = { start: tf.tensor(one.start), weights: tf.fill([count], 1 / count) };
  const given = { drawn: tf.tensor(one.drawn), advantages: tf.tensor(one.advantages) };
  const options = { clipRange: one.clip, klWeight: one.beta };
  expectDerived(one, (logProbabilities) => grpoLoss({ logProbabilities, ...terms }, given, options));
});

test.each(preferred)('$name: loss and gradient over negatives are those of PyTorch', (one) => {
  const rows = one.present.length / one.choices;
  const terms = { start: tf.tensor(one.start), weights: tf.fill([one.present.length], 1 / rows) };
  expectDerived(one, (logProbabilities) => softmaxPreferenceLoss({ logProbabilities, ...terms }, one));
});

test('a negative that is not there counts for nothing', () => {
  const { present, start, choices, scale } = preferred[1];
  const rows = (matrix: Matrix, kept: number) => tf.tensor(matrix.slice(0, kept));
  const weights = tf.tensor([1, 1, 1, 1, 0]);
  const all = { logProbabilities: rows(present, choices), start: rows(start, choices), weights };
  const few = {
    logProbabilities: rows(present, choices - 1),
    start: rows(start, choices - 1),
    weights: tf.ones([choices - 1]),
  };
  const [margin] = preferenceMargins(all, { choices, scale }).dataSync();
  expect(margin).toBeCloseTo(preferenceMargins(few, { choices: choices - 1, scale }).dataSync()[0], 5);
});

test('without a weight, a divergence too large for a number changes neither loss nor gradient', () => {
  // Of two codes, the first has left the start by a factor of e^200.
  const drawn = [[-201], [-0.5]];
  const terms = { start: tf.tensor([[-1], [-0.5]]), weights: tf.tensor([0.5, 0.5]) };
  const given = { drawn: tf.tensor(drawn), advantages: tf.tensor([1, -1]) };
  const loss = (logProbabilities: tf.Tensor) =>
    grpoLoss({ logProbabilities, ...terms }, given, { clipRange: 0.2, klWeight: 0 });
  expectDerived(
    { name: 'far', present: drawn, start: [], loss: 0, gradient: [[-0.5], [0.5]] },
    loss,
  );
});

function expectDerived(one: Trained, loss: (logs: tf.Tensor) => tf.Tensor): void {
  const logs = tf.tensor(one.present);
  expect(loss(logs).dataSync()[0]).toBeCloseTo(one.loss, 5);
  const gradient = tf.grad((x: tf.Tensor) => loss(x))(logs);
  expectAlike(gradient.dataSync(), one.gradient.flat());
}
