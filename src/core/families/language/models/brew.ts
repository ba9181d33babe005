/** 360Brew-style recommendation: everything as text for a small language model, in three stages of training. */

import { Decoder } from '../decoder.ts';
import { languageSchema } from '../language-config.ts';
import { languageModel } from '../language-model.ts';

/** The published model is 150 billion parameters; no smaller sizes are published. */
const OUR_SIZE = 'own size for one machine';

export const brew = languageModel({
  id: 'brew',
  title: '360Brew',
  summary: 'A small language model that reads a member, past choices and a question as text and answers it.',
  group: 'language',
  paper: {
    title: '360Brew: A Decoder-only Foundation Model for Personalized Ranking and Recommendation',
    authors: 'Hamed Firooz, Maziar Sanjabi, Adrian Englhardt, and others',
    year: 2025,
    where: 'arXiv:2501.16450 (withdrawn for a licence reason)',
  },
  configSchema: languageSchema,
  sources: { startFrom: 'optional' },
  build: (sizes, options) => new Decoder(sizes, options),
  presets: {
    '1m': {
      description: `${OUR_SIZE}, about 1.3 million parameters with a vocabulary of 4,096`,
      config: { dim: 128, blocks: 4, heads: 4 },
    },
    '3m': {
      description: `${OUR_SIZE}, about 3.4 million parameters with a vocabulary of 4,096`,
      config: { dim: 192, blocks: 6, heads: 6 },
    },
    '15m': {
      description: `${OUR_SIZE}, about 17.3 million parameters with a vocabulary of 8,192`,
      config: { dim: 384, blocks: 8, heads: 6, vocabulary: 8192, learningRate: 6e-4 },
    },
    '60m': {
      description: `${OUR_SIZE}, about 64 million parameters with a vocabulary of 8,192`,
      config: { dim: 640, blocks: 12, heads: 10, vocabulary: 8192, learningRate: 4e-4, context: 1024 },
    },
    '150m': {
      description: `${OUR_SIZE}, about 142 million parameters with a vocabulary of 8,192`,
      config: { dim: 896, blocks: 14, heads: 14, vocabulary: 8192, learningRate: 3e-4, context: 1024 },
    },
  },
});
