import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interactions } from '../types.ts';
import { type Samples, SequenceBatches } from './sequence-batches.ts';

const MAX_LENGTH = 3;
const sequences = fc.array(fc.array(fc.nat(9), { maxLength: 12 }), { minLength: 1, maxLength: 8 });

/** What each user's rows of an epoch predict: the item and the one before it, as "before after". */
function predicted(all: number[][], samples: Samples): string[][] {
  const offsets = new Int32Array(all.length + 1);
  all.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const data: Interactions = {
    users: all.length,
    items: 10,
    catalogueItems: 10,
    offsets,
    itemIds: Int32Array.from(all.flat()),
    times: null,
    ratings: null,
  };
  const options = { batchSize: 4, maxLength: MAX_LENGTH, microBatchTokens: 100, seed: 1, samples };
  const batches = new SequenceBatches(data, offsets.slice(1), options);
  const found: string[][] = all.map(() => []);
  for (let index = 0; index < batches.stepsPerEpoch; index++) {
    for (const { shape, users, inputs } of batches.step(0, index)) {
      for (let cell = 0; cell < shape.rows * shape.length; cell++) {
        if (inputs.weights[cell] === 0) continue;
        found[users[Math.floor(cell / shape.length)]].push(`${inputs.ids[cell] - 1} ${inputs.targets[cell]}`);
      }
    }
  }
  return found.map((pairs) => pairs.sort());
}

test('windows and prefixes predict all but the first item of a user, users the last ones', () => {
  fc.assert(
    fc.property(sequences, (all) => {
      const pairs = all.map((sequence) => sequence.slice(1).map((item, at) => `${sequence[at]} ${item}`));
      expect(predicted(all, 'users')).toEqual(pairs.map((of) => of.slice(-MAX_LENGTH).sort()));
      const whole = pairs.map((of) => of.sort());
      expect(predicted(all, 'windows')).toEqual(whole);
      expect(predicted(all, 'prefixes')).toEqual(whole);
    }),
  );
});
