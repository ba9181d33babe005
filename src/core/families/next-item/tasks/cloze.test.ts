import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, given } from '../../../../../test/engine/conformance.ts';
import { SequenceBatches } from '../../../data/batches/sequence-batches.ts';
import type { Interactions } from '../../../data/types.ts';
import { EagerDeviceContext } from '../../../engine/devices/eager.ts';
import { tasks } from './index.ts';

const MAX_LENGTH = 9;

function dataOf(sequences: number[][]): Interactions {
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const itemIds = Int32Array.from(sequences.flat());
  const sizes = { users: sequences.length, items: 10, catalogueItems: 10 };
  return { ...sizes, offsets, itemIds, times: null, ratings: null };
}

interface Asked {
  /** Of each user by position: the item where it is asked for, else null. */
  rows: Record<number, (number | null)[]>;
  /** Sum of the weights of each step. */
  weights: number[];
}

/** What an epoch asks. Checks that a row shows all but what it asks for, and stands for the end of its sequence. */
function asked(sequences: number[][], epoch: number, microBatchTokens: number, settings = {}): Asked {
  const data = dataOf(sequences);
  const { rows: task } = tasks.cloze.of(settings);
  const options = { batchSize: 4, maxLength: MAX_LENGTH, microBatchTokens, seed: 1, task };
  const batches = new SequenceBatches(data, data.offsets.slice(1), options);
  const found: Asked = { rows: {}, weights: [] };
  for (let index = 0; index < batches.stepsPerEpoch; index++) {
    let sum = 0;
    for (const { shape, users, inputs } of batches.step(epoch, index)) {
      const { ids, special, lengths, asked: at, targets, weights } = inputs;
      const questions = at.length / shape.rows;
      for (const [row, user] of users.entries()) {
        if (user < 0) continue;
        const start = row * shape.length;
        const own = sequences[user].slice(-MAX_LENGTH - 1);
        const told = own.map((): number | null => null);
        for (let i = row * questions; i < (row + 1) * questions; i++)
          if (weights[i] > 0) told[at[i] - start] = targets[i];
        expect(lengths[row]).toBe(own.length);
        expect([...ids.subarray(start, start + own.length)]).toEqual(
          own.map((item, position) => (told[position] === null ? item + 1 : 0)),
        );
        expect([...special.subarray(start, start + shape.length)].map(Boolean)).toEqual(
          Array.from({ length: shape.length }, (_, position) => (told[position] ?? null) !== null),
        );
        expect(told.map((item, position) => item ?? own[position])).toEqual(own);
        found.rows[user] = told;
      }
      for (const weight of weights) sum += weight;
    }
    found.weights.push(sum);
  }
  return found;
}

const sequences = fc.array(fc.array(fc.nat(9), { maxLength: 14 }), { minLength: 1, maxLength: 9 });

test('the same items are hidden in one micro-batch and in many, and those of a step weigh 1', () => {
  fc.assert(
    fc.property(sequences, fc.nat(5), (all, epoch) => {
      const [whole, parts] = [1000, 12].map((tokens) => asked(all, epoch, tokens));
      expect(parts.rows).toEqual(whole.rows);
      expect(Object.keys(whole.rows).length).toBe(all.filter((sequence) => sequence.length > 1).length);
      for (const sum of [...whole.weights, ...parts.weights]) expect(sum).toBeCloseTo(1, 5);
    }),
  );
});

const long = Array.from({ length: 200 }, (_, user) => Array.from({ length: 10 }, (_, i) => (user + i) % 10));
const hiddenOf = ({ rows }: Asked) => Object.values(rows).map((row) => row.map((item) => item !== null));

test('hides the stated share of a row, or in the stated share of rows the last item alone', () => {
  const hidden = hiddenOf(asked(long, 0, 1000, { maskShare: 0.3, lastShare: 0.25 }));
  const alone = hidden.filter((row) => row.lastIndexOf(true) === 9 && row.indexOf(true) === 9);
  const others = hidden.filter((row) => !alone.includes(row));
  expect(alone.length).toBeGreaterThan(30);
  expect(alone.length).toBeLessThan(70);
  for (const row of others) expect(row.filter(Boolean).length).toBe(3);
  for (let at = 0; at < 10; at++) expect(others.filter((row) => row[at]).length).toBeGreaterThan(20);
  expect(hiddenOf(asked(long, 1, 1000, { maskShare: 0.3, lastShare: 0.25 }))).not.toEqual(hidden);
});

test('a mask behind the history is what is scored', async () => {
  const names = ['ids', 'special', 'lengths'];
  const inputs = {
    ids: given('int32', [3, 3], [4, 5, 6, 7, 0, 0, 0, 0, 0]),
    lengths: given('int32', [3], [3, 1, 1]),
  };
  const run: Parameters<typeof evaluate>[1][number]['run'] = (tensors) => {
    const laid = tasks.cloze.of({}).scored?.(tensors) ?? tensors;
    return names.map((name) => laid[name]);
  };
  const results = await evaluate(new EagerDeviceContext('tfjs-gpu', 'cpu'), [
    { name: 'cloze', inputs, run, gradients: [] },
  ]);
  const [ids, special, lengths] = names.map((_, at) => [...results[`cloze/output ${at}`].values]);
  expect(ids).toEqual([4, 5, 6, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
  expect(special).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0]);
  expect(lengths).toEqual([4, 2, 2]);
});
