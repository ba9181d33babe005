/** Stages of a model on the rows that all of them have. */
import { expect, test } from 'vitest';
import { compareRuns } from '../../documents/comparison/comparison.ts';
import { Random } from '../../math/random.ts';
import { auc } from '../classification.ts';
import type { ClickPredictions } from '../predictions.ts';
import type { NextItemProtocol, UserRanks } from '../types.ts';
import { compareLadder } from './ladder.ts';

const protocol: NextItemProtocol = {
  ...{ dataset: 'd', split: 'leave-last-out', target: 'test', ties: 'file', candidates: 'interacted-items' },
  ...{ historyFilter: 'all', rankTies: 'pessimistic', cutoffs: [10], selection: 'validation' },
  testHistory: 'with-validation-item',
};

/** Ranks of these users, whose targets are their own numbers but for `others`. */
function ranked(users: readonly number[], seed: number, others: readonly number[] = []) {
  const random = new Random(seed);
  const all = Int32Array.from(users);
  const ranks: UserRanks = {
    ...{ split: 'test', candidates: 100, users: all, topK: 0, topItems: new Int32Array() },
    targets: all.map((user) => (others.includes(user) ? user + 1000 : user)),
    ranks: all.map(() => 1 + random.below(20)),
    historyLengths: all.map(() => 5),
  };
  return { metrics: { 'test/ndcg@10': 0 }, protocol, ranks: [ranks] };
}

/** Answers to these rows, whose labels are given by their numbers. */
function answered(rows: readonly number[], seed: number, skill: number) {
  const random = new Random(seed);
  const all = Int32Array.from(rows);
  const labels = Uint8Array.from(all, (row) => row % 2);
  const said: ClickPredictions = {
    ...{ split: 'test', tasks: ['like'], rows: all, labels: [labels], users: all, items: all },
    logits: [Float32Array.from(labels, (label) => skill * label + random.normal())],
    ...{ itemCounts: all, userCounts: all },
  };
  return { metrics: { 'test/auc': 0 }, predictions: [said] };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

test('of ranks, every row is of the users that all have with the same target', () => {
  const runs = [
    { run: ranked(upTo(0, 60), 1), before: null },
    { run: ranked(upTo(10, 80).reverse(), 2), before: 0 },
    { run: ranked(upTo(0, 80), 3, [12, 13]), before: 1 },
  ];
  const found = compareLadder(runs, 2, 'test/ndcg@10');
  // 10 to 59 without 12 and 13.
  expect(found).toMatchObject({ unit: 'users', count: 48, leftOut: 32 });
  // The comparison of the same users says the same of a pair.
  const shared = upTo(10, 60).filter((user) => user !== 12 && user !== 13);
  const of = (place: number) => {
    const [{ ranks, users, ...others }] = runs[place].run.ranks;
    const places = shared.map((user) => users.indexOf(user));
    const pick = (column: Int32Array) => Int32Array.from(places, (at) => column[at]);
    const alone = { ...others, ranks: pick(ranks), users: pick(users), targets: Int32Array.from(shared) };
    return {
      ...runs[place].run,
      id: String(place),
      name: String(place),
      model: 'm',
      ranks: [alone],
      seed: place,
      config: { place },
    };
  };
  for (const [before, at] of [
    [0, 1],
    [1, 2],
  ]) {
    const { rows } = compareRuns([of(before), of(at)], { metrics: ['test/ndcg@10'] });
    const { significance } = rows[1].cells[0];
    const { difference, interval, p, count } = found?.lines[at].toBefore ?? {};
    expect({ difference, interval, p, count }).toEqual({
      difference: significance?.difference,
      interval: significance?.interval,
      p: significance?.p,
      count: 48,
    });
    const [one, other] = [before, at].map((place) => found?.lines[place].value ?? Number.NaN);
    expect(difference).toBeCloseTo(other - one, 12);
  }
  expect(found?.lines.map(({ toBefore, toTarget }) => [toBefore === null, toTarget === null])).toEqual([
    [true, false],
    [false, false],
    [false, true],
  ]);
});

test('of answers, the AUCs and their differences are of the rows that all answered, whatever their order', () => {
  const [few, many] = [upTo(20, 220), upTo(0, 400)];
  const runs = [
    { run: answered(many, 1, 0.1), before: null },
    { run: answered(few.toReversed(), 2, 2), before: 0 },
    { run: answered(many, 3, 2), before: null },
  ];
  const found = compareLadder(runs, 1, 'test/auc');
  expect(found).toMatchObject({ unit: 'rows', count: 200, leftOut: 200 });
  const of = (place: number) => {
    const [{ rows, labels, logits }] = runs[place].run.predictions;
    const at = few.map((row) => rows.indexOf(row));
    const pick = (values: ArrayLike<number>) => at.map((one) => values[one]);
    return auc(pick(labels[0]), pick(logits[0]));
  };
  const values = [0, 1, 2].map(of);
  expect(found?.lines.map(({ value }) => value)).toEqual(values.map((value) => expect.closeTo(value, 12)));
  expect(found?.lines[1].toBefore).toMatchObject({ test: 'delong', significant: true, count: 200 });
  expect(found?.lines[1].toBefore?.difference).toBeCloseTo(values[1] - values[0], 12);
  // Holm over both that stand beside the target.
  expect(found?.lines[0].toTarget?.holm).toBeCloseTo(2 * (found?.lines[0].toTarget?.p ?? 0), 12);
});

test('nothing is compared with a run that keeps nothing a user', () => {
  const kept = { run: ranked(upTo(0, 9), 1), before: null };
  expect(compareLadder([kept, { run: { metrics: {} }, before: 0 }], 0, 'test/ndcg@10')).toBeNull();
  expect(compareLadder([kept, { run: ranked([50], 1), before: 0 }], 0, 'test/ndcg@10')).toBeNull();
});
