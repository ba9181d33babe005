import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { float32 } from '../engine/types.ts';
import { readFloats, readMetadata, readSafetensors, readShapes, writeSafetensors } from './safetensors.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-safetensors-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Three tensors of two values, whose entries of the header are changed. */
function file(changes: Record<string, object>): string {
  const path = join(home, 'three.safetensors');
  const tensors = ['a', 'b', 'c'].map((name, at) => [
    name,
    { spec: float32(2), data: Float32Array.of(at, 10 * at) },
  ]);
  writeSafetensors(path, Object.fromEntries(tensors), { of: 'somebody' });
  const whole = readFileSync(path);
  const bytes = Number(whole.readBigUInt64LE());
  const header = JSON.parse(whole.subarray(8, 8 + bytes).toString());
  for (const [name, change] of Object.entries(changes)) header[name] = { ...header[name], ...change };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, whole.subarray(8 + bytes)]));
  return path;
}

it('reads back what was written, and what is said besides', () => {
  const path = file({});
  expect(readMetadata(path)).toEqual({ format: 'tessera', of: 'somebody' });
  expect(Object.values(readSafetensors(path)).map(({ data }) => [...data])).toEqual([
    [0, 0],
    [1, 10],
    [2, 20],
  ]);
});

it.each([
  ['over another one', { c: { data_offsets: [8, 16] } }, /tensor "c" lies over another one/],
  ['over a part of another one', { b: { data_offsets: [4, 12] } }, /tensor "b" lies over another one/],
  ['behind bytes of none', { c: { data_offsets: [20, 28] } }, /bytes before tensor "c" belong to none/],
  ['from its end to its beginning', { c: { data_offsets: [24, 16] } }, /tensor "c" has the wrong size/],
  ['with fewer bytes than its shape has', { c: { data_offsets: [16, 20] } }, /tensor "c" has the wrong size/],
  ['of a shape with more values', { c: { shape: [2, 2] } }, /tensor "c" has the wrong size/],
  ['of a narrower type', { c: { dtype: 'BF16' } }, /tensor "c" has the wrong size/],
  ['beyond the end', { c: { shape: [4], data_offsets: [16, 32] } }, /tensor "c" is cut short/],
])('refuses a tensor %s, however it is read', (_, changes, problem) => {
  const path = file(changes);
  for (const read of [readShapes, readFloats, readSafetensors]) expect(() => read(path)).toThrow(problem);
});
