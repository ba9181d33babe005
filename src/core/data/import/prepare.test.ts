import { createReadStream, createWriteStream, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { isDiskFull } from '../../files/durable.ts';
import { withinFreeSpace } from './prepare.ts';

it('stops before what a file unpacks to fills the disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prepare-'));
  const [packed, plain] = [join(folder, 'a.gz'), join(folder, 'a')];
  writeFileSync(packed, gzipSync(Buffer.alloc(20_000_000)));
  const unpack = (free: number) =>
    pipeline(
      createReadStream(packed),
      createGunzip(),
      withinFreeSpace(plain, free),
      createWriteStream(plain),
    );
  const failure: unknown = await unpack(1_000_000).catch((error: unknown) => error);
  expect(isDiskFull(failure)).toBe(true);
  expect(statSync(plain).size).toBeLessThan(1_000_000);
  await unpack(30_000_000);
  expect(statSync(plain).size).toBe(20_000_000);
});
