/** Entry of a trainer on another machine, which trains the spec in a file: "remote-trainer SPEC". */
import { readFileSync } from 'node:fs';
// Where a library of it is missing there, that is said before anything has begun.
import 'onnxruntime-node';
import { deviceChecks } from '../../core/engine/devices/checks.ts';
import { runTraining } from '../../core/families/trainer.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { trainAlone } from './serve-trainings.ts';
import { withUsage } from './usage.ts';

const spec = JSON.parse(readFileSync(process.argv[2], 'utf8')) as TrainSpec & { journal: string };
process.umask(0o077);
process.exit(
  await trainAlone(spec, async (sent, emit, signal, stopAfterEpoch) => {
    // Its machine alone knows its devices.
    const auto = sent.device === 'auto' ? await deviceChecks.auto() : undefined;
    return runTraining({ ...sent, auto }, withUsage(emit), signal, stopAfterEpoch);
  }),
);
