import type { TrainingConfig } from './config.ts';

/**
 * Learning rate of an optimiser step, counted from 1: linear growth over the warm-up steps, then the
 * schedule. inverse-sqrt: lr * sqrt(warmup / step) (Vaswani et al. 2017, section 5.3, scaled to peak at lr).
 */
export function learningRateAt(
  config: Pick<TrainingConfig, 'learningRate' | 'warmupSteps' | 'schedule'>,
  step: number,
  totalSteps: number,
): number {
  const { learningRate, warmupSteps, schedule } = config;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'linear':
      return learningRate * Math.max(0, 1 - progress);
    case 'cosine':
      return (learningRate / 2) * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    case 'inverse-sqrt':
      return learningRate * Math.sqrt(Math.max(1, warmupSteps) / step);
  }
}
