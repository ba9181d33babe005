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
