import { expect, test } from 'vitest';
import type { MicroBatch } from '../../../data/batches/sequence-batches.ts';
import { catalogueOf, tokenLevels } from '../code-tokens.ts';
import { preferenceGroups } from './id-groups.ts';

test('negatives are of no hidden item, of none without an ID, and not of the target', () => {
  const levels = tokenLevels([3, 3]);
  // Items 0 to 5; the last has no ID. Items 1 and 3 are hidden.
  const tokens = Int32Array.of(1, 4, 1, 5, 2, 4, 2, 5, 3, 6, 0, 0);
  const catalogue = catalogueOf({ levels, tokens }, 6, Uint8Array.of(0, 1, 0, 1, 0, 0));
  const batch = {
    ...{ shape: { rows: 3, length: 1 }, users: Int32Array.of(0, 1, -1), tokens: 2 },
    inputs: { labels: Int32Array.of(1, 4, 3, 6, 0, 0) },
  } as unknown as MicroBatch;
  const seen = [new Set<string>(), new Set<string>()];
  for (let step = 0; step < 40; step++) {
    const labels = preferenceGroups(batch, catalogue, { negatives: 3 }, { seed: 5, step, micro: 0 });
    const ids = Array.from({ length: 12 }, (_, at) => labels.subarray(2 * at, 2 * at + 2).join());
    expect([ids[0], ids[4], ...ids.slice(8)]).toEqual(['1,4', '3,6', '0,0', '0,0', '0,0', '0,0']);
    for (const [row, own] of seen.entries())
      for (const id of ids.slice(4 * row + 1, 4 * row + 4)) own.add(id);
  }
  expect(seen.map((own) => [...own].sort())).toEqual([
    ['2,4', '3,6'],
    ['1,4', '2,4'],
  ]);
});
