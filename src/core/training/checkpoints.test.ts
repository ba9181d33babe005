import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { runLimited } from '../../../test/store/limited.ts';
import { UserError } from '../errors.ts';
import { readSafetensors } from '../files/safetensors.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoints.ts';
import { limitPassed, watched } from './stop-limits.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const state = { epoch: 1, step: 2, bestValue: 0.5, bestEpoch: 1, validationsSinceBest: 0, seconds: 3 };

test('a checkpoint reads back as it was written', () => {
  const path = join(folder, 'last-2.safetensors');
  const values = fc.float32Array({ minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(values, fc.string({ minLength: 1 }), (data, name) => {
      fc.pre(name !== '__metadata__' && name !== '__proto__');
      const spec = { shape: [data.length], dtype: 'float32' as const };
      writeCheckpoint(path, { [name]: { spec, data } }, state);
      expect(readCheckpoint(path)).toEqual({ tensors: { [name]: { spec, data } }, state });
    }),
    { numRuns: 30 },
  );
});

test('the count of validations since the best keeps the name of earlier checkpoints', () => {
  const path = join(folder, 'last-3.safetensors');
  writeCheckpoint(path, {}, { ...state, validationsSinceBest: 4 });
  const written = JSON.parse(readFileSync(join(folder, 'last-3.json'), 'utf8'));
  expect(written).toEqual({ epoch: 1, step: 2, bestValue: 0.5, bestEpoch: 1, stale: 4, seconds: 3 });
});

test('what is watched may have no number: a training goes on from there, past its limit', () => {
  const path = join(folder, 'last-5.safetensors');
  const limit = { metric: 'train/kl', past: 'above', value: 1, key: 'klLimit' } as const;
  for (const sum of [Number.NaN, Number.POSITIVE_INFINITY]) {
    writeCheckpoint(path, {}, { ...state, watched: { 'train/kl': { sum, steps: 2 } } });
    const read = readCheckpoint(path).state.watched ?? {};
    expect(limitPassed(watched(read, { 'train/kl': 0.1 }, [limit]), 1, [limit])).toContain('klLimit=1');
  }
});

test('a checkpoint that cannot be written again stays as it was', () => {
  const path = join(folder, 'last-4.safetensors');
  const spec = { shape: [1], dtype: 'float32' as const };
  const tensors = { w: { spec, data: Float32Array.of(7) } };
  writeCheckpoint(path, tensors, state);
  const torn = {
    get w(): never {
      throw new Error('the device is lost');
    },
  };
  expect(() => writeCheckpoint(path, torn, { ...state, epoch: 2 })).toThrow('the device is lost');
  expect(readCheckpoint(path)).toMatchObject({ tensors, state: { step: 2 } });
});

test('a full disk is named in one line and leaves nothing half-written', (context) => {
  const small = join(folder, 'small');
  mkdirSync(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]).status === 0;
  if (!mounted) context.skip('no small file system can be mounted here');
  try {
    const spec = { shape: [100_000], dtype: 'float32' as const };
    const write = () =>
      writeCheckpoint(
        join(small, 'last-2.safetensors'),
        { w: { spec, data: new Float32Array(100_000) } },
        state,
      );
    expect(write).toThrow(UserError);
    expect(write).toThrow('the disk is full');
    expect(readdirSync(small)).toEqual([]);
  } finally {
    spawnSync('umount', [small]);
  }
});

test('a limit of the shell on the size of files is named, and nothing is left half-written', (context) => {
  if (process.platform === 'win32') context.skip('a shell of Windows has no such limit');
  const limited = join(folder, 'limited');
  mkdirSync(limited);
  const script = `
    import { writeCheckpoint } from ${JSON.stringify(join(import.meta.dirname, 'checkpoints.ts'))};
    const spec = { shape: [1_000_000], dtype: 'float32' };
    const path = ${JSON.stringify(join(limited, 'last-2.safetensors'))};
    writeCheckpoint(path, { w: { spec, data: new Float32Array(1_000_000) } }, ${JSON.stringify(state)});`;
  const stderr = runLimited(script, 1000);
  expect(stderr).toContain('allows no file of this size');
  expect(stderr).toContain('ulimit -f unlimited');
  expect(readdirSync(limited)).toEqual([]);
});

test('a tensor is not allocated by the size that a damaged file states', () => {
  const header = JSON.stringify({ w: { dtype: 'F32', shape: [4e9, 4e9], data_offsets: [0, 4] } });
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const path = join(folder, 'huge.safetensors');
  writeFileSync(path, Buffer.concat([size, Buffer.from(header), Buffer.alloc(4)]));
  expect(() => readSafetensors(path)).toThrow(/tensor "w" has the wrong size/);
});
