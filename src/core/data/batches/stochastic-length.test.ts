import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interactions } from '../types.ts';
import { type BatchOptions, type MicroBatch, SequenceBatches } from './sequence-batches.ts';
import { StochasticLength } from './stochastic-length.ts';

const alphas = fc.double({ min: 1.01, max: 2, noNaN: true });

test('the threshold, the odds and the places are those of the rule, and follow from seed, epoch and sample', () => {
  fc.assert(
    fc.property(
      alphas,
      fc.integer({ min: 1, max: 400 }),
      fc.nat(400),
      fc.nat(9),
      (alpha, longest, cut, seed) => {
        const n = Math.min(longest, cut);
        const rule = new StochasticLength({ alpha, longest, seed });
        const m = Math.max(1, Math.floor(longest ** (alpha / 2)));
        expect(rule.kept).toBe(m);
        const odds = rule.probability(n);
        // What a history of n costs: as much as N^α, however long it is.
        if (n > m) expect(odds).toBeCloseTo(Math.max(0, 1 - longest ** alpha / n ** 2), 12);
        else expect(odds).toBe(0);
        for (let epoch = 0; epoch < 5; epoch++) {
          const places = rule.draw(n, epoch, 3);
          expect(rule.draw(n, epoch, 3)).toEqual(places);
          if (!places) continue;
          expect(odds).toBeGreaterThan(0);
          expect(places).toHaveLength(m + 1);
          expect(places.at(-1)).toBe(n);
          expect(places[0]).toBeGreaterThanOrEqual(0);
          places.slice(1).forEach((place, at) => {
            expect(place).toBeGreaterThan(places[at]);
          });
        }
      },
    ),
  );
});

test('histories are shortened as often as stated, and every place is kept as often as any other', () => {
  const [longest, n, samples] = [100, 60, 4000];
  const rule = new StochasticLength({ alpha: 1.6, longest, seed: 1 });
  expect(rule.kept).toBe(39);
  const found = new Int32Array(n);
  let shortened = 0;
  for (let sample = 0; sample < samples; sample++) {
    const places = rule.draw(n, 0, sample);
    if (!places) continue;
    shortened++;
    for (const place of places.subarray(0, -1)) found[place]++;
  }
  const odds = 1 - 100 ** 1.6 / 60 ** 2;
  expect(shortened / samples).toBeCloseTo(odds, 1.5);
  for (const times of found) expect(times / shortened).toBeCloseTo(39 / 60, 0.8);
  const expected = rule.expected(Array.from({ length: longest + 1 }, (_, length) => (length === n ? 10 : 0)));
  expect(expected[n]).toBeCloseTo(10 * (1 - odds), 9);
  expect(expected[39]).toBeCloseTo(10 * odds, 9);
  const whole = new StochasticLength({ alpha: 2, longest, seed: 1 });
  for (let length = 0; length <= longest; length++) expect(whole.draw(length, 0, length)).toBeNull();
});

const sequences = fc.array(fc.array(fc.nat(9), { maxLength: 40 }), { minLength: 1, maxLength: 8 });

/** Interactions whose time, rating and actions tell them apart. */
function dataOf(all: number[][]): { data: Interactions; trainEnd: Int32Array } {
  const offsets = new Int32Array(all.length + 1);
  all.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const itemIds = Int32Array.from(all.flat());
  const data = {
    ...{ users: all.length, items: 10, catalogueItems: 10, offsets, itemIds },
    times: Float64Array.from(itemIds, (_, at) => 1000 + at * at),
    ratings: Float32Array.from(itemIds, (_, at) => ((at % 10) + 1) / 2),
    actions: Int32Array.from(itemIds, (_, at) => at % 256),
  };
  return { data, trainEnd: offsets.slice(1) };
}

const columns = { times: 'seen', ratings: true, actions: true, users: true } as const;

function batchesOf(all: number[][], options: Partial<BatchOptions> = {}) {
  const { data, trainEnd } = dataOf(all);
  const given = { batchSize: 3, maxLength: 25, microBatchTokens: 60, seed: 5, columns, ...options };
  return { data, batches: new SequenceBatches(data, trainEnd, given) };
}

function* steps(batches: SequenceBatches, epoch: number): Generator<MicroBatch[]> {
  for (let index = 0; index < batches.stepsPerEpoch; index++) yield batches.step(epoch, index);
}

test('a row has the interactions that stay, with what is theirs, and each predicts the one after it', () => {
  fc.assert(
    fc.property(sequences, alphas, fc.nat(3), (all, alpha, epoch) => {
      const { data, batches } = batchesOf(all, { stochasticLength: alpha });
      const seen = new Set<number>();
      for (const micro of steps(batches, epoch)) {
        const weight = micro.flatMap(({ inputs }) => [...inputs.weights]).reduce((sum, one) => sum + one, 0);
        expect(weight).toBeCloseTo(1, 5);
        for (const { shape, users, inputs } of micro) {
          users.forEach((user, row) => {
            if (user < 0) return;
            expect(seen.has(user)).toBe(false);
            seen.add(user);
            const n = inputs.lengths[row];
            const [first, end] = [data.offsets[user], data.offsets[user + 1]];
            const at = row * shape.length;
            const start = Math.max(first, end - 1 - 25);
            // The place of an interaction is known by its time, that of the row's first one by its rating and its actions.
            const candidates = Array.from({ length: end - 1 - start }, (_, i) => start + i);
            const place = (since: number, from: number) => Math.sqrt(since + from * from);
            const origin = candidates.find(
              (from) =>
                inputs.actions[at] === from % 256 &&
                Number.isInteger(place(inputs.times[at + n - 1], from)) &&
                place(inputs.queryTimes[at + n - 1], from) === end - 1,
            ) as number;
            expect(origin).toBeDefined();
            for (let i = 0; i < n; i++) {
              const own = place(inputs.times[at + i], origin);
              const next = place(inputs.queryTimes[at + i], origin);
              expect(inputs.ids[at + i]).toBe(data.itemIds[own] + 1);
              expect(inputs.targets[at + i]).toBe(data.itemIds[next]);
              expect(inputs.ratings[at + i]).toBe((own % 10) + 1);
              expect(inputs.actions[at + i]).toBe(own % 256);
              if (i + 1 < n) expect(place(inputs.times[at + i + 1], origin)).toBe(next);
            }
          });
        }
      }
      expect(seen.size).toBe(all.filter((one) => one.length > 1).length);
    }),
  );
});

test('an epoch is the same whatever was drawn before it, and α 2 is the same as none', () => {
  fc.assert(
    fc.property(sequences, alphas, fc.boolean(), (all, alpha, joint) => {
      const options = { stochasticLength: alpha, joint };
      const walked = batchesOf(all, options).batches;
      for (const epoch of [0, 1]) expect([...steps(walked, epoch)]).toBeDefined();
      const resumed = batchesOf(all, options).batches;
      expect([...steps(resumed, 2)]).toEqual([...steps(walked, 2)]);
      const off = [...steps(batchesOf(all, { joint }).batches, 1)];
      expect([...steps(batchesOf(all, { stochasticLength: 2, joint }).batches, 1)]).toEqual(off);
      expect([...steps(batchesOf(all, { stochasticLength: 0, joint }).batches, 1)]).toEqual(off);
    }),
  );
});

test('long histories cost less, and other epochs leave out others', () => {
  const all = Array.from({ length: 60 }, (_, user) => Array.from({ length: 200 }, (_, i) => (user + i) % 10));
  const options = { maxLength: 199, batchSize: 20, microBatchTokens: 4000 };
  const tokensOf = (batches: SequenceBatches, epoch: number) =>
    [...steps(batches, epoch)].flat().reduce((sum, { tokens }) => sum + tokens, 0);
  const { batches } = batchesOf(all, { ...options, stochasticLength: 1.5 });
  expect(tokensOf(batchesOf(all, options).batches, 0)).toBe(60 * 199);
  // Of 199, 52 stay, in 93 of 100.
  const share = tokensOf(batches, 0) / (60 * 199);
  expect(share).toBeGreaterThan(0.26);
  expect(share).toBeLessThan(0.45);
  expect(batches.step(0, 0)).not.toEqual(batches.step(1, 0));
});

test('rows with a task of their own are not shortened', () => {
  const task = { added: 1, questions: () => 1, ask: () => [0] } as const;
  expect(() => batchesOf([[1, 2, 3]], { task, stochasticLength: 1.5 })).toThrow('stochasticLength');
});
