import { expect, test } from 'vitest';
import { modelTile } from './colours.ts';

test('a tokeniser has its codes for a tile, and no colour of a model', () => {
  const [vae, means, liger] = ['rq-vae', 'residual-kmeans', 'liger'].map((id) => modelTile(id, 'light'));
  expect(vae).toContain('var(--accent)');
  expect(means).toBe(vae);
  expect(liger).not.toContain('var(--accent)');
});
