import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../math/random.ts';
import { PrefixTrie } from '../../../semantic-ids/trie.ts';
import { type BeamOptions, beamSearch, type LevelStep, tokensOf } from './beam-search.ts';

const VOCABULARY = 7;

/** Logits that depend on a row's whole prefix, as a decoder's do. */
function decoder(seed: number): { step: LevelStep; logits(row: number, prefix: number[]): Float32Array } {
  const logits = (row: number, prefix: number[]) => {
    const random = new Random(seed, row, prefix.join());
    return Float32Array.from({ length: VOCABULARY }, () => 2 * random.normal());
  };
  let before: { row: number; prefix: number[] }[] = [];
  const step: LevelStep = async (level, tokens, parents) => {
    before = Array.from(tokens, (token, i) =>
      level === 0
        ? { row: i, prefix: [] }
        : { row: before[parents[i]].row, prefix: [...before[parents[i]].prefix, token] },
    );
    const all = before.flatMap(({ row, prefix }) => Array.from(logits(row, prefix)));
    return { logits: Float32Array.from(all), first: 0, count: VOCABULARY };
  };
  return { step, logits };
}

/** Log-probability of a tuple, each token among those that `open` names. */
function scoreOf(
  logits: (prefix: number[]) => Float32Array,
  tuple: number[],
  open: (prefix: number[]) => number[],
): number {
  return tuple.reduce((sum, token, level) => {
    const prefix = tuple.slice(0, level);
    const given = logits(prefix);
    const total = open(prefix).reduce((all, other) => all + Math.exp(given[other]), 0);
    return sum + given[token] - Math.log(total);
  }, 0);
}

const cases = fc.record({
  seed: fc.nat(1000),
  rows: fc.integer({ min: 1, max: 3 }),
  mode: fc.constantFrom<BeamOptions['mode']>('renormalised', 'masked'),
  tuples: fc.uniqueArray(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), {
    minLength: 1,
    maxLength: 25,
    selector: (tuple) => tuple.join(),
  }),
});

test('a beam as wide as the catalogue ranks it as scoring every item does', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ seed, rows, mode, tuples }) => {
      const { step, logits } = decoder(seed);
      const trie = new PrefixTrie(Int32Array.from(tuples.flat()), 3);
      const width = tuples.length;
      const { levels } = await beamSearch({ rows, levels: 3, width, mode, trie }, step);
      const everything = Array.from({ length: VOCABULARY }, (_, token) => token);
      for (let row = 0; row < rows; row++) {
        const continuing = (prefix: number[]) => [
          ...new Set(tuples.filter((t) => prefix.every((x, i) => t[i] === x)).map((t) => t[prefix.length])),
        ];
        const expected = tuples
          .map((tuple) => ({
            tuple,
            score: scoreOf(
              (prefix) => logits(row, prefix),
              tuple,
              mode === 'masked' ? () => everything : continuing,
            ),
          }))
          .sort((a, b) => b.score - a.score);
        const beams = Array.from({ length: width }, (_, i) => row * width + i);
        expect(beams.map((beam) => tokensOf(levels, beam))).toEqual(expected.map(({ tuple }) => tuple));
        for (const [i, beam] of beams.entries())
          expect(levels[2].scores[beam]).toBeCloseTo(expected[i].score, 6);
      }
    }),
    { numRuns: 50 },
  );
});

test('what the filter leaves out makes room for the next best, and missing beams are none', async () => {
  const tuples = [
    [0, 1],
    [0, 2],
    [3, 1],
  ];
  const trie = new PrefixTrie(Int32Array.from(tuples.flat()), 2);
  const all = await beamSearch({ rows: 1, levels: 2, width: 3, mode: 'renormalised', trie }, decoder(1).step);
  const best = all.levels[1].nodes[0];
  const allows = (_row: number, node: number) => node !== best;
  const options = { rows: 1, levels: 2, width: 3, mode: 'renormalised' as const, trie, allows };
  const rest = await beamSearch(options, decoder(1).step);
  expect([...rest.levels[1].nodes]).toEqual([...all.levels[1].nodes.subarray(1), -1]);
  expect(rest.levels[1].scores[2]).toBe(Number.NEGATIVE_INFINITY);
});

test('free search knows which of its sequences are items', async () => {
  const trie = new PrefixTrie(Int32Array.of(0, 1, 2, 3), 2);
  const { levels } = await beamSearch({ rows: 2, levels: 2, width: 49, mode: 'free', trie }, decoder(5).step);
  for (let row = 0; row < 2; row++) {
    const items = Array.from({ length: 49 }, (_, i) => row * 49 + i).filter(
      (beam) => levels[1].nodes[beam] >= 0,
    );
    expect(items.map((beam) => tokensOf(levels, beam)).sort()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  }
});
