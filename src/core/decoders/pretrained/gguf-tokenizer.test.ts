/** Tokenizers of GGUF files: the ids of other programs, see test/language/write_tokenizers.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GgufFile, readGguf } from '../../files/gguf.ts';
import { TextTokenizer } from '../text/tokenizer.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';

const folder = join(import.meta.dirname, '../../../../test/language/tokenizers');
const { texts, expected } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  texts: string[];
  expected: Record<
    string,
    { ids: number[][]; decoded: Record<string, string>; marked: Record<string, number[]> }
  >;
};
const fileOf = (name: string) => join(folder, `${name}.gguf`);

function tokenizerOf(name: string, metadata: GgufFile['metadata'] = readGguf(fileOf(name)).metadata) {
  const { file, special } = ggufTokenizer(name, { metadata, tensors: {} });
  return new TextTokenizer(file, name, special);
}

test.each(Object.entries(expected))('%s gives the ids of other programs, and their texts', (name, told) => {
  const tokenizer = tokenizerOf(name);
  for (const [at, text] of texts.entries()) {
    expect([text, tokenizer.encode(text)]).toEqual([text, told.ids[at]]);
    expect([text, tokenizer.decode(told.ids[at])]).toEqual([text, told.decoded[at] ?? text]);
  }
  for (const [text, ids] of Object.entries(told.marked))
    expect([text, tokenizer.encodeMarked(text)]).toEqual([text, ids]);
});

/** The metadata of a file with changes by their keys after "tokenizer.ggml."; null takes one out. */
function changed(name: string, changes: Record<string, GgufFile['metadata'][string] | null>) {
  const own = Object.entries(changes).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const);
  const all = { ...readGguf(fileOf(name)).metadata, ...Object.fromEntries(own) };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])),
  );
}

test.each([
  ['gpt-2', { merges: null }, 'tokenizer.ggml.merges is missing'],
  ['gpt-2', { pre: 'bloom' }, 'it cuts texts as "bloom" does'],
  ['gpt-2', { model: 'bert' }, 'tokenizer.ggml.model: "bert", not gpt2 or llama'],
  ['gpt-2', { model: null }, 'tokenizer.ggml.model: '],
  ['gpt-2', { tokens: null }, 'tokenizer.ggml.tokens: '],
  ['pieces', { scores: null }, 'tokenizer.ggml.scores is missing, or not as long as its tokens'],
  ['pieces', { scores: [0, -1] }, 'tokenizer.ggml.scores is missing, or not as long as its tokens'],
])('%s with %j is refused, and a tokenizer.json asked for', (name, changes, why) => {
  const read = () => tokenizerOf('model.gguf', changed(name, changes));
  expect(read).toThrow(`model.gguf: its tokenizer cannot be used: ${why}`);
  expect(read).toThrow(/; name a tokenizer\.json of the model with tokenizer$/);
});

test('texts begin with a token where the file says so, and by the kind of its tokenizer where it does not', () => {
  const begins = (name: string, changes = {}) => {
    const { begin } = tokenizerOf(name, changed(name, changes));
    return begin;
  };
  const one = tokenizerOf('gpt-2').size - 4;
  expect(['gpt-2', 'qwen2', 'smollm'].map((name) => begins(name))).toEqual([null, null, null]);
  expect(['llama-bpe', 'tekken', 'pieces'].map((name) => begins(name))).toEqual([one, one, 1]);
  expect(begins('gpt-2', { pre: 'llama-v3' })).toBe(one);
  expect(begins('gpt-2', { add_bos_token: true })).toBe(one);
  expect(['llama-bpe', 'pieces'].map((name) => begins(name, { add_bos_token: false }))).toEqual([null, null]);
  expect(begins('pieces', { bos_token_id: null })).toBeNull();
});

test('chat templates are given every token that the file names', () => {
  const { tokens } = ggufTokenizer('gpt-2', readGguf(fileOf('gpt-2')));
  expect(tokens).toEqual({ bos_token: '<|one|>', eos_token: '<|two|>', pad_token: '[PAD404]' });
});
