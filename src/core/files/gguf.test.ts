import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readGguf, readGgufTensor } from './gguf.ts';

/** Written by the Python package gguf: see test/language/write_gguf.py. */
const folder = join(import.meta.dirname, '../../../test/language/gguf');
const blocks = join(folder, 'blocks.gguf');
const home = mkdtempSync(join(tmpdir(), 'tessera-gguf-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('reads every type of block as the Python package gguf does, to the bit', () => {
  const { hashes } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
    hashes: Record<string, string>;
  };
  const { tensors } = readGguf(blocks);
  expect(Object.keys(tensors)).toEqual(Object.keys(hashes));
  for (const [name, tensor] of Object.entries(tensors)) {
    expect(tensor.shape).toEqual([3, 512]);
    const values = readGgufTensor(blocks, tensor).map((value) => (Number.isNaN(value) ? 0 : value));
    const hash = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
    expect([name, hash]).toEqual([name, hashes[name]]);
  }
});

/** The file with these bytes in place of its own from a place on. */
function damaged(name: string, at: number, bytes: Uint8Array): string {
  const file = Buffer.from(readFileSync(blocks));
  file.set(bytes, at);
  const path = join(home, `${name}.gguf`);
  writeFileSync(path, file);
  return path;
}

it('says what is wrong with a file that is damaged, or of another kind', () => {
  const whole = readFileSync(blocks);
  const numbers = (...values: number[]) => new Uint8Array(new Uint32Array(values).buffer);
  expect(() => readGguf(damaged('magic', 0, Buffer.from('GGML')))).toThrow(/not a GGUF file/);
  expect(() => readGguf(damaged('one', 4, numbers(1)))).toThrow(/version 1 of GGUF is not read/);
  expect(() => readGguf(damaged('big', 4, Buffer.from([0, 0, 0, 3])))).toThrow(/big-endian/);
  expect(() => readGguf(damaged('many', 8, numbers(0, 1)))).toThrow(/cut short/);
  // The name of the first tensor, which is three bytes long, of a property that every object has.
  const named = whole.indexOf('F32', 60);
  const proto = Buffer.concat([
    whole.subarray(0, named - 8),
    numbers(9, 0),
    Buffer.from('__proto__'),
    whole.subarray(named + 3),
  ]);
  const protoPath = join(home, 'proto.gguf');
  writeFileSync(protoPath, Buffer.concat([proto, Buffer.alloc(64)]));
  expect(Object.keys(readGguf(protoPath).tensors)[0]).toBe('__proto__');
  const cut = join(home, 'cut.gguf');
  for (const length of [3, 20, 100, whole.length - 40]) {
    writeFileSync(cut, whole.subarray(0, length));
    expect(() => readGguf(cut)).toThrow(/cut.gguf: .*(cut short|not a GGUF)/);
  }
  // The type of the first tensor: behind its name, its rank and two sizes.
  const at = whole.indexOf('F32', 60) + 3 + 4 + 16;
  expect(() => readGguf(damaged('type', at, numbers(20)))).toThrow(/tensor "F32" has the type IQ4_NL, and/);
});
