import { expect, test } from 'vitest';
import type { Interactions } from '../../../data/types.ts';
import type { FitContext } from '../next-item-model.ts';
import { ease, easeSchema } from './ease.ts';

test('a catalogue whose weights no memory holds is refused before any is taken', async () => {
  const interactions = { items: 3_000_000 } as Interactions;
  await expect(ease.build(easeSchema.parse({})).fit({ interactions } as FitContext)).rejects.toThrow(
    /^EASE on 3000000 items takes about \d+\.\d GiB of memory, and .* import with a higher minimum per item, or use itemknn$/,
  );
});

test('who counts the common users says how far it is, and is left when nobody waits for it', async () => {
  const users = 600;
  const offsets = Int32Array.from({ length: users + 1 }, (_, user) => 2 * user);
  const itemIds = Int32Array.from({ length: 2 * users }, (_, at) => at % 5);
  const abort = new AbortController();
  const told: unknown[] = [];
  const onProgress = (...progress: unknown[]) => {
    told.push(progress);
    if (told.length === 2) abort.abort();
  };
  const interactions = { users, items: 5, catalogueItems: 5, offsets, itemIds, times: null, ratings: null };
  const context = { interactions, trainEnd: offsets.slice(1), onProgress, signal: abort.signal };
  const fit = ease.build(easeSchema.parse({})).fit(context as unknown as FitContext);
  await expect(fit).rejects.toThrow('cancelled');
  expect(told).toEqual([
    [0, users, 'users'],
    [256, users, 'users'],
  ]);
});
