/** 360Brew-style recommendation: everything as text for a small language model, in three stages of training. */

import { Decoder } from '../../../decoders/decoder.ts';
import { languageSchema } from '../language-config.ts';
import { languageModel } from '../language-model.ts';

export const brew = languageModel({
  id: 'brew',
  title: '360Brew',
  summary: 'Reads and answers everything as text.',
  group: 'language',
  paper: {
    title: '360Brew: A Decoder-only Foundation Model for Personalized Ranking and Recommendation',
    authors: 'Hamed Firooz, Maziar Sanjabi, Adrian Englhardt, and others',
    year: 2025,
    where: 'arXiv:2501.16450 (withdrawn for a licence reason)',
  },
  essentials: ['stage', 'startFrom', 'dim', 'blocks', 'shots', 'epochs'],
  configSchema: languageSchema,
  sources: { startFrom: 'optional' },
  build: (sizes, options) => new Decoder(sizes, options),
});
