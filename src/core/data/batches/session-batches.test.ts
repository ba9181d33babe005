import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interactions } from '../types.ts';
import { SessionBatches } from './session-batches.ts';

const sequences = fc.array(fc.array(fc.nat(9), { maxLength: 12 }), { minLength: 1, maxLength: 12 });

function interactions(all: number[][]): Interactions {
  const offsets = new Int32Array(all.length + 1);
  all.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const itemIds = Int32Array.from(all.flat());
  const [users, items] = [all.length, 10];
  return { users, items, catalogueItems: items, offsets, itemIds, times: null, ratings: null };
}

test('an epoch predicts every interaction once, and carries a state only along a sequence', () => {
  fc.assert(
    fc.property(sequences, fc.integer({ min: 1, max: 7 }), fc.nat(), (all, batchSize, seed) => {
      const data = interactions(all);
      const options = { batchSize, negatives: { count: 0, alpha: 0 }, seed };
      const batches = new SessionBatches(data, data.offsets.slice(1), options);
      const seen = new Map<number, string[]>();
      const streams: string[][] = Array.from({ length: batchSize }, () => []);
      for (let index = 0; index < batches.stepsPerEpoch; index++) {
        const [{ users, inputs, tokens }] = batches.step(3, index);
        expect(Array.from(inputs.weights).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
        for (let row = 0; row < tokens; row++) {
          if (!inputs.continues[row]) streams[row] = [];
          const of = seen.get(users[row]) ?? [];
          of.push(`${inputs.ids[row] - 1} ${inputs.targets[row]}`);
          seen.set(users[row], of);
          streams[row].push(`${users[row]}`);
          expect(new Set(streams[row]).size).toBe(1);
        }
      }
      all.forEach((sequence, user) => {
        const expected = sequence.slice(1).map((item, i) => `${sequence[i]} ${item}`);
        expect((seen.get(user) ?? []).sort()).toEqual(expected.sort());
      });
    }),
  );
});

test('negatives follow the power of popularity, and the odds count targets and negatives', () => {
  // Item k stands 2^k times; the last item never.
  const row = [0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3];
  const data = interactions([row]);
  const [count, alpha, batchSize] = [40_000, 0.5, 4];
  const batches = new SessionBatches(data, Int32Array.of(row.length), {
    batchSize,
    negatives: { count, alpha },
    seed: 1,
  });
  const [{ inputs }] = batches.step(0, 0);
  const drawn = new Array(10).fill(0);
  for (const item of inputs.negatives) drawn[item]++;
  const odds = [0, 1, 2, 3].map((k) => 2 ** (k * alpha));
  const sum = odds.reduce((a, b) => a + b);
  odds.forEach((share, item) => {
    expect(drawn[item] / count).toBeCloseTo(share / sum, 1.7);
    const at = inputs.negatives.indexOf(item);
    const expected = (batchSize * 2 ** item) / row.length + (count * share) / sum;
    expect(Math.exp(inputs.negativeLogQ[at])).toBeCloseTo(expected, -1);
  });
  expect(drawn.slice(4)).toEqual([0, 0, 0, 0, 0, 0]);
});
