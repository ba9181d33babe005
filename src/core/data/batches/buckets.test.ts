import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../math/random.ts';
import { leaveLastOut } from '../splits/leave-last-out.ts';
import { assignToBuckets, lengthCounts, mergeRareBuckets, planBuckets, tryAssign } from './buckets.ts';
import { SequenceBatches } from './sequence-batches.ts';

const beauty = join(import.meta.dirname, '../../../../../shared/data/amazon-beauty/sequences.txt');

function interactionsOf(sequences: readonly number[][], items: number) {
  const offsets = new Int32Array(sequences.length + 1);
  for (const [user, { length }] of sequences.entries()) offsets[user + 1] = offsets[user] + length;
  const itemIds = Int32Array.from(sequences.flat());
  return {
    ...{ users: sequences.length, items, catalogueItems: items, offsets, itemIds },
    ...{ times: null, ratings: null },
  };
}

describe('length buckets', () => {
  test('take every user exactly once, in rows that fit', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 300 });
    const sizes = fc.record({
      batchSize: fc.integer({ min: 1, max: 128 }),
      maxTokens: fc.integer({ min: 1, max: 4096 }),
    });
    fc.assert(
      fc.property(lengths, sizes, (all, options) => {
        const buckets = planBuckets(lengthCounts(all), options);
        const dealt = assignToBuckets(all, buckets);
        expect(dealt.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...all.keys()]);
        for (const { bucket, members } of dealt) {
          expect(members.length).toBeLessThanOrEqual(bucket.rows);
          expect(Math.max(...members.map((i) => all[i]))).toBeLessThanOrEqual(bucket.length);
          expect(bucket.rows === 1 || bucket.rows * bucket.length <= options.maxTokens).toBe(true);
        }
      }),
    );
  });

  test("pad batches of MovieLens-1M's kind of lengths by at most a quarter", () => {
    const random = new Random(7);
    const lengths = Array.from({ length: 2000 }, () =>
      Math.max(18, Math.min(200, Math.round(96 * Math.exp(random.normal())))),
    );
    const data = interactionsOf(
      lengths.map((length) => new Array<number>(length + 1).fill(0)),
      1,
    );
    const sizes = { batchSize: 128, microBatchTokens: 8192, maxLength: 200, seed: 1 };
    const batches = new SequenceBatches(data, data.offsets.slice(1), sizes);
    const parts = Array.from({ length: batches.stepsPerEpoch }, (_, step) => batches.step(0, step)).flat();
    const computed = parts.reduce((sum, { shape }) => sum + shape.rows * shape.length, 0);
    const real = parts.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(computed / real).toBeLessThan(1.25);
  });

  test('that are widened take most random batches by using each once', () => {
    const random = new Random(4);
    const all = Array.from(
      { length: 5000 },
      () => 1 + Math.min(49, Math.floor(-6 * Math.log(random.uniform()))),
    );
    const counts = lengthCounts(all);
    const planned = planBuckets(counts, { batchSize: 128, maxTokens: 8192 });
    const wide = mergeRareBuckets(planned, counts, 128);
    expect(wide.map(({ length }) => length)).toEqual(planned.map(({ length }) => length));
    expect(wide.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(128);
    let once = 0;
    for (let batch = 0; batch < 200; batch++) {
      const lengths = Array.from({ length: 128 }, () => all[random.below(all.length)]);
      const dealt = tryAssign(lengths, wide);
      if (!dealt) continue;
      once++;
      expect(dealt.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
      dealt.forEach((members, at) => {
        expect(members.length).toBeLessThanOrEqual(wide[at].rows);
        expect(members.every((i) => lengths[i] <= wide[at].length)).toBe(true);
      });
    }
    expect(once).toBeGreaterThan(190);
  });

  test('are as few as the lengths are different', () => {
    const buckets = planBuckets(lengthCounts([7, 7, 7]), { batchSize: 2, maxTokens: 1000 });
    expect(buckets).toEqual([{ rows: 2, length: 7 }]);
  });

  test.skipIf(!existsSync(beauty))('process at most twice the real tokens of Amazon Beauty', () => {
    const lines = readFileSync(beauty, 'utf8').trim().split('\n');
    const sequences = lines.map((line) =>
      line
        .split(' ')
        .slice(1)
        .map((item) => Number(item) - 1),
    );
    const data = interactionsOf(sequences, 12_101);
    const split = leaveLastOut(data);
    const trainEnd = Int32Array.from({ length: data.users }, (_, user) => split.trainEnd(user));
    const options = { batchSize: 128, maxLength: 50, microBatchTokens: 8192, seed: 1 };
    const batches = new SequenceBatches(data, trainEnd, options);
    let [padded, real] = [0, 0];
    for (let index = 0; index < batches.stepsPerEpoch; index++) {
      for (const { shape, tokens } of batches.step(0, index)) {
        padded += shape.rows * shape.length;
        real += tokens;
      }
    }
    // All but two held-out interactions of every user, less the first, which is never a target.
    expect(real).toBe(batchesTokens(sequences, 50));
    expect(padded / real).toBeLessThanOrEqual(2);
  });
});

function batchesTokens(sequences: number[][], maxLength: number): number {
  return sequences.reduce((sum, sequence) => sum + Math.min(sequence.length - 3, maxLength), 0);
}
