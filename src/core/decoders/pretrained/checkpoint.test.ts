import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../files/safetensors.ts';
import { checkpointConfig, openCheckpoint, readCheckpoint, requireWhole } from './checkpoint.ts';

/** Written by transformers: see test/language/write_layouts.py. */
const written = (name: string) => join(import.meta.dirname, '../../../../test/language/checkpoints', name);
const home = mkdtempSync(join(tmpdir(), 'tessera-checkpoints-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A copy of a checkpoint with these changes to its config.json, and with further tensors. */
function changed(name: string, changes: object, further: readonly string[] = []): string {
  const folder = mkdtempSync(join(home, 'made-'));
  cpSync(written(name), folder, { recursive: true });
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));
  if (further.length > 0) {
    const file = join(folder, 'model.safetensors');
    const spec = { shape: [2], dtype: 'float32' } as const;
    const more = further.map((tensor) => [tensor, { spec, data: new Float32Array(2) }]);
    writeSafetensors(file, { ...readSafetensors(file), ...Object.fromEntries(more) });
  }
  return folder;
}

test.each([
  ['llama', { model_type: 'gemma' }, /model_type: "gemma", not llama, mistral, mixtral, qwen2, qwen3/],
  ['llama', { model_type: undefined }, /model_type: missing/],
  ['llama', { rope_parameters: { rope_type: 'yarn' } }, /scaled by "yarn", not linear or llama3/],
  [
    'llama',
    { rope_parameters: undefined, rope_scaling: { type: 'linear' } },
    /its rotary angles lack factor/,
  ],
  ['llama3', { rope_parameters: { rope_type: 'llama3', factor: 8 } }, /lack low_freq_factor/],
  ['llama', { rope_parameters: { partial_rotary_factor: 0.5 } }, /partial_rotary_factor: some of a head/],
  ['llama', { sliding_window: 8 }, /it states a sliding_window/],
  ['llama', { hidden_act: 'gelu' }, /not a checkpoint this decoder can run: hidden_act/],
  ['llama', { num_key_value_heads: 3 }, /2 heads cannot share 3 heads/],
  ['qwen2', { layer_types: ['full_attention'] }, /layer_types names 1 layers of 2/],
  ['qwen2', { use_sliding_window: false }, /layer_types names sliding layers, and it gives no window/],
  ['qwen2', { sliding_window: null }, /layer_types names sliding layers, and it gives no window/],
  ['qwen2', { layer_types: ['chunked_attention', 'full_attention'] }, /layer_types/],
  [
    'llama',
    { quantization_config: { quant_method: 'gptq' } },
    /quantization_config: its weights are quantised/,
  ],
  ['mixtral', { num_experts_per_tok: 5 }, /5 experts a token, and there are 4/],
])('%s with %j is refused: this decoder would compute another model', (name, changes, message) => {
  expect(() => checkpointConfig(changed(name, changes))).toThrow(message);
});

test('what a config.json does not say is as in transformers', () => {
  const read = (name: string, changes: object, context?: number) =>
    checkpointConfig(changed(name, changes), context);
  expect(read('llama', { rope_parameters: undefined, rope_theta: undefined }).ropeTheta).toBe(10_000);
  expect(read('llama', { rope_parameters: { rope_theta: 9000 } }).ropeTheta).toBe(9000);
  expect(read('llama', { num_key_value_heads: undefined }).kvHeads).toBe(2);
  expect(read('qwen3', { head_dim: undefined }).headDim).toBe(128);
  expect(read('mistral', { sliding_window: undefined }).windows).toEqual([4096, 4096]);
  expect(read('mistral', { sliding_window: null }).windows).toBeUndefined();
  expect(read('qwen2', { use_sliding_window: false, layer_types: undefined }).windows).toBeUndefined();
  expect(read('qwen2', { layer_types: undefined }).windows).toEqual([null, 4]);
  expect(read('llama', {}, 16).context).toBe(16);
});

test('what is put into a newer config.json by hand counts as in transformers', () => {
  const read = (changes: object) => checkpointConfig(changed('llama', changes));
  const plain = read({});
  expect(plain.ropeTheta).toBe(500);
  expect(read({ rope_scaling: {} })).toEqual(plain);
  expect(read({ rope_theta: 77 })).toEqual(plain);
  for (const key of ['type', 'rope_type']) {
    const linear = { [key]: 'linear', factor: 4 };
    expect(read({ rope_scaling: linear })).toEqual(read({ rope_parameters: linear }));
    expect(read({ rope_scaling: linear, rope_theta: 77 })).toEqual(
      read({ rope_parameters: { ...linear, rope_theta: 77 } }),
    );
  }
  const kind = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  expect(read({ rope_parameters: kind, original_max_position_embeddings: 16 })).toEqual(
    read({ rope_parameters: { ...kind, original_max_position_embeddings: 16 } }),
  );
});

/** The checkpoint llama with other values in its tensors, and with these changes to its config.json. */
function withValues(changes: object, of: (tensors: ReturnType<typeof readSafetensors>) => void): string {
  const folder = changed('llama', changes);
  const path = join(folder, 'model.safetensors');
  const tensors = readSafetensors(path);
  of(tensors);
  writeSafetensors(path, tensors);
  return folder;
}

test('a table that is said to be the output layer, too, is so in the files', () => {
  const tied = { tie_word_embeddings: true };
  const equal = withValues(tied, (tensors) => {
    tensors['lm_head.weight'] = tensors['model.embed_tokens.weight'];
  });
  expect(() => requireWhole(openCheckpoint(equal))).not.toThrow();
  expect(() => requireWhole(openCheckpoint(changed('llama', tied)))).toThrow(
    /"lm_head.weight" has other values than "model.embed_tokens.weight", .* set tie_word_embeddings to false/,
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('weights with %d are refused by name', (value) => {
  const name = 'model.layers.1.mlp.up_proj.weight';
  const folder = withValues({}, (tensors) => {
    tensors[name].data[3] = value;
  });
  expect(() => readCheckpoint(openCheckpoint(folder))).toThrow(`"${name}" has the value ${value} as float32`);
});

test('types of numbers that need a scale, and folders without safetensors, are refused before anything is read', () => {
  const whole = withValues({}, (tensors) => {
    const { shape } = tensors['model.norm.weight'].spec;
    tensors['model.norm.weight'] = { spec: { shape, dtype: 'int32' }, data: new Int32Array(8) };
  });
  expect(() => openCheckpoint(whole)).toThrow(
    /tensor "model.norm.weight" has the type I32, and those that are read are F32/,
  );
  const empty = changed('llama', {});
  rmSync(join(empty, 'model.safetensors'));
  expect(() => openCheckpoint(empty)).toThrow(
    /: it has no model.safetensors, nor an index of several: fetch/,
  );
});

test('a checkpoint that does not fit is refused with the file and the reason', () => {
  const whole = (name: string, changes: object, further?: string[]) => () =>
    requireWhole(openCheckpoint(changed(name, changes, further)));
  expect(whole('llama', { hidden_size: 16 })).toThrow(
    /model\.safetensors: "model\.embed_tokens\.weight" has the shape 24 x 8, and its sizes ask for 24 x 16/,
  );
  expect(whole('llama', { num_hidden_layers: 3 })).toThrow(
    /it has no tensor "model\.layers\.2\.input_layernorm/,
  );
  expect(whole('llama3', { tie_word_embeddings: false })).toThrow(/it has no tensor "lm_head\.weight"/);
  expect(whole('mixtral', { num_local_experts: 5 })).toThrow(/it has no tensor .*experts\.4\.w1/);
  for (const name of ['self_attn.q_proj.bias', 'self_attn.q_norm.weight'])
    expect(whole('llama', {}, [`model.layers.0.${name}`])).toThrow(
      `no place for its tensor "model.layers.0.${name}": it belongs to another architecture`,
    );
  expect(whole('llama', {}, ['model.layers.0.self_attn.rotary_emb.inv_freq'])).not.toThrow();

  const folder = changed('llama', {});
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  expect(() => readCheckpoint(openCheckpoint(folder))).toThrow(/"[^"]+" is cut short/);
  expect(() => checkpointConfig(join(home, 'nowhere'))).toThrow(
    /nowhere: no model is there: move it back, or set weights to where it is now$/,
  );
});

test.each(['..', 'more'])('an index that names the folder %s as a file is refused in a line', (file) => {
  const folder = changed('llama', {});
  mkdirSync(join(folder, 'more'));
  const map = { weight_map: { 'model.embed_tokens.weight': file } };
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify(map));
  expect(() => openCheckpoint(folder)).toThrow(/: no file; use another file$/);
});

/** The checkpoint of a folder in two files, the first tensor in one and the others in the second; `map` changes what the index says. */
function sharded(map: (index: Record<string, string>) => Record<string, string>): string {
  const folder = changed('llama', {});
  const whole = readSafetensors(join(folder, 'model.safetensors'));
  const names = Object.keys(whole);
  const shards = { 'a.safetensors': names.slice(0, 1), 'b.safetensors': names.slice(1) };
  for (const [file, own] of Object.entries(shards))
    writeSafetensors(join(folder, file), Object.fromEntries(own.map((name) => [name, whole[name]])));
  rmSync(join(folder, 'model.safetensors'));
  const index = Object.fromEntries(
    Object.entries(shards).flatMap(([file, own]) => own.map((name) => [name, file])),
  );
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map(index) }));
  return folder;
}

test('of several files each tensor is read from the one that has it, and one that is not there is named', () => {
  const read = (folder: string) => readCheckpoint(openCheckpoint(folder));
  const whole = read(written('llama'));
  expect(read(sharded((index) => index))).toEqual(whole);
  // The index has two of them in the wrong file.
  const exchanged: Record<string, string> = {
    'a.safetensors': 'b.safetensors',
    'b.safetensors': 'a.safetensors',
  };
  const wrong = sharded((index) =>
    Object.fromEntries(
      Object.entries(index).map(([name, file], at) => [name, at < 2 ? exchanged[file] : file]),
    ),
  );
  expect(read(wrong)).toEqual(whole);
  const missing = sharded((index) => ({ ...index, more: 'c.safetensors' }));
  expect(() => openCheckpoint(missing)).toThrow(
    /the folder has no file "c.safetensors"; fetch the checkpoint/,
  );
});

test('a file that states more blocks than any model has is refused at once', () => {
  expect(() => openCheckpoint(changed('llama', { num_hidden_layers: 2 ** 32 }))).toThrow(
    /num_hidden_layers: must be at most 1000/,
  );
});
