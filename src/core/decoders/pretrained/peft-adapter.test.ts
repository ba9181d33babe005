import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../files/safetensors.ts';
import { checkpointConfig } from './checkpoint.ts';
import { readPeftAdapter } from './peft-adapter.ts';

const language = join(import.meta.dirname, '../../../../test/language');
const config = checkpointConfig(join(language, 'checkpoints/llama'));
const home = mkdtempSync(join(tmpdir(), 'tessera-adapters-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A copy of PEFT's adapter with these changes to its config, and those of its tensors that are `kept`. */
function changed(changes: object, kept: (name: string) => boolean = () => true): string {
  const folder = mkdtempSync(join(home, 'made-'));
  cpSync(join(language, 'adapter'), folder, { recursive: true });
  const path = join(folder, 'adapter_config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));
  const tensors = join(folder, 'adapter_model.safetensors');
  writeSafetensors(
    tensors,
    Object.fromEntries(Object.entries(readSafetensors(tensors)).filter(([name]) => kept(name))),
  );
  return folder;
}

test.each(['pissa', 'pissa_niter_4', 'olora', 'corda', 'loftq', 'lora_ga'])(
  'an adapter of weights that %s changed is refused, with how to save it',
  (way) => {
    const read = () => readPeftAdapter(changed({ init_lora_weights: way }), config);
    expect(read).toThrow(
      `"${way}" changes the weights of the model itself, which the adapter does not have: save it again with path_initial_model_for_weight_conversion`,
    );
  },
);

test.each([true, false, null, 'gaussian', 'orthogonal', 'eva', 'mica'])(
  'one that began by %s is read as it is',
  (way) => {
    const plain = readPeftAdapter(join(language, 'adapter'), config);
    expect(readPeftAdapter(changed({ init_lora_weights: way }), config)).toEqual(plain);
  },
);

test.each([
  ['use_dora', true],
  ['bias', 'all'],
  ['lora_bias', true],
  ['rank_pattern', { q_proj: 2 }],
  ['alpha_pattern', { q_proj: 2 }],
  ['modules_to_save', ['lm_head']],
  ['layer_replication', [[0, 2]]],
  ['trainable_token_indices', [1, 2]],
  ['kasa_config', { beta: 1 }],
  ['monteclora_config', { num_samples: 2 }],
])('one with %s is refused in a line that says what to do', (key, value) => {
  expect(() => readPeftAdapter(changed({ [key]: value }), config)).toThrow(
    new RegExp(`^[^\\n]*adapter_config\\.json: [^\\n]*: ${key}: is not read: only plain LoRA is; merge`),
  );
});

test('one that leaves layers out changes nothing there, and half a change is refused', () => {
  const whole = readPeftAdapter(join(language, 'adapter'), config);
  const isFirst = (name: string) => name.includes('.layers.0.');
  const second = changed({ layers_to_transform: [1] }, (name) => !isFirst(name));
  const { adapters, values } = readPeftAdapter(second, config);
  expect(adapters).toEqual(whole.adapters);
  for (const [name, value] of Object.entries(values))
    expect([name, [...value]]).toEqual([
      name,
      name.startsWith('blocks/0/') ? [...value].fill(0) : [...whole.values[name]],
    ]);
  const half = changed({}, (name) => !(isFirst(name) && name.includes('q_proj.lora_B')));
  expect(() => readPeftAdapter(half, config)).toThrow(
    /it has no tensor ".*layers\.0.*q_proj\.lora_B\.weight"/,
  );
});
