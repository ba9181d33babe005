/** Entry of the trainer process: runs one spec. */
import { runTraining } from '../../core/families/trainer.ts';
import { serveTrainings } from './serve-trainings.ts';
import { withUsage } from './usage.ts';

serveTrainings((spec, emit, signal, stopAfterEpoch) =>
  runTraining(spec, withUsage(emit), signal, stopAfterEpoch),
);
