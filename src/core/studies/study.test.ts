import { describe, expect, it } from 'vitest';
import { findModel, resolveConfig } from '../families/registry.ts';
import { requireScalable } from './counts.ts';
import { shortKeys, sizeOfText } from './study.ts';
import { DEPTH_WIDTH_SIZES, publishedSizes } from './study-choices.ts';

function count(id: string, text: string): number {
  const model = findModel(id);
  const size = sizeOfText(text, shortKeys(Object.keys(model.configSchema.shape)));
  const config = resolveConfig(id, { overrides: size.config });
  return requireScalable(model)(config, { users: 10, items: 10 }).nonEmbedding;
}

describe('ready sizes', () => {
  it.each(['sasrec', 'llama'])('have the published numbers of parameters in %s', (model) => {
    // Without the largest, which is slow to build; weights alone are counted in the paper, biases and norms here, too.
    const published = [98_304, 786_432, 1_572_864, 9_437_184];
    published.forEach((n, at) => {
      const ratio = count(model, publishedSizes(model)[at]) / n;
      expect(ratio).toBeGreaterThan(0.99);
      expect(ratio).toBeLessThan(1.02);
    });
  });

  it('set depth against width at a like number of parameters', () => {
    const counts = DEPTH_WIDTH_SIZES.map((text) => count('sasrec', text));
    for (const group of [counts.slice(0, 3), counts.slice(3)]) {
      expect(Math.max(...group) / Math.min(...group)).toBeLessThan(1.1);
    }
  });
});
