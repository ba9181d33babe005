import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGguf } from '../../files/gguf.ts';
import { checkpointConfig, openCheckpoint } from './checkpoint.ts';

/** Written by the Python package gguf: see test/language/write_gguf.py. */
const folder = join(import.meta.dirname, '../../../../test/language/gguf');
const LLAMA = join(folder, 'llama.gguf');
const home = mkdtempSync(join(tmpdir(), 'tessera-gguf-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A copy of a GGUF file with another whole number for a key of its header. */
function ggufWith(key: string, value: number): string {
  const file = Buffer.from(readFileSync(LLAMA));
  // Behind the key, the number of its kind.
  file.writeUInt32LE(value, file.indexOf(key) + key.length + 4);
  const path = join(home, `${key}-${value}.gguf`);
  writeFileSync(path, file);
  return path;
}

test('a GGUF file whose heads cannot share those of keys and values is refused', () => {
  expect(checkpointConfig(ggufWith('llama.attention.head_count_kv', 1)).kvHeads).toBe(1);
  expect(() => checkpointConfig(ggufWith('llama.attention.head_count_kv', 3))).toThrow(
    /\.gguf: not a checkpoint this decoder can run: \d+ heads cannot share 3 heads/,
  );
});

test('a file that states more blocks than any model has is refused at once', () => {
  expect(() => openCheckpoint(ggufWith('llama.block_count', 2 ** 32 - 1))).toThrow(
    /llama\.block_count: must be at most 1000/,
  );
});

type Said = Readonly<Record<string, number | boolean | string>>;

function text(value: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}

/** With the number of its type before it: float32, bool, string. */
function typed(value: Said[string]): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from([8, 0, 0, 0]), text(value)]);
  if (typeof value === 'boolean') return Buffer.from([7, 0, 0, 0, Number(value)]);
  const bytes = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeFloatLE(value, 4);
  return bytes;
}

/** A copy of the file with further keys in its header. */
function ggufSaying(said: Said): string {
  const file = Buffer.from(readFileSync(LLAMA));
  const pair = ([key, value]: [string, Said[string]]) => Buffer.concat([text(key), typed(value)]);
  const pairs = Object.entries(said).map(pair);
  // Tensors stand at multiples of 32 bytes.
  const length = Buffer.concat([...pairs, pair(['padding', ''])]).length;
  pairs.push(pair(['padding', ' '.repeat((32 - (length % 32)) % 32)]));
  file.writeBigUInt64LE(file.readBigUInt64LE(16) + BigInt(pairs.length), 16);
  const path = join(mkdtempSync(join(home, 'made-')), 'llama.gguf');
  writeFileSync(path, Buffer.concat([file.subarray(0, 24), ...pairs, file.subarray(24)]));
  return path;
}

test.each<[Said, RegExp]>([
  [{ 'llama.logit_scale': 0.5 }, /asks for llama.logit_scale of 0.5, which this decoder does not compute/],
  [{ 'llama.attention.causal': false }, /llama.attention.causal of false/],
  [{ 'llama.final_logit_softcapping': 30 }, /softcapping of 30/],
  [{ 'llama.expert_weights_scale': 2.5 }, /expert_weights_scale of 2.5/],
  [{ 'llama.attention.value_length': 3 }, /keys of \d+ numbers and values of 3/],
  [{ 'llama.attention.scale': 1 }, /its attention is scaled by 1,/],
  [{ 'llama.rope.scaling.type': 'linear' }, /its rotary angles lack a factor/],
  [{ 'llama.rope.scaling.type': 'yarn', 'llama.rope.scaling.factor': 4 }, /scaled, and not by one factor/],
  [{ 'split.count': 3 }, /one of the 3 parts of a model: join them by llama-gguf-split/],
])('a file that says %j is refused: this decoder would compute another model', (said, message) => {
  expect(() => openCheckpoint(ggufSaying(said))).toThrow(message);
});

test.each([0, Number.NaN])('divisors of rotary angles with %d among them are refused', (value) => {
  const source = join(folder, 'llama-divisors.gguf');
  const file = Buffer.from(readFileSync(source));
  file.writeFloatLE(value, readGguf(source).tensors['rope_freqs.weight'].at);
  const path = join(home, `divisor-${value}.gguf`);
  writeFileSync(path, file);
  expect(() => openCheckpoint(path)).toThrow(
    /"rope_freqs.weight" is not a positive number for each of \d+ pairs/,
  );
});

test('what asks for nothing changes nothing, and a factor alone is linear', () => {
  const read = (said: Said) => checkpointConfig(ggufSaying(said));
  const plain = read({});
  expect(plain).toEqual(checkpointConfig(LLAMA));
  expect(
    read({
      ...{ 'llama.logit_scale': 1, 'llama.attention.causal': true, 'llama.residual_scale': 0 },
      ...{ 'llama.attention.scale': plain.headDim ** -0.5, 'llama.rope.scaling.factor': 0, 'split.count': 1 },
    }),
  ).toEqual(plain);
  const linear = read({ 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4 });
  expect(linear.ropeAngles).not.toEqual(plain.ropeAngles);
  expect(read({ 'llama.rope.scaling.factor': 4 })).toEqual(linear);
  expect(read({ 'llama.rope.scale_linear': 4 })).toEqual(linear);
  expect(read({ 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': 4 })).toEqual(plain);
});
