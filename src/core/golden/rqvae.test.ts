import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

const GOLDEN = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');
const upstream = join(GOLDEN, 'rqvae-a.json');
/** Made by a PyTorch reference of our own: unit latents and vectors, binary columns. */
const options = join(import.meta.dirname, '../../../test/golden/rqvae-options.json');

interface Fixture {
  eb_rotation: { grads: Record<string, { data: number[] }> };
}

const read = (path: string): Fixture => JSON.parse(readFileSync(path, 'utf8'));

test.skipIf(!existsSync(upstream))(
  'every block of released code agrees (TESSERA_GOLDEN names the folder)',
  async () => {
    const result = await checkFixture(read(upstream));
    expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
    const blocks = ['eb_ste', 'eb_rotation', 'xt', 'xt_sinkhorn_last_level', 'plain_own'];
    for (const block of blocks) expect(result.errors).toHaveProperty([`${block}.codes`]);
    expect(result).toMatchObject({ model: 'rqvae', pass: true, maxError: { step: expect.any(Number) } });
  },
);

test('normalised latents and vectors and binary columns agree with PyTorch', async () => {
  const result = await checkFixture(read(options));
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  // Ten outputs and losses, nine gradients and nine stepped parameters of two blocks.
  expect(Object.keys(result.errors)).toHaveLength(2 * (10 + 9 + 9));
});

test('a wrong gradient of one block is found', async () => {
  const changed = read(options);
  const { data } = changed.eb_rotation.grads['encoder.mlp.0.weight'];
  data[0] += 0.01 * Math.max(...data.map(Math.abs));
  const result = await checkFixture(changed);
  expect(result).toMatchObject({ pass: false, maxError: { gradients: expect.closeTo(0.01, 3) } });
});
