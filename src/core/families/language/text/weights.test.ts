import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { OnnxDeviceContext } from '../../../engine/devices/onnx-session.ts';
import type { Program } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { writeSafetensors } from '../../../files/safetensors.ts';
import { Decoder, decoderParameters, packedInputs } from '../decoder.ts';
import { llamaName, readLlamaConfig, readLlamaWeights } from './weights.ts';

const script = join(import.meta.dirname, '../../../../../test/language/write_checkpoint.py');
const home = mkdtempSync(join(tmpdir(), 'tessera-weights-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** A checkpoint of the script's, and the logits that it computes itself. */
function written(
  dtype: string,
  head: string,
  files: number,
): { folder: string; tokens: number[]; logits: number[][] } {
  const folder = join(home, `${dtype}-${head}-${files}`);
  mkdirSync(folder, { recursive: true });
  const output = execFileSync('python3', [script, folder, dtype, head, String(files)], { encoding: 'utf8' });
  return { folder, ...JSON.parse(output) };
}

/** The logits of our decoder with the folder's weights: [tokens * vocabulary] */
async function ourLogits(folder: string, tokens: readonly number[]): Promise<ArrayLike<number>> {
  const decoder = new Decoder(readLlamaConfig(folder));
  const values = readLlamaWeights(folder, decoder.config);
  const shape = { rows: 1, length: tokens.length };
  const program: Program = {
    name: 'logits',
    state: decoder.parameters,
    inputs: packedInputs(shape),
    run: (state, inputs) => {
      const states = tf.reshape(decoder.stages(state, inputs).states, [-1, decoder.config.dim]);
      return { state: {}, outputs: { logits: tf.matMul(states, decoder.head(state), false, true) } };
    },
  };
  const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const entries = Object.entries(decoder.parameters).map(([name, spec]) => [
    name,
    { spec, data: values[name] },
  ]);
  await device.load(Object.fromEntries(entries));
  const { logits } = await (await device.compile(program)).run({
    ids: Int32Array.from(tokens),
    segments: new Int32Array(tokens.length).fill(1),
    positions: Int32Array.from(tokens.keys()),
  });
  await device.dispose();
  return logits;
}

test.skipIf(!python).each([
  ['F32', 'tied', 1],
  ['BF16', 'separate', 2],
  ['F16', 'separate', 3],
])(
  'a checkpoint of an independent writer in %s, output layer %s, %i files gives its own logits',
  async (dtype, head, files) => {
    const { folder, tokens, logits } = written(dtype, head, files);
    const expected = logits.flat();
    const actual = await ourLogits(folder, tokens);
    const scale = Math.max(...expected.map(Math.abs));
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
    expect(actual).toHaveLength(expected.length);
    expect(worst / scale).toBeLessThan(1e-5);
  },
);

test.skipIf(!python)('a checkpoint that does not fit is refused with the file and the reason', () => {
  const { folder } = written('F32', 'tied', 1);
  const config = readLlamaConfig(folder);
  expect(() => readLlamaWeights(folder, { ...config, dim: 10 })).toThrow(
    /model\.safetensors: "model\.embed_tokens\.weight" has the shape 11 x 8/,
  );
  expect(() => readLlamaWeights(folder, { ...config, tiedHead: false })).toThrow(
    /it has no tensor "lm_head\.weight"/,
  );
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  expect(() => readLlamaWeights(folder, config)).toThrow(/"[^"]+" is cut short/);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), hidden_act: 'gelu' }),
  );
  expect(() => readLlamaConfig(folder)).toThrow(
    /config\.json: not a checkpoint this decoder can run: hidden_act/,
  );
  expect(() => readLlamaConfig(join(home, 'nowhere'))).toThrow(/cannot be read as JSON/);
});

const SIZES = {
  ...{ model_type: 'llama', vocab_size: 7, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2 },
  ...{ intermediate_size: 6, max_position_embeddings: 64, rope_theta: 500 },
};

/** A folder with these changes to a small checkpoint's config.json, and with further tensors. */
function checkpoint(changes: object, further: readonly string[] = []): string {
  const folder = mkdtempSync(join(home, 'made-'));
  const config = readLlamaConfig(saved(folder, SIZES));
  const tensors = Object.entries(decoderParameters(config)).map(([ours, { shape }]) => {
    const { name, transposed } = llamaName(ours);
    return [name, transposed ? [...shape].reverse() : shape] as const;
  });
  const all = [...tensors, ...further.map((name) => [name, [2]] as const)];
  writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.fromEntries(
      all.map(([name, shape]) => [
        name,
        {
          spec: { shape: [...shape], dtype: 'float32' },
          data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
        },
      ]),
    ),
  );
  return saved(folder, { ...SIZES, ...changes });
}

function saved(folder: string, config: object): string {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

test.each([
  [{ model_type: 'qwen2' }, /model_type: "qwen2", not llama or mistral/],
  [{ model_type: undefined }, /model_type: missing/],
  [
    { rope_scaling: { rope_type: 'llama3', factor: 8 } },
    /rope_scaling\.rope_type: the rotary angles are scaled/,
  ],
  [{ rope_parameters: { rope_type: 'llama3' } }, /rope_parameters\.rope_type: the rotary angles are scaled/],
  [{ rope_scaling: { type: 'linear', factor: 2 } }, /rope_scaling\.type/],
  [{ rope_parameters: { full_attention: {}, partial_rotary_factor: 0.5 } }, /partial_rotary_factor/],
  [{ sliding_window: 8 }, /its attention ends after 8 tokens .* rows have 64/],
])('a checkpoint that this decoder would compute otherwise is refused: %j', (changes, message) => {
  const folder = checkpoint(changes);
  expect(() => readLlamaConfig(folder)).toThrow(message);
});

test('the rotary angles are read where files have them, and a window where rows fit into it is none', () => {
  const theta = (changes: object, context?: number) =>
    readLlamaConfig(checkpoint(changes), context).ropeTheta;
  expect(theta({})).toBe(500);
  expect(theta({ rope_theta: undefined })).toBe(10000);
  const rope_parameters = { rope_theta: 9000, rope_type: 'default' };
  expect(theta({ rope_theta: undefined, rope_parameters })).toBe(9000);
  expect(theta({ rope_scaling: null })).toBe(500);
  expect(theta({ model_type: 'mistral', sliding_window: 32 }, 32)).toBe(500);
});

test('a tensor that nobody reads is refused by its name, unless it follows from others', () => {
  const tied = { tie_word_embeddings: true };
  const read = (further: string[], changes: object = {}) => {
    const folder = checkpoint(changes, further);
    return readLlamaWeights(folder, readLlamaConfig(folder));
  };
  for (const name of ['self_attn.q_proj.bias', 'self_attn.q_norm.weight'])
    expect(() => read([`model.layers.0.${name}`])).toThrow(
      `no place for its tensor "model.layers.0.${name}": it belongs to another architecture`,
    );
  expect(Object.keys(read([`model.layers.0.self_attn.rotary_emb.inv_freq`]))).toContain('embedding');
  expect(Object.keys(read([], tied))).not.toContain('head');
});
