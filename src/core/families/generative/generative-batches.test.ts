import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collisionTokens } from '../../semantic-ids/types.ts';
import { catalogueOf, collisionNote, itemTokens } from './code-tokens.ts';
import { allowedCodes, teacherTokens } from './generative-batches.ts';
import { allowedInput } from './generative-model.ts';

const LEVELS = 3;
const CODES = 4;

const catalogues = fc
  .array(fc.array(fc.nat(CODES - 1), { minLength: LEVELS, maxLength: LEVELS }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((ids) => {
    const codes = Int32Array.from(ids.flat());
    const sizes = Array<number>(LEVELS).fill(CODES);
    const semantic = {
      levels: LEVELS,
      codebookSizes: sizes,
      items: ids.length,
      codes,
      collisionTokens: collisionTokens(codes, LEVELS),
    };
    const options = { userTokens: 0, separator: false, collisionToken: false, shuffleIds: 0 };
    return { ids, catalogue: catalogueOf(itemTokens(semantic, options), ids.length, null) };
  });

test('open are the codes of the items that share the prefix, the true one among them', () => {
  fc.assert(
    fc.property(catalogues, ({ ids, catalogue }) => {
      const targets = [...ids.keys()];
      const { labels, decoderTokens } = teacherTokens(catalogue.tokens, targets);
      const open = allowedCodes(catalogue, labels);
      for (const item of targets) {
        for (let level = 0; level < LEVELS; level++) {
          const alike = ids.filter((other) =>
            ids[item].slice(0, level).every((code, l) => other[l] === code),
          );
          const expected = Array.from({ length: CODES }, (_, code) =>
            Number(alike.some((o) => o[level] === code)),
          );
          expect([...open[allowedInput(level)].subarray(item * CODES, (item + 1) * CODES)]).toEqual(expected);
          const label = labels[item * LEVELS + level];
          expect(label - catalogue.tokens.levels.starts[level]).toBe(ids[item][level]);
          expect(decoderTokens[item * LEVELS + level]).toBe(
            level === 0 ? 0 : labels[item * LEVELS + level - 1],
          );
        }
      }
    }),
  );
});

test('reports how many items share their codes with another item, and whether a token tells them apart', () => {
  const ids = (...first: number[]) => {
    const codes = Int32Array.from(first.flatMap((code) => [code, 0]));
    const sizes = { levels: 2, codebookSizes: [3, 3], items: first.length };
    return { ...sizes, codes, collisionTokens: collisionTokens(codes, 2) };
  };
  expect(collisionNote(ids(0, 1, 2), true)).toBeNull();
  expect(collisionNote(ids(0, 1, 0, 0), true)).toMatchObject({
    level: 'info',
    message: expect.stringContaining('2 of 4 items'),
  });
  expect(collisionNote(ids(0, 1, 0, 0), false)).toMatchObject({ level: 'warn' });
});
