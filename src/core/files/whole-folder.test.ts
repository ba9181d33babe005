import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeWholeFolder } from './whole-folder.ts';

it('says where an export found no room and what to do, and leaves nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'whole-folder-'));
  const full = async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  await expect(writeWholeFolder(join(home, 'out'), full)).rejects.toThrow(
    new RegExp(`^${home}: the disk is full.*choose another folder, then export again`, 's'),
  );
  expect(readdirSync(home)).toEqual([]);
});
