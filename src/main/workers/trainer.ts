/** Entry of the trainer process: runs one spec. */
import { runTraining, weighTraining } from '../../core/families/trainer.ts';
import { serveTrainings } from './serve-trainings.ts';
import { withUsage } from './usage.ts';

serveTrainings((spec, emit, signal, stopAfterEpoch) =>
  spec.weigh ? weighTraining(spec, emit, signal) : runTraining(spec, withUsage(emit), signal, stopAfterEpoch),
);
