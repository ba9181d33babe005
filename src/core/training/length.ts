/** How long a training is, and when it validates and stops: counted in passes, with least numbers of steps for small data. */
import type { TrainingConfig } from './config.ts';

export type LengthConfig = Pick<TrainingConfig, 'epochs' | 'patience'> & {
  /** Epochs between two validations. Default: 1. */
  evaluateEvery?: number;
  /** Steps that count as an epoch; 0, the default, stands for a pass over the data. */
  epochSteps?: number;
  /** Steps that an epoch of one pass has at least. Default: 0. */
  minEpochSteps?: number;
  /** Least steps of the training, between two validations, and without a better one before it stops. Default: 0. */
  minSteps?: number;
  minEvaluationSteps?: number;
  minPatienceSteps?: number;
};

export interface TrainingLength {
  stepsPerEpoch: number;
  epochs: number;
  /** Epochs between two validations. */
  evaluateEvery: number;
  /** Validations without a better one before the training stops; 0 never stops it. */
  patience: number;
}

/** The length of a training whose passes over the data have `stepsPerPass` steps. */
export function trainingLength(config: LengthConfig, stepsPerPass: number): TrainingLength {
  const { epochSteps, minEpochSteps = 0, evaluateEvery = 1, patience } = config;
  const { minSteps = 0, minEvaluationSteps = 0, minPatienceSteps = 0 } = config;
  const stepsPerEpoch = epochSteps || Math.max(stepsPerPass, minEpochSteps);
  const timesFor = (steps: number, of: number) => Math.ceil(steps / Math.max(1, of));
  const epochs = config.epochs && Math.max(config.epochs, timesFor(minSteps, stepsPerEpoch));
  const every = evaluateEvery * Math.max(1, timesFor(minEvaluationSteps, evaluateEvery * stepsPerEpoch));
  return {
    stepsPerEpoch,
    epochs,
    evaluateEvery: every,
    patience: patience && Math.max(patience, timesFor(minPatienceSteps, every * stepsPerEpoch)),
  };
}
