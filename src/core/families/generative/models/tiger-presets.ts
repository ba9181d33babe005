/** Settings of TIGER as published, and one for a shared processor. Lengths are in steps where the source counts so. */
import type { ModelDescription } from '../../model.ts';

const paper = {
  dim: 384,
  heads: 6,
  headDim: 64,
  ffnDim: 1024,
  encoderBlocks: 4,
  decoderBlocks: 4,
  softmax: 'vocabulary',
  learningRate: 0.01,
  warmupSteps: 10_000,
  schedule: 'inverse-sqrt',
  epochSteps: 500,
  epochs: 400,
} as const;

/** What the public code below has in common: width 128, torch's defaults of Adam, no user token but in one. */
const public128 = { ...paper, dim: 128, userTokens: 0, beta2: 0.999, epochSteps: 1000, epochs: 200 } as const;

const mender = {
  ...public128,
  encoderBlocks: 6,
  decoderBlocks: 6,
  dropout: 0.2,
  head: 'separate',
  learningRate: 3e-4,
  schedule: 'cosine',
  weightDecay: 0.035,
  patience: 8,
  beams: 30,
} as const;

const grid = {
  ...public128,
  dropout: 0.15,
  optimiser: 'adam',
  learningRate: 5e-4,
  warmupSteps: 0,
  schedule: 'constant',
  patience: 10,
} as const;

const letter = {
  ...public128,
  batchSize: 1024,
  learningRate: 5e-4,
  epochSteps: 250,
  epochs: 100,
  warmupSteps: 250,
  schedule: 'cosine',
  weightDecay: 0.01,
  decayed: 'tables-and-matrices',
  beams: 20,
} as const;

const fiveMillion = {
  ...public128,
  userTokens: 2000,
  embeddingStd: 0.02,
  head: 'separate',
  learningRate: 3e-4,
  epochSteps: 256,
  epochs: 800,
  warmupSteps: 0,
  schedule: 'constant',
  weightDecay: 0.01,
  patience: 40,
  beams: 100,
} as const;

/** Sized for minutes on a shared CPU; 175 steps were once a pass over Amazon Beauty. */
const small = {
  encoding: 'causal',
  softmax: 'continuations',
  batchSize: 128,
  learningRate: 0.003,
  warmupSteps: 100,
  schedule: 'linear',
  epochSteps: 175,
  epochs: 8,
  evaluateEvery: 2,
  patience: 0,
} as const;

/** Tuned on validation items of Amazon Beauty: token vectors that begin short turn far sooner. */
const strong = {
  ...small,
  userTokens: 0,
  embeddingStd: 0.05,
  head: 'separate',
  dropout: 0.15,
  learningRate: 0.002,
  epochSteps: 350,
  epochs: 11,
  evaluateEvery: 1,
  patience: 5,
} as const;

/** Half the patience: validation plateaus at a high rate and improves again as it decays. */
const long = { ...strong, epochs: 22, patience: 11 } as const;

export const tigerPresets: ModelDescription['presets'] = {
  paper: {
    description:
      'TIGER, section 4: 4 + 4 blocks, 6 heads of 64, about 200,000 steps of 256; the width 384 that gives the 13 ' +
      'million parameters it states; the warm-up grows where the paper holds the learning rate',
    config: paper,
  },
  'paper-128': {
    description: 'The same with the width of 128 that it states, 4.5 million parameters besides the tokens',
    config: { ...paper, dim: 128 },
  },
  mender: {
    description:
      'As Paischer et al. 2024 (Mender, arXiv:2412.08604) train TIGER: 6 + 6 blocks, dropout 0.2, cosine from 3e-4 ' +
      'over 200,000 steps, weight decay 0.035; batches of 256 as in the released config',
    config: mender,
  },
  grid: {
    description:
      'GRID (Ju et al. 2025, arXiv:2507.22224): 4 + 4 blocks, Adam at a constant 5e-4, no user token; dropout 0.15 ' +
      'as in the released config; for three levels of residual k-means',
    config: grid,
  },
  letter: {
    description:
      'The TIGER of LETTER (Wang et al. 2024, arXiv:2405.07314): 4 + 4 blocks, cosine from 5e-4 over 25,000 steps of ' +
      '1,024 samples, about 200 passes over Amazon Beauty, 20 beams; norms do not decay',
    config: letter,
  },
  'five-million': {
    description:
      'The public reproduction NonameUntitled/tiger: 4 + 4 blocks of width 128, AdamW at a constant 3e-4, 2,000 user ' +
      'tokens, a table of its own for the logits, 100 beams, stopped after 40 validations without a better one',
    config: fiveMillion,
  },
  small: {
    description:
      'A million parameters and one pass over a history for all its prefixes, for two processor cores: 1,400 steps on ' +
      'data of any size',
    config: small,
  },
  strong: {
    description:
      'As small, with token vectors that begin short, a table of its own for the logits, no user tokens and dropout ' +
      '0.15, for up to 3,850 steps on data of any size: it ends after five validations, 350 steps apart, without a ' +
      'better one, as on data of few users (docs/results.md)',
    config: strong,
  },
  long: {
    description:
      'As strong, for up to 7,700 steps, or until eleven validations bring no better one: about an hour and a quarter ' +
      'on Amazon Beauty (docs/results.md)',
    config: long,
  },
};
