import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { moveInPlace } from './durable.ts';
import { requireEmptyFolder, writeWholeFolder } from './whole-folder.ts';

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
  // Folders that were made for it go with it; those that were there stay.
  mkdirSync(join(home, 'there'));
  await expect(writeWholeFolder(join(home, 'there', 'new', 'er', 'out'), full)).rejects.toThrow(
    'disk is full',
  );
  expect(readdirSync(home, { recursive: true })).toEqual(['there']);
});

it('replaces the files of an earlier export alone, and keeps what came into the folder', async () => {
  const home = mkdtempSync(join(tmpdir(), 'whole-folder-'));
  const out = join(home, 'out');
  const write = (text: string) => async (partial: string) => writeFileSync(join(partial, 'rows.csv'), text);
  await writeWholeFolder(out, write('old'));
  for (const name of ['.DS_Store', 'gone.csv']) writeFileSync(join(out, name), '');
  const meanwhile = async (partial: string) => {
    await write('new')(partial);
    writeFileSync(join(out, 'notes.txt'), 'mine');
  };
  await writeWholeFolder(out, meanwhile, ['rows.csv', 'gone.csv']);
  expect(readdirSync(out).sort()).toEqual(['.DS_Store', 'notes.txt', 'rows.csv']);
  expect(readFileSync(join(out, 'rows.csv'), 'utf8')).toBe('new');
  expect(readdirSync(home)).toEqual(['out']);
  expect(() => requireEmptyFolder(out)).toThrow('holds something (notes.txt)');
  for (const name of ['notes.txt', 'rows.csv']) rmSync(join(out, name));
  expect(() => requireEmptyFolder(out)).not.toThrow();
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
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const waits = vi.spyOn(Atomics, 'wait').mockImplementation((...[, , , ms]) => {
    vi.advanceTimersByTime(Number(ms));
    return 'timed-out';
  });
  onTestFinished(() => waits.mockRestore());
  // For some seconds.
  expect(run('win32', 'EPERM', 100)).toBe(101);
  expect(() => run('win32', 'ENOENT', 1)).toThrow('ENOENT');
  expect(() => run('win32', 'EBUSY', 1_000)).toThrow('EBUSY');
  expect(() => run('linux', 'EPERM', 1)).toThrow('EPERM');
});
