import { expect, test } from 'vitest';
import { z } from 'zod';
import type { PositionCost } from '../model.ts';
import { findModel, models } from '../registry.ts';
import type { TrainedDefinition, TrainedModel } from './next-item-model.ts';
import { scalingOf } from './scaling.ts';

const sizes = { users: 50, items: 1000 };
const counts = { positions: 10_000, meanLength: 20 };

test('counts by what the model states, whatever its config keys are called', () => {
  const cost: PositionCost = {
    ...{ width: 8, blocks: 3, blockWidth: 16, heads: 2, causal: true },
    candidates: 1000,
  };
  const shape = z.object({ layers: z.number(), width: z.number() });
  const model = { parameters: { w: { shape: [5, 7], dtype: 'float32' } }, cost } as unknown as TrainedModel;
  const definition = { configSchema: shape, build: () => model } as unknown as TrainedDefinition;
  const counted = scalingOf(definition)({ layers: 3, width: 16 }, sizes);
  const attention = 6 * 3 * 16 * counts.meanLength;
  expect(counted.epochFlops(counts)).toBe(counts.positions * (6 * 35 + attention + 6 * 8 * 1000));
});

test('counts attention to both sides twice, and the candidates of the positions that predict', () => {
  const { scaling, configSchema } = findModel('bert4rec');
  const config = { ...configSchema.parse({}), dim: 32, blocks: 3, maxLength: 39, maskShare: 0.25 };
  const counted = scaling?.(config, sizes);
  if (!counted) throw new Error('no counts');
  const attention = 12 * 3 * 32 * counts.meanLength;
  const candidates = (1000 * 10) / 40;
  expect(counted.epochFlops(counts)).toBe(
    counts.positions * (6 * counted.nonEmbedding + attention + 6 * 33 * candidates),
  );
});

test('tells losses over a few candidates from those over all items', () => {
  const flops = (id: string, changes: object) => {
    const { scaling, configSchema } = findModel(id);
    return scaling?.({ ...configSchema.parse({}), ...changes }, sizes).epochFlops(counts) ?? 0;
  };
  const apart = (id: string, whole: object, few: object) => flops(id, whole) - flops(id, few);
  const perCandidate = 6 * 64 * counts.positions;
  expect(apart('sasrec', { loss: 'full-softmax' }, { loss: 'bce' })).toBe(perCandidate * 998);
  expect(apart('gru4rec', { loss: 'cross-entropy' }, { loss: 'bpr' })).toBe(perCandidate * 998);
  expect(apart('bprmf', {}, {})).toBe(0);
  expect(flops('bprmf', {})).toBe(perCandidate * 2);
});

test.each(models.filter(({ scaling }) => scaling))('counts $id', ({ scaling, configSchema }) => {
  const counted = scaling?.(configSchema.parse({}), sizes);
  expect(counted?.epochFlops(counts)).toBeGreaterThan(0);
  expect(counted?.parameters).toBeGreaterThan(counted?.nonEmbedding ?? Infinity);
});
