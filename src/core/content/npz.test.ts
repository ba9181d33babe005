import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { readNpz } from './npz.ts';

/** An array of texts as NumPy writes it. */
function texts(descr: string, count: number, points: readonly number[]): Uint8Array {
  const header = `${`{'descr': '${descr}', 'fortran_order': False, 'shape': (${count},), }`.padEnd(117)}\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header, 'latin1'), Buffer.from(Uint32Array.from(points).buffer)]);
}

function npz(array: Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'npz-')), 'a.npz');
  writeFileSync(path, zipSync({ 'users.npy': array }));
  return path;
}

it('reads texts, and passes over what is no character', () => {
  expect(readNpz(npz(texts('<U2', 2, [97, 98, 99, 0]))).users).toEqual(['ab', 'c']);
  expect(readNpz(npz(texts('<U1', 1, [0xffffffff]))).users).toEqual(['\ufffd']);
});

it.each([
  ['<U0', 200_000_000],
  ['<U9999999', 1],
  ['<U1', 4_000_000_000],
  ['<U99999999999999999999', 0],
])('refuses texts of type %s, %d of them, that are not there', (descr, count) => {
  const begun = performance.now();
  const read = () => readNpz(npz(texts(descr, count, [97])));
  if (count > 0) expect(read).toThrow(/says that it holds \d+ texts, and has \d+ bytes/);
  else expect(read().users).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
