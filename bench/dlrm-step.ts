/**
 * Training steps of DLRM at its Criteo Kaggle configuration, the peer of torch/dlrm_step.py: generated rows shaped as
 * Criteo's (13 numbers, 26 categories with its vocabularies, ids modulo MAX_ROWS, frequent ids first), Adagrad.
 *
 * usage: node bench/dlrm-step.ts THREADS STEPS BATCH MAX_ROWS
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
 */

import { z } from 'zod';
import { openDevice } from '../src/core/engine/index.ts';
import type { ClickSizes } from '../src/core/families/clicks/click-model.ts';
import { type ClickRows, clickStep, encodeRows } from '../src/core/families/clicks/click-step.ts';
import { Dlrm, dlrmFields } from '../src/core/families/clicks/models/dlrm.ts';
import { Random } from '../src/core/math/random.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const [threads, steps, rows, maxRows] = process.argv.slice(2).map(Number);
const WARM_UP = 3;
const DENSE = 13;
/** Categories of the 26 columns of the Criteo Kaggle display advertising data. */
const VOCABULARIES = [
  1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10,
  5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
].map((count) => Math.min(count, maxRows));

const sizes: ClickSizes = {
  dense: Array.from({ length: DENSE }, (_, i) => `I${i + 1}`),
  features: VOCABULARIES.map((vocabulary, i) => ({
    ...{ name: `C${i + 1}`, of: 'other', vocabulary, width: 1 },
    counts: new Int32Array(0),
  })),
  tasks: ['click'],
};
const model = new Dlrm(z.object(dlrmFields).parse({}), sizes);

/** An id's frequency falls with its place, as 1 / place. */
function generate(random: Random): ClickRows {
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row);
  return {
    count: rows,
    dense: Float32Array.from({ length: rows * DENSE }, () => Math.log1p(Math.exp(2 * random.normal()))),
    features: VOCABULARIES.map((count) => ({
      ids: Int32Array.from(
        { length: rows },
        () => Math.floor(Math.exp(random.uniform() * Math.log(count + 1))) - 1,
      ),
      offsets,
    })),
    labels: Float32Array.from({ length: rows }, () => (random.uniform() < 0.25 ? 1 : 0)),
    weights: new Float32Array(rows).fill(1 / rows),
    users: new Int32Array(rows).fill(-1),
  };
}

const random = new Random(3);
const batches = Array.from({ length: WARM_UP + steps }, () => generate(random));
const { context } = await openDevice('cpu', { threads });
const optimiser = { optimiser: 'adagrad', beta1: 0.9, beta2: 0.999, epsilon: 1e-10 } as const;
const runner = new StepRunner(
  clickStep(model, sizes),
  { ...optimiser, weightDecay: 0, clipNorm: 0 },
  context,
  1,
);
await runner.initialise();

let step = 0;
const next = () => runner.step(++step, 0.01, [encodeRows(model, sizes, batches[step - 1], rows)]);
console.log(JSON.stringify(await timeSteps(next, { warmUp: WARM_UP, steps })));
await context.dispose();
