import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import { measureOnDataset } from './dataset.ts';

test('lift and shares count what lies before every cut in time, and without one all but the last two of a user', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tessera-measures-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  // Users of 10, 6 and 4 interactions, one an hour: of the last 4 in all none is before a cut at 80 %.
  const users = [...Array(10).fill('a'), ...Array(6).fill('b'), ...Array(4).fill('c')];
  const rows = users.map((user, at) => `${user},${at % 5},${3600 * at}`);
  const path = join(home, 'rows.csv');
  writeFileSync(path, ['user,item,time', ...rows].join('\n'));
  const { id } = await importDataset({ paths: [path], name: 'rows' }, { home });
  const ids = {
    ...{ items: 5, levels: 1, codebookSizes: [5] },
    codes: Int32Array.from({ length: 5 }, (_, item) => item),
    collisionTokens: new Int32Array(5),
  };
  const counted = async (...cuts: number[]) => {
    const { popularity } = await measureOnDataset({
      ...{ snapshot: { ids, codebooks: [] }, space: null, datasetDir: join(home, 'datasets', id) },
      splits: cuts.map((validShare) => ({ split: 'time' as const, validShare, testShare: 0.1 })),
    });
    return popularity[0].meanPopularity.reduce((sum, count) => sum + count, 0);
  };
  expect(await counted()).toBe(8 + 4 + 2);
  expect(await counted(0.1)).toBe(16);
  expect(await counted(0.4)).toBe(10);
  expect(await counted(0.1, 0.4)).toBe(10);
});
