import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainBpe } from './bpe.ts';
import { trainSubwords } from './index.ts';
import { alphabet, textOf, weighted } from './types.ts';
import { expectationMaximisation, viterbi } from './unigram.ts';

const log = (probabilities: Record<string, number>) =>
  new Map(Object.entries(probabilities).map(([piece, p]) => [piece, Math.log(p)]));
const cut = (model: ReturnType<typeof trainBpe>, text: string) =>
  model.segment(text).map((piece) => model.pieces[piece]);

describe('byte-pair encoding of codes', () => {
  // Characters weigh b 10, a 8, c 5; pairs ab 8, bc 5. After ab: ab c 3, b c 2. After abc: b c 2.
  const texts = [
    { text: 'ab', weight: 5 },
    { text: 'abc', weight: 3 },
    { text: 'bc', weight: 2 },
  ];

  it('merges the heaviest pair first', () => {
    expect(trainBpe(texts, 99).pieces).toEqual(['b', 'a', 'c', 'ab', 'abc', 'bc']);
    expect(trainBpe(texts, 2).pieces).toEqual(['b', 'a', 'c']);
  });

  it('cuts a text by the merges in the order in which they were learnt', () => {
    const four = trainBpe(texts, 4);
    expect(cut(four, 'abc')).toEqual(['ab', 'c']);
    const six = trainBpe(texts, 6);
    expect(cut(six, 'abc')).toEqual(['abc']);
    expect(cut(six, 'abbc')).toEqual(['ab', 'bc']);
    expect(cut(six, 'bzab')).toEqual(['b', 'ab']);
  });
});

describe('pairs counted from merge to merge', () => {
  /** The same, with every pair counted again for each merge. */
  function counted(texts: readonly { text: string; weight: number }[], size: number): string[] {
    const pieces = alphabet(texts);
    const words = texts.map(({ text, weight }) => ({
      parts: [...text].map((c) => pieces.indexOf(c)),
      weight,
    }));
    while (pieces.length < size) {
      const weights = new Map<string, number>();
      for (const { parts, weight } of words) {
        for (let at = 0; at + 1 < parts.length; at++) {
          const pair = `${parts[at]} ${parts[at + 1]}`;
          weights.set(pair, (weights.get(pair) ?? 0) + weight);
        }
      }
      const pairs = [...weights].map(([pair, weight]) => ({ pair: pair.split(' ').map(Number), weight }));
      pairs.sort((a, b) => b.weight - a.weight || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
      if (pairs.length === 0) break;
      const [left, right] = pairs[0].pair;
      const made = pieces[left] + pieces[right];
      const known = pieces.indexOf(made);
      const piece = known < 0 ? pieces.push(made) - 1 : known;
      for (const word of words) {
        const joined: number[] = [];
        for (let at = 0; at < word.parts.length; at++) {
          const joins = word.parts[at] === left && word.parts[at + 1] === right;
          joined.push(joins ? piece : word.parts[at]);
          if (joins) at++;
        }
        word.parts = joined;
      }
    }
    return pieces;
  }

  it('are the same merges', () => {
    const text = fc
      .array(fc.constantFrom(...'abcd'), { minLength: 1, maxLength: 7 })
      .map((all) => all.join(''));
    const texts = fc.array(fc.record({ text, weight: fc.integer({ min: 1, max: 4 }) }), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (all, size) => {
        const distinct = weighted(all);
        expect(trainBpe(distinct, size).pieces).toEqual(counted(distinct, size));
      }),
    );
  });
});

describe('the unigram language model of codes', () => {
  it('cuts a text at its likeliest segmentation', () => {
    // a bc 0.06, ab c 0.02, a b c 0.008
    const model = log({ a: 0.2, b: 0.2, c: 0.2, ab: 0.1, bc: 0.3 });
    const { pieces, logProbability } = viterbi(model, 'abc');
    expect(pieces).toEqual(['a', 'bc']);
    expect(logProbability).toBeCloseTo(Math.log(0.06), 12);
    expect(viterbi(model, 'abc', 'bc').pieces).toEqual(['ab', 'c']);
  });

  it('finds the expected uses of the pieces over all segmentations', () => {
    // a b has probability 0.125 and ab 0.25: shares 1/3 and 2/3, uses a 1/3, b 1/3, ab 2/3, of 4/3 in all.
    const model = log({ a: 0.5, b: 0.25, ab: 0.25 });
    const next = expectationMaximisation(model, [{ text: 'ab', weight: 1 }]);
    expect(Math.exp(next.get('a') as number)).toBeCloseTo(0.25, 12);
    expect(Math.exp(next.get('b') as number)).toBeCloseTo(0.25, 12);
    expect(Math.exp(next.get('ab') as number)).toBeCloseTo(0.5, 12);
  });

  it('gives frequent items few pieces, and cuts rare ones into single codes', () => {
    const texts = [
      { text: 'abc', weight: 100 },
      { text: 'ade', weight: 1 },
      { text: 'bed', weight: 1 },
    ];
    const model = trainSubwords('unigram-lm', texts, 6);
    expect(model.pieces).toHaveLength(6);
    expect(cut(model, 'abc')).toEqual(['abc']);
    expect(cut(model, 'bed')).toEqual(['b', 'e', 'd']);
  });
});

describe.each(['unigram-lm', 'bpe'] as const)('%s', (kind) => {
  it('cuts every text into pieces that join to it, within its size', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 })
      .map((all) => all.join(''));
    const texts = fc.array(fc.record({ text, weight: fc.integer({ min: 1, max: 50 }) }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 30 }), (all, size) => {
        const model = trainSubwords(kind, all, size);
        const single = new Set(all.flatMap((one) => one.text.split(''))).size;
        expect(model.pieces.length).toBeLessThanOrEqual(Math.max(size, single));
        expect(new Set(model.pieces).size).toBe(model.pieces.length);
        for (const one of all) expect(cut(model, one.text).join('')).toBe(one.text);
      }),
      { numRuns: 60 },
    );
  });
});

describe('texts of Semantic IDs', () => {
  it('tell the levels apart, and are empty without an ID', () => {
    const ids = {
      levels: 2,
      codebookSizes: [3, 2],
      items: 3,
      codes: Int32Array.of(1, 1, 2, 0, -1, -1),
      collisionTokens: Int32Array.of(0, 0, -1),
    };
    expect([0, 1, 2].map((item) => textOf(ids, item))).toEqual(['\ue001\ue004', '\ue002\ue003', '']);
    expect(() => textOf({ ...ids, codebookSizes: [65_000, 600] }, 0)).toThrow('65,600 on all levels');
    expect(
      weighted([
        { text: 'a', weight: 1 },
        { text: '', weight: 5 },
        { text: 'a', weight: 2 },
      ]),
    ).toEqual([{ text: 'a', weight: 3 }]);
  });
});
