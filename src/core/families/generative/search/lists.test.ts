import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../math/random.ts';
import type { BeamLevel } from '../../traced-decoding.ts';
import { type Catalogue, catalogueOf, type ItemTokens, tokenLevels } from '../code-tokens.ts';
import { beamSearch } from './beam-search.ts';
import { type ItemList, listOf, rankOf, tokenRankIn } from './lists.ts';

const CODES = 4;

/** Items with these codes, three each. */
function tokensOf(codes: number[][]): ItemTokens {
  const levels = tokenLevels([CODES, CODES, CODES]);
  const tokens = Int32Array.from(codes.flatMap((id) => id.map((code, level) => levels.starts[level] + code)));
  return { levels, tokens };
}

/** A wide search of a catalogue; the logit of a token is a random function of it, or falls with its code. */
async function searched(catalogue: Catalogue, width: number, seed: number | null): Promise<BeamLevel[]> {
  const options = { rows: 1, levels: 3, width, mode: 'renormalised', trie: catalogue.search.trie } as const;
  const { levels } = await beamSearch(options, async (level, tokens) => ({
    logits: Float32Array.from(
      Array.from(tokens, () =>
        Array.from({ length: CODES }, (_, code) =>
          seed === null ? -code : 2 * new Random(seed, level, String(code)).normal(),
        ),
      ).flat(),
    ),
    first: catalogue.tokens.levels.starts[level],
    count: CODES,
  }));
  return levels;
}

const none = new Set<number>();

test('hidden items join by their prefix, also where they are the first to have it', async () => {
  const codes = [
    [0, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
    // Hidden: a sibling of item 0, two of a prefix of their own, one whose first code is new.
    [0, 0, 2],
    [0, 2, 3],
    [0, 2, 1],
    [3, 0, 0],
  ];
  const catalogue = catalogueOf(tokensOf(codes), 7, Uint8Array.of(0, 0, 0, 1, 1, 1, 1));
  expect(catalogue.trie.size).toBe(3);
  const levels = await searched(catalogue, 6, null);
  const all = listOf(levels, 0, 6, catalogue, { filtered: none, coldShare: 1 });
  // Of those with the prefix 0 2 item 5 is more probable, and item 4 comes with it.
  expect(all.items).toEqual([0, 3, 2, 1, 5, 4, 6]);
  const few = listOf(levels, 0, 6, catalogue, { filtered: none, coldShare: 0.25 });
  expect(few.items).toEqual([0, 3, 2, 1, 5]);
  const filtered = listOf(levels, 0, 6, catalogue, { filtered: new Set([0, 5]), coldShare: 1 });
  expect(filtered.items).toEqual([3, 2, 1, 4, 6]);
});

test('an invalid sequence of free decoding brings in the hidden items of its prefix', async () => {
  const codes = [
    [0, 0, 0],
    [1, 0, 0],
    [0, 0, 3],
  ];
  const catalogue = catalogueOf(tokensOf(codes), 3, Uint8Array.of(0, 0, 1));
  const options = { rows: 1, levels: 3, width: 1, mode: 'free', trie: catalogue.search.trie } as const;
  // It writes 0 0 2, which is the ID of nothing.
  const { levels } = await beamSearch(options, async (level) => ({
    logits: Float32Array.from([0, 1, 2, 3], (code) => (code === (level < 2 ? 0 : 2) ? 5 : 0)),
    first: catalogue.tokens.levels.starts[level],
    count: CODES,
  }));
  expect(levels[2].nodes[0]).toBe(-1);
  expect(listOf(levels, 0, 1, catalogue, { filtered: none, coldShare: 1 }).items).toEqual([2]);
});

const cases = fc.record({
  codes: fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 2, maxLength: 40 }),
  share: fc.constantFrom(0.1, 0.3, 0.5, 1),
  seed: fc.nat(1000),
});

test('everybody joins a wide search, nobody before the prefix, and never more than the share', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ codes, share, seed }) => {
      const hidden = Uint8Array.from(codes, (_, item) => (item > 0 && item % 3 === 0 ? 1 : 0));
      const catalogue = catalogueOf(tokensOf(codes), codes.length, hidden);
      const levels = await searched(catalogue, codes.length, seed);
      const at = (coldShare: number): ItemList =>
        listOf(levels, 0, codes.length, catalogue, { filtered: none, coldShare });
      const [list, seen, everybody] = [at(share), at(0), at(1)];
      expect([...everybody.items].sort((a, b) => a - b)).toEqual(codes.map((_, item) => item));
      expect(list.items.filter((item) => hidden[item] === 0)).toEqual(seen.items);
      list.items.forEach((item, place) => {
        const before = list.items.slice(0, place + 1);
        expect(before.filter((other) => hidden[other] === 1).length).toBeLessThanOrEqual(
          Math.ceil(share * (place + 1)),
        );
        if (hidden[item] === 0) return;
        const prefix = codes[item].slice(0, 2).join();
        const sibling = everybody.items.find((other) => codes[other].slice(0, 2).join() === prefix);
        // Its score is that of the first sequence with its prefix.
        expect(list.scores[place]).toBe(everybody.scores[everybody.items.indexOf(sibling ?? -1)]);
        expect(rankOf(list, item)).toBe(place + 1);
      });
    }),
    { numRuns: 100 },
  );
});

test('a target stands where the first item shares as many of its tokens', () => {
  const codes = [
    [1, 2, 3],
    [1, 2, 0],
    [1, 0, 0],
    [0, 0, 0],
  ];
  const catalogue = catalogueOf(tokensOf(codes), codes.length, null);
  const list: ItemList = { items: [3, 2, 1, 0], ranks: [1, 2, 3, 4], scores: [0, -1, -2, -3] };
  expect([3, 2, 1].map((count) => tokenRankIn(list, 0, catalogue, count))).toEqual([4, 3, 2]);
  expect(tokenRankIn({ ...list, items: [3, 2] }, 0, catalogue, 2)).toBeNull();
});
