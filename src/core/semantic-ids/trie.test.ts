import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixTrie } from './trie.ts';

const catalogues = fc.integer({ min: 1, max: 4 }).chain((levels) =>
  fc.record({
    levels: fc.constant(levels),
    tuples: fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: levels, maxLength: levels }), {
      maxLength: 40,
    }),
  }),
);

test('every prefix of the catalogue is one node, with its symbols in order and its tuples under it', () => {
  fc.assert(
    fc.property(catalogues, ({ levels, tuples }) => {
      const trie = new PrefixTrie(Int32Array.from(tuples.flat()), levels);
      for (let depth = 0; depth <= levels; depth++) {
        const prefixes = [...new Set(tuples.map((tuple) => tuple.slice(0, depth).join()))];
        expect(trie.nodes(depth)).toBe(depth === 0 ? 1 : prefixes.length);
        for (const prefix of prefixes) {
          const symbols = prefix === '' ? [] : prefix.split(',').map(Number);
          const node = trie.find(symbols);
          const under = tuples.flatMap((tuple, i) => (tuple.slice(0, depth).join() === prefix ? [i] : []));
          expect([...trie.tuples(depth, node)].sort((a, b) => a - b)).toEqual(under);
          if (depth === levels) continue;
          const next = [...new Set(under.map((i) => tuples[i][depth]))].sort((a, b) => a - b);
          const first = trie.firstChild(depth, node);
          expect(next).toEqual(
            Array.from({ length: trie.endChild(depth, node) - first }, (_, i) =>
              trie.symbol(depth + 1, first + i),
            ),
          );
        }
      }
    }),
  );
});

test('what is no prefix of the catalogue is not found', () => {
  fc.assert(
    fc.property(
      catalogues,
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }),
      ({ levels, tuples }, asked) => {
        const prefix = asked.slice(0, levels);
        const trie = new PrefixTrie(Int32Array.from(tuples.flat()), levels);
        const known =
          prefix.length === 0 || tuples.some((tuple) => prefix.every((symbol, i) => tuple[i] === symbol));
        expect(trie.find(prefix) >= 0).toBe(known);
      },
    ),
  );
});
