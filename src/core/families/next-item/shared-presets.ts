/** Settings that presets of several models share. */

/**
 * Settings that both tables share (Zhai et al. 2024, Ye et al. 2025), including epoch selection on test items; their other
 * settings are our defaults.
 */
export const publishedTraining = {
  protocol: 'paper',
  optimiser: 'adamw',
  epochs: 101,
  maxLength: 200,
  patience: 0,
} as const;

/** Amazon Books in the HSTU table. */
export const publishedBooks = {
  ...publishedTraining,
  epochs: 201,
  maxLength: 50,
  heads: 4,
  dropout: 0.5,
  negatives: 512,
} as const;

/**
 * As tuned here on the validation items of Amazon Beauty, where a pass has 175 steps. Data of few users have passes of a few
 * steps: what is counted in passes would end a run there while it still learns what is popular.
 */
export const beautyLength = {
  epochs: 60,
  patience: 8,
  minSteps: 2000,
  minEvaluationSteps: 50,
  minPatienceSteps: 400,
} as const;

/** As tuned for SASRec on Amazon Beauty. */
export const beautyTraining = { ...beautyLength, loss: 'full-softmax', dropout: 0.5 } as const;
