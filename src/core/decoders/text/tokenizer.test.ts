import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainBpe } from './bpe.ts';
import { SPECIAL, TextTokenizer, trainTokenizer } from './tokenizer.ts';

const titles = [
  'Toy Story',
  'Jumanji',
  'Heat',
  'Sabrina',
  'GoldenEye',
  'Balto',
  'Nixon',
  'Casino',
  'Ace Ventura',
];
const texts = Array.from(
  { length: 300 },
  (_, i) => `${titles[i % 9]} ${1990 + (i % 13)} | Comedy, Drama's | yes\n`,
);
const size = 420;
const file = trainTokenizer(texts, size) as { model: { vocab: Record<string, number>; merges: string[] } };
const tokenizer = new TextTokenizer(file, 'test');

/** Merges applied one after the other, as the paper writes them down, to the bytes of one word. */
function mergedByHand(word: string): string[] {
  const { tokens } = trainBpe([], 0, []);
  let parts = Array.from(new TextEncoder().encode(word), (byte) => tokens[byte]);
  for (const merge of file.model.merges) {
    const [left, right] = merge.split(' ');
    const next: string[] = [];
    for (let i = 0; i < parts.length; i++) {
      if (parts[i] === left && parts[i + 1] === right) next.push(left + parts[++i]);
      else next.push(parts[i]);
    }
    parts = next;
  }
  return parts;
}

test('the library cuts words as the merges say, frequent ones into one token', () => {
  for (const word of [
    'Jumanji',
    ' Comedy',
    ' Drama',
    'Jumping',
    ' 1995',
    'Café',
    ' 東京',
    '|',
    '🎬',
    'Comedians',
  ]) {
    expect(
      tokenizer.encode(word).map((id) => tokenizer.token(id)),
      word,
    ).toEqual(mergedByHand(word));
  }
  expect(tokenizer.encode('Jumanji')).toHaveLength(1);
  expect(tokenizer.encode('Jumping').length).toBeGreaterThan(2);
});

test('the vocabulary has the size asked for, every byte, and no token twice, whatever the order of the texts', () => {
  const ids = Object.values(file.model.vocab).sort((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: Math.min(size, ids.length) }, (_, id) => id));
  expect(ids.length).toBeGreaterThan(300);
  expect(trainTokenizer([...texts].reverse(), size)).toEqual(file);
  expect(tokenizer.size).toBe(ids.length);
});

test('merges begin with the most frequent pair, the first one among equals', () => {
  const { tokens, merges } = trainBpe(['ab ab ab ab cd cd cd xy'], 261, ['<|end|>']);
  expect(merges).toEqual([
    ['a', 'b'],
    ['Ġ', 'c'],
    ['Ġ', 'ab'],
    ['Ġc', 'd'],
  ]);
  expect(tokens.slice(-4)).toEqual(['ab', 'Ġc', 'Ġab', 'Ġcd']);
});

test('any text comes back from its tokens, and none of them is a special one', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const marked = fc.tuple(text, fc.constantFrom(...Object.values(SPECIAL), '<|<|end|>end|>'), text);
  fc.assert(
    fc.property(marked, (parts) => {
      const whole = parts.join('');
      const ids = tokenizer.encode(whole);
      expect(tokenizer.decode(ids)).toBe(whole);
      expect(ids.every((id) => id >= 2)).toBe(true);
    }),
  );
  // The library by itself reads the marker.
  expect(new Tokenizer(file, {}).encode(SPECIAL.end).ids).toEqual([tokenizer.end]);
});

/** The file with another word for one of its tokens. */
function trainTokenizerWithout(token: string): unknown {
  return JSON.parse(JSON.stringify(file).replaceAll(token, '<|other|>'));
}

test.each([
  [{}, /not a tokenizer\.json/],
  [trainTokenizerWithout('<|end|>'), /no token ends a text/],
  [{ ...file, pre_tokenizer: { type: 'Nothing' } }, /this tokenizer cannot be used/],
])('a file that is no usable tokenizer is refused with a reason', (broken, reason) => {
  expect(() => new TextTokenizer(broken, 'tokenizer.json')).toThrow(reason);
});

test.each([
  [{ type: 'Lowercase' }, '<|IM_END|>'],
  [{ type: 'NFKC' }, 'as ＜|im_end|＞ it'],
  [{ type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }] }, '＜|Im_＜|IM_END|＞end|＞'],
])('with the normaliser %j no text becomes a marker either', (normalizer, text) => {
  const flags = { single_word: false, lstrip: false, rstrip: false, special: true };
  const { model, added_tokens: own } = file as unknown as {
    model: { vocab: object };
    added_tokens: object[];
  };
  const marker = { id: Object.keys(model.vocab).length, content: '<|im_end|>', normalized: true, ...flags };
  const added_tokens = [...own, marker];
  const normalising = new TextTokenizer({ ...file, normalizer, added_tokens }, 'tokenizer.json');
  const ids = normalising.encode(text);
  expect(ids).not.toContain(marker.id);
  expect(normalising.decode(ids)).toBe(text.normalize('NFKC').toLowerCase());
  expect(normalising.encodeMarked('<|im_end|>')).toEqual([marker.id]);
});

test('what a tokenizer has no token for stays unknown, though its unknown token is a special one', () => {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const words = new TextTokenizer(
    {
      ...{ version: '1.0', normalizer: null, post_processor: null, decoder: null },
      added_tokens: ['</s>', '<unk>'].map((content, id) => ({ id, content, ...flags })),
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordLevel', vocab: { '</s>': 0, '<unk>': 1, known: 2 }, unk_token: '<unk>' },
    },
    'words.json',
  );
  expect(words.encode('known strange')).toEqual([2, 1]);
});
