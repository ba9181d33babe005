/**
 * Training steps of DLRM at its Criteo Kaggle configuration, the peer of torch/dlrm_step.py: generated rows shaped as
 * Criteo's (13 numbers, 26 categories with its vocabularies, ids modulo MAX_ROWS, frequent ids first), Adagrad.
 *
 * usage: node bench/dlrm-step.ts THREADS STEPS BATCH MAX_ROWS [--exchange FOLDER]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}. --exchange: as in
 * next-item-step.ts.
 */

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openDevice } from '../src/core/engine/index.ts';
import type { ClickSizes } from '../src/core/families/clicks/click-model.ts';
import { type ClickRows, clickStep, encodeRows } from '../src/core/families/clicks/click-step.ts';
import { Dlrm, dlrmFields } from '../src/core/families/clicks/models/dlrm.ts';
import { Random } from '../src/core/math/random.ts';
import type { TrainingConfig } from '../src/core/training/config.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { exchange } from './exchange.ts';
import { timeSteps } from './time-steps.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { exchange: { type: 'string' } },
});
const [threads, steps, rows, maxRows] = positionals.map(Number);
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
const config = { ...optimiser, weightDecay: 0, clipNorm: 0, learningRate: 0.01 };
const step = clickStep(model, sizes);
const encoded = (index: number) => encodeRows(model, sizes, batches[index], rows);
if (values.exchange) {
  const told = { ...config, columns: VOCABULARIES.length, dense: DENSE };
  /** The peer looks its rows up itself. */
  const withIds = (index: number) => {
    const batch = encoded(index);
    const ids = Int32Array.from(batches[index].features.flatMap((bags) => Array.from(bags.ids)));
    return [{ ...batch, inputs: { ...batch.inputs, ids } }];
  };
  const subject = { model: step, config: told as unknown as TrainingConfig & typeof told, context };
  console.log(JSON.stringify(await exchange(values.exchange, { ...subject, step: withIds }, steps)));
} else {
  const runner = new StepRunner(step, config, context, 1);
  await runner.initialise();
  let done = 0;
  const next = () => runner.step(++done, config.learningRate, [encoded(done - 1)]);
  console.log(JSON.stringify(await timeSteps(next, { warmUp: WARM_UP, steps })));
}
await context.dispose();
