/** Entry of a trainer on another machine, which trains the spec in a file: "remote-trainer SPEC". */
import { readFileSync } from 'node:fs';
import { runTraining } from '../../core/families/trainer.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { trainAlone } from './serve-trainings.ts';
import { withUsage } from './usage.ts';

const spec = JSON.parse(readFileSync(process.argv[2], 'utf8')) as TrainSpec & { journal: string };
process.umask(0o077);
process.exit(
  await trainAlone(spec, (sent, emit, signal, stopAfterEpoch) =>
    runTraining(sent, withUsage(emit), signal, stopAfterEpoch),
  ),
);
