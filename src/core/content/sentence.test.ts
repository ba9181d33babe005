import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ElementType, encodeModel } from '../engine/onnx.ts';
import { encodeSentences, sentencesOf } from './sentence.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-sentence-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model in the form of published sentence encoders, whose outputs are rows of a table. */
function writeEncoder(path: string, words: string[], table: number[][]): void {
  mkdirSync(join(path, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', ...words].map((word, id) => [word, id]));
  const json = (name: string, value: object) => writeFileSync(join(path, name), JSON.stringify(value));
  json('config.json', { model_type: 'bert', hidden_size: table[0].length });
  json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    pad_token: '[PAD]',
    unk_token: '[UNK]',
  });
  json('tokenizer.json', {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
  });
  const node = { opType: 'Gather', domain: '', attribute: [] };
  const model = encodeModel({
    name: 'table',
    nodes: [{ ...node, input: ['table', 'input_ids'], output: ['last_hidden_state'] }],
    initializers: [
      {
        name: 'table',
        dims: [table.length, table[0].length],
        dataType: ElementType.float32,
        rawData: new Uint8Array(Float32Array.from(table.flat()).buffer),
      },
    ],
    inputs: [{ name: 'input_ids', elementType: ElementType.int64, shape: [-1, -1] }],
    outputs: [
      { name: 'last_hidden_state', elementType: ElementType.float32, shape: [-1, -1, table[0].length] },
    ],
  });
  writeFileSync(join(path, 'onnx', 'model.onnx'), model);
}

test('a vector is the mean over the tokens of what is said of an item, padding left out', async () => {
  const path = join(folder, 'encoder');
  writeEncoder(
    path,
    ['red', 'polish'],
    [
      [9, 9],
      [0, 0],
      [2, 4],
      [4, -2],
    ],
  );
  const done: number[] = [];
  const { items, dim, data } = await encodeSentences(path, ['Red polish', 'polish', 'red red polish blue'], {
    onProgress: (count) => done.push(count),
  });
  expect([items, dim, done]).toEqual([3, 2, [3]]);
  const expected = [3, 1, 4, -2, 2, 1.5];
  for (const [at, value] of data.entries()) expect(value).toBeCloseTo(expected[at], 5);

  mkdirSync(join(path, '1_Pooling'));
  const pooling = (mode: object) => {
    writeFileSync(join(path, '1_Pooling', 'config.json'), JSON.stringify(mode));
    return encodeSentences(path, ['Red polish', 'polish'], {});
  };
  expect([...(await pooling({ pooling_mode_cls_token: true })).data]).toEqual([2, 4, 4, -2]);
  expect([...(await pooling({ pooling_mode: 'mean' })).data]).toEqual([3, 1, 4, -2]);
  await expect(pooling({ pooling_mode_max_tokens: true })).rejects.toThrow(/no other pooling is known/);
});

/** A small BERT whose expected vectors are those of sentence-transformers (test/content/sentence_encoder.py). */
const ORACLE = join(import.meta.dirname, '../../../test/content/sentence-encoder');
const oracle = JSON.parse(readFileSync(join(ORACLE, 'expected.json'), 'utf8')) as {
  texts: string[];
  vectors: Record<string, number[][]>;
};

test.each(Object.keys(oracle.vectors))(
  'vectors are those of sentence-transformers, cut at %s',
  async (key) => {
    const [limit, mode] = key.split('/');
    const path = join(folder, `oracle-${limit}-${mode}`);
    cpSync(ORACLE, path, { recursive: true });
    mkdirSync(join(path, '1_Pooling'));
    writeFileSync(join(path, '1_Pooling', 'config.json'), JSON.stringify({ pooling_mode: mode }));
    const limits = limit === 'None' ? {} : { max_seq_length: Number(limit) };
    writeFileSync(join(path, 'sentence_bert_config.json'), JSON.stringify(limits));
    const { data, dim } = await encodeSentences(path, oracle.texts, {});
    for (const [item, vector] of oracle.vectors[key].entries()) {
      for (const [d, value] of vector.entries()) expect(data[item * dim + d]).toBeCloseTo(value, 5);
    }
    writeFileSync(
      join(path, 'modules.json'),
      JSON.stringify([{ type: 'sentence_transformers.models.Dense' }]),
    );
    await expect(encodeSentences(path, oracle.texts, {})).rejects.toThrow(
      /models\.Dense is not computed here/,
    );
    // Runs of earlier versions go on with the vectors that they began with.
    const earlier = await encodeSentences(path, oracle.texts, { truncation: 'tokenizer' });
    expect(Math.abs(earlier.data[dim] - data[dim])).toBeGreaterThan(1e-4);
  },
);

test('what is said of an item is its text, then its categories and numbers by name', () => {
  const columns = {
    items: 2,
    text: [{ name: 'title', values: ['Red polish', ''] }],
    categories: [{ name: 'categories', values: ['Beauty|Nails', ''] }],
    numbers: [{ name: 'price', values: Float64Array.from([3.5, Number.NaN]) }],
  };
  expect(sentencesOf(columns)).toEqual(['Red polish. categories: Beauty, Nails. price: 3.5', '']);
});

test('a folder that is no sentence encoder is refused', async () => {
  await expect(encodeSentences('', ['a'], {})).rejects.toThrow(/name its folder with sentenceModel/);
  await expect(encodeSentences(folder, ['a'], {})).rejects.toThrow(/no config\.json in it/);
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    writeFileSync(join(folder, name), '{}');
  await expect(encodeSentences(folder, ['a'], {})).rejects.toThrow(/no sentence encoder in ONNX form/);
});
