import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../import/import.ts';
import { openInteractions, readItemCards } from '../read.ts';
import { leaveLastOut } from '../splits/leave-last-out.ts';
import { histogram, summarise } from '../statistics.ts';
import type { Interactions } from '../types.ts';
import { writeSample } from './sample.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tessera-sample-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hashes = (paths: string[]) =>
  paths.map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'));

/** HR@10 of a scorer of candidates, items of the history left out. */
function hitRate(data: Interactions, candidatesOf: (user: number) => number[]): number {
  const split = leaveLastOut(data);
  let hits = 0;
  for (const user of split.usersWithTargets()) {
    const test = split.testIndex(user);
    const seen = new Set(data.itemIds.subarray(split.start(user), test));
    const top = candidatesOf(user).filter((item) => !seen.has(item));
    if (top.slice(0, 10).includes(data.itemIds[test])) hits++;
  }
  return hits / split.evaluatedUsers;
}

const byCount = (counts: Map<number, number>) =>
  [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));

describe('the sample set', () => {
  it('is the same for the same seed, and another for another', () => {
    const first = hashes(writeSample(join(root, 'a'), { users: 100, seed: 5 }));
    expect(hashes(writeSample(join(root, 'b'), { users: 100, seed: 5 }))).toEqual(first);
    expect(hashes(writeSample(join(root, 'c'), { users: 100, seed: 6 }))).not.toEqual(first);
    expect(() => writeSample(root, { users: 1 })).toThrow(/import options: users/);
  });

  it('has skewed popularity, cold items, titles, and an order worth learning', async () => {
    const folder = join(root, 'sample');
    writeSample(folder);
    const { id, statistics } = await importDataset({ paths: [folder] }, { home: root });
    expect(statistics).toMatchObject({
      users: 3000,
      catalogueItems: 1200,
      hasTitles: true,
      hasRatings: true,
    });
    expect(statistics.coldItems).toBeGreaterThan(10);
    expect(statistics.catalogueItems).toBeGreaterThan(statistics.items);
    expect(statistics.itemPopularity.max).toBeGreaterThan(8 * statistics.itemPopularity.median);
    const directory = join(root, 'datasets', id);
    const data = await openInteractions(directory);
    const popularity = new Map<number, number>();
    const followers = new Map<number, Map<number, number>>();
    const split = leaveLastOut(data);
    for (let user = 0; user < data.users; user++) {
      for (let at = split.start(user); at < split.trainEnd(user); at++) {
        const item = data.itemIds[at];
        popularity.set(item, (popularity.get(item) ?? 0) + 1);
        if (at === split.start(user)) continue;
        const next = followers.get(data.itemIds[at - 1]) ?? new Map<number, number>();
        next.set(item, (next.get(item) ?? 0) + 1);
        followers.set(data.itemIds[at - 1], next);
      }
    }
    const popular = byCount(popularity);
    const follow = (user: number) =>
      byCount(followers.get(data.itemIds[split.validIndex(user)]) ?? new Map());
    expect(hitRate(data, follow)).toBeGreaterThan(3 * hitRate(data, () => popular));
    const [card] = await readItemCards(directory, [popular[0]]);
    expect(card.title).toMatch(/^The /);
    expect(card.side).toHaveProperty('genres');
  });
});

describe('statistics', () => {
  it('summarises counts', () => {
    expect(summarise(Int32Array.of(4, 1, 3, 2))).toEqual({ min: 1, median: 2.5, mean: 2.5, max: 4 });
    expect(summarise(new Int32Array())).toEqual({ min: 0, median: 0, mean: 0, max: 0 });
    expect(histogram(Int32Array.of(0, 1, 2, 3, 4, 7, 8))).toEqual([1, 2, 2, 1]);
  });
});
