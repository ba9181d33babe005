import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { SshConnection } from './connection.ts';
import { getFile } from './transfer.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-transfer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sent = 'what was sent';
const THERE = {
  path: '/there',
  size: sent.length,
  hash: createHash('sha256').update(sent).digest('hex'),
};

/** Answers as a host does that has the file; what arrives of it is `arriving`. */
const hostOf = (arriving: string) =>
  ({
    host: 'box',
    run: async ({ args, onOutput }: { args: string[]; onOutput?(chunk: Buffer): void }) => {
      onOutput?.(Buffer.from(arriving.slice(Number(args[1]) - 1)));
      return '';
    },
  }) as unknown as SshConnection;

it('a file that arrives as another one is refused, and nothing of it is kept', async () => {
  const local = join(folder, 'checkpoint');
  await expect(getFile(hostOf('what was said'), THERE, local)).rejects.toThrow(
    '/there on box: what arrived is not what was sent; try again',
  );
  expect(readdirSync(folder)).toEqual([]);
  await getFile(hostOf(sent), THERE, local);
  expect(existsSync(local) && readFileSync(local, 'utf8')).toBe(sent);
});
