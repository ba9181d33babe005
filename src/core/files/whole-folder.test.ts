import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { moveInPlace } from './durable.ts';
import { writeWholeFolder } from './whole-folder.ts';

it('says where an export found no room and what to do, and leaves nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'whole-folder-'));
  const full = async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const named = home.replaceAll('\\', '\\\\');
  await expect(writeWholeFolder(join(home, 'out'), full)).rejects.toThrow(
    new RegExp(`^${named}: the disk is full.*choose another folder, then export again`, 's'),
  );
  expect(readdirSync(home)).toEqual([]);
});

it('waits for what another program holds open for a moment, as scanners do on Windows', () => {
  const given = process.platform;
  const run = (platform: NodeJS.Platform, code: string, times: number) => {
    Object.defineProperty(process, 'platform', { value: platform });
    let tries = 0;
    moveInPlace('a', 'b', () => {
      if (tries++ < times) throw new Error(`${code}: operation not permitted, rename`);
    });
    return tries;
  };
  onTestFinished(() => void Object.defineProperty(process, 'platform', { value: given }));
  expect(run('win32', 'EPERM', 3)).toBe(4);
  expect(() => run('win32', 'ENOENT', 1)).toThrow('ENOENT');
  expect(() => run('win32', 'EBUSY', 1_000)).toThrow('EBUSY');
  expect(() => run('linux', 'EPERM', 1)).toThrow('EPERM');
});
