import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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
  // The place of the second tensor: behind its name, its rank, two sizes and its type.
  const [first, second] = Object.values(readGguf(blocks).tensors);
  const place = whole.indexOf(Object.keys(readGguf(blocks).tensors)[1], 60) + 3 + 4 + 16 + 4;
  expect([Number(whole.readBigUInt64LE(place)), second.at]).toEqual([second.at - first.at, second.at]);
  expect(() => readGguf(damaged('over', place, numbers(0, 0)))).toThrow(
    /tensor "[^"]+" lies over another one/,
  );
  // The type of the first tensor: behind its name, its rank and two sizes.
  const at = whole.indexOf('F32', 60) + 3 + 4 + 16;
  expect(() => readGguf(damaged('type', at, numbers(20)))).toThrow(/tensor "F32" has the type IQ4_NL, and/);
});

/** A header of numbers, counts of eight bytes each, and texts. */
function header(...parts: (number | bigint | string)[]): string {
  const bytes = parts.flatMap((part) => {
    if (typeof part === 'number') return [Buffer.from(new Uint32Array([part]).buffer)];
    if (typeof part === 'bigint') return [Buffer.from(new BigUint64Array([part]).buffer)];
    return [Buffer.from(new BigUint64Array([BigInt(part.length)]).buffer), Buffer.from(part)];
  });
  const path = join(home, 'header.gguf');
  writeFileSync(path, Buffer.concat([Buffer.from('GGUF'), ...bytes, Buffer.alloc(4096)]));
  return path;
}

it.each([
  ['a text that the file is too short for', [3, 0n, 1n, 'key', 8, 2n ** 40n], /the file is cut short/],
  [
    'a text longer than memory',
    [3, 0n, 1n, 'key', 8, 5n * 2n ** 30n],
    /the bytes of a text of its header are 5368709120/,
  ],
  [
    'a list longer than memory',
    [3, 0n, 1n, 'key', 9, 0, 5n * 2n ** 30n],
    /the values of a list of its header are 5368709120/,
  ],
  ['more keys than memory', [3, 0n, 5n * 2n ** 30n], /its keys are 5368709120/],
  ['more tensors than memory', [3, 5n * 2n ** 30n, 0n], /its tensors are 5368709120/],
  [
    'a tensor of sizes that no array has',
    [3, 1n, 0n, 'w', 2, 2n ** 32n, 2n ** 32n, 0, 0n],
    /"w" is cut short/,
  ],
  ['a tensor of no values', [3, 1n, 0n, 'w', 2, 2n ** 63n, 0n, 0, 0n], /"w" has no values/],
  ['a place beyond the file', [3, 1n, 0n, 'w', 1, 32n, 0, 2n ** 60n], /"w" is cut short/],
] as const)('names %s', (_, parts, what) => {
  const path = header(...parts);
  // Without anything in it, so that no disk is filled.
  truncateSync(path, 6 * 2 ** 30);
  expect(() => readGguf(path)).toThrow(what);
  expect(() => readGguf(path)).toThrow(/^[^\n]*header\.gguf: [^\n]*$/);
});
