import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixTrie } from '../../../semantic-ids/trie.ts';
import { beamSearch, type LevelStep, tokensOf } from './beam-search.ts';
import { samplingOf } from './stochastic-beams.ts';

const TUPLES = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [2, 3],
];
const TRIE = new PrefixTrie(Int32Array.from(TUPLES.flat()), 2);
const LOGITS = [
  [1, 0.5, -0.5, 0],
  [0.2, -1, 0.7, 0],
];

/** The same logits for every prefix of a length. */
const step: LevelStep = async (level, tokens) => ({
  logits: Float32Array.from(Array.from(tokens, () => LOGITS[level]).flat()),
  first: 0,
  count: 4,
});

/** The list of IDs that each row draws, as places in TUPLES; rows are the users. */
async function draw(users: number[], temperature: number, width: number, seed = 1): Promise<number[][]> {
  const sample = samplingOf(temperature, seed, (row) => users[row]);
  const options = { rows: users.length, levels: 2, width, mode: 'renormalised', trie: TRIE, sample } as const;
  const { levels } = await beamSearch(options, step);
  return users.map((_, row) =>
    Array.from({ length: width }, (_, i) => row * width + i).map((beam) =>
      TUPLES.findIndex((tuple) => tuple.join() === tokensOf(levels, beam).join()),
    ),
  );
}

/** Probability of every ID at a temperature, codes renormalised over those that continue a prefix. */
function probabilities(temperature: number): number[] {
  const weight = (level: number, code: number) => Math.exp(LOGITS[level][code] / temperature);
  const sum = (codes: number[], level: number) =>
    [...new Set(codes)].reduce((total, code) => total + weight(level, code), 0);
  return TUPLES.map(([first, second]) => {
    const siblings = TUPLES.filter(([code]) => code === first).map(([, code]) => code);
    const all = TUPLES.map(([code]) => code);
    return (weight(0, first) / sum(all, 0)) * (weight(1, second) / sum(siblings, 1));
  });
}

test.each([0.5, 1, 2])(
  'draws without replacement from the probabilities at temperature %s',
  async (temperature) => {
    const users = Array.from({ length: 8_000 }, (_, user) => user);
    const lists = await draw(users, temperature, 2);
    const expected = probabilities(temperature);
    const thenDrawn = (first: number, second: number) =>
      (expected[first] * expected[second]) / (1 - expected[first]);
    TUPLES.forEach((_, one) => {
      TUPLES.slice(0, one).forEach((_, other) => {
        const share =
          lists.filter((list) => list.includes(one) && list.includes(other)).length / users.length;
        const p = thenDrawn(one, other) + thenDrawn(other, one);
        // Four standard deviations of a share.
        expect(Math.abs(share - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / users.length));
      });
    });
  },
);

test('a list has no repeats, the most probable first, and depends on seed, user and temperature alone', async () => {
  const probable = probabilities(1);
  const best = TUPLES.map((_, at) => at).sort((a, b) => probable[b] - probable[a]);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(1e6), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.constantFrom(0.3, 1, 1.5),
      async (users, seed, temperature) => {
        const lists = await draw(users, temperature, 3, seed);
        for (const list of lists) expect(list).toEqual(best.filter((at) => list.includes(at)));
        for (const list of lists) expect(list).toHaveLength(3);
        const last = users.length - 1;
        expect(await draw([users[last]], temperature, 3, seed)).toEqual([lists[last]]);
        const [fewer] = await draw([users[last]], temperature, 2, seed);
        expect(lists[last]).toEqual(expect.arrayContaining(fewer));
        expect(await draw([users[last]], temperature, TUPLES.length, seed)).toEqual([best]);
      },
    ),
    { numRuns: 50 },
  );
});
