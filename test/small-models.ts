import type { Model } from '../src/core/families/model.ts';
import { resolveConfig } from '../src/core/families/registry.ts';

/** Sizes that make every model small and its epochs a step or two; each model takes those that it has. */
const SMALL: Record<string, unknown> = {
  dim: 8,
  hidden: 8,
  blocks: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 4,
  dqk: 4,
  dv: 4,
  periods: 4,
  ffnDim: 8,
  encoderBlocks: 1,
  decoderBlocks: 1,
  maxLength: 6,
  negatives: 4,
  epochs: 1,
  stepsPerEpoch: 1,
  epochSteps: 1,
  batchSize: 8,
  validationUsers: 8,
  levels: 2,
  codes: 8,
  latentDim: 4,
  contentDim: 16,
  dropout: 0.2,
  vocabulary: 300,
  shots: 3,
  heldOutUsers: 4,
  testUsers: 4,
  beams: 10,
  bottomMlp: '8',
  topMlp: '8',
};

const OF_KIND: Record<string, Record<string, unknown>> = {
  generative: { tokeniser: 'ids' },
  language: { context: 160, batchSize: 2 },
};

/** The config of a model with such sizes, and `overrides` of those that it has. A generative one reads the IDs of a source "ids". */
export function smallConfig(
  { id, kind, configSchema }: Model,
  overrides: Record<string, unknown> = {},
): Record<string, unknown> {
  const wanted = Object.entries({ ...SMALL, ...OF_KIND[kind], ...overrides });
  return resolveConfig(id, {
    overrides: Object.fromEntries(wanted.filter(([key]) => key in configSchema.shape)),
  });
}
