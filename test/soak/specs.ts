/** The runs of a soak: small ones of every kind, each of which has a twin that nothing happens to. */
import type { Random } from '../../src/core/math/random.ts';

export interface SoakRun {
  model: string;
  overrides: Record<string, unknown>;
  seed: number;
}

const steps = { epochs: 40, batchSize: 16, patience: 0, learningRate: 0.01 };
const attention = { ...steps, dim: 8, maxLength: 10, blocks: 1, heads: 1, negatives: 8 };
const codes = { contentDim: 8, levels: 2, codes: 8 };

/** Without their seeds. `tokeniser` is a completed run that gives items their IDs, and `pretrained` a language model. */
export function specsOf(sources: { tokeniser: string; pretrained: string }): Omit<SoakRun, 'seed'>[] {
  return [
    { model: 'popularity', overrides: {} },
    { model: 'ease', overrides: { l2: 20 } },
    { model: 'bprmf', overrides: { ...steps, dim: 8, batchSize: 64 } },
    { model: 'gru4rec', overrides: { ...steps, hidden: 8, maxLength: 10 } },
    { model: 'sasrec', overrides: { ...attention, loss: 'full-softmax' } },
    {
      model: 'sasrec',
      overrides: { ...attention, itemTable: 'host', negativeSharing: 'batch', optimiser: 'lazy-adam' },
    },
    tokeniserSpec,
    {
      model: 'rq-vae',
      overrides: { ...codes, ...steps, latentDim: 4, hidden: '8', epochs: 400, evaluateEvery: 20 },
    },
    {
      model: 'tiger',
      overrides: {
        ...{ ...steps, epochs: 12, tokeniser: sources.tokeniser, dim: 8, heads: 1, headDim: 8, ffnDim: 8 },
        ...{
          encoderBlocks: 1,
          decoderBlocks: 1,
          maxLength: 5,
          userTokens: 10,
          beams: 12,
          validationBeams: 10,
        },
      },
    },
    { model: 'brew', overrides: { stage: 'fine-tuning', startFrom: sources.pretrained, ...brew } },
    pretrainingSpec,
  ];
}

const brew = {
  ...{ vocabulary: 300, dim: 8, blocks: 1, heads: 2, kvHeads: 1, context: 320, shots: 3, epochs: 16 },
  ...{ stepsPerEpoch: 4, batchSize: 2, heldOutUsers: 6, testUsers: 12, warmupSteps: 2, learningRate: 0.01 },
};

export const tokeniserSpec = { model: 'residual-kmeans', overrides: codes };
export const pretrainingSpec = { model: 'brew', overrides: { stage: 'pretraining', ...brew } };

export const keyOf = (run: SoakRun): string => JSON.stringify(run);

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)];
}
