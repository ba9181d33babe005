/**
 * Training steps with an embedding table on the host: a click model of a user's 10 past items and a candidate, batch 2,048,
 * on DLRM's networks; ids uniform, so that nearly every row of a step is another one.
 *
 * usage: node bench/host-table.ts ITEMS DIM THREADS STEPS OPTIMISER [CHECKPOINT]
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss,
 * "initialise": seconds, "peakGiB": peak resident memory}, with a CHECKPOINT path also seconds to "write" and "read" it.
 */
import { z } from 'zod';
import { type OptimiserConfig, openDevice } from '../src/core/engine/index.ts';
import { Dlrm, dlrmFields } from '../src/core/models/dlrm.ts';
import type { RankingSizes } from '../src/core/models/ranking.ts';
import { Random } from '../src/core/random.ts';
import { readSafetensors, writeSafetensors } from '../src/core/safetensors.ts';
import { encodeRows, type RankingRows, rankingStep } from '../src/core/training/ranking/step.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const [items, dim, threads, steps] = process.argv.slice(2, 6).map(Number);
const optimiser = process.argv[6] as OptimiserConfig['optimiser'];
const checkpoint = process.argv[7];
const [ROWS, HISTORY, WARM_UP] = [2048, 10, 3];

const feature = { of: 'item', vocabulary: items, counts: new Int32Array(0) } as const;
const sizes: RankingSizes = {
  dense: [],
  features: [
    { ...feature, name: 'item', width: 1 },
    { ...feature, name: 'history', width: HISTORY },
  ],
  tasks: ['click'],
};
const model = new Dlrm(z.object(dlrmFields).parse({ dim, interaction: 'cat' }), sizes);

function generate(random: Random): RankingRows {
  const bags = (width: number) => {
    const ids = new Int32Array(ROWS * width);
    random.fillIntegers(ids, 0, items);
    return { ids, offsets: Int32Array.from({ length: ROWS + 1 }, (_, row) => row * width) };
  };
  return {
    count: ROWS,
    dense: new Float32Array(0),
    features: [bags(1), bags(HISTORY)],
    labels: Float32Array.from({ length: ROWS }, () => random.below(2)),
    weights: new Float32Array(ROWS).fill(1 / ROWS),
    users: new Int32Array(ROWS).fill(-1),
  };
}

const random = new Random(3);
const batches = Array.from({ length: WARM_UP + steps }, () => generate(random));
const { context } = await openDevice('cpu', { threads });
const config = { optimiser, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 };
const seconds = async (work: () => unknown) => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
const runner = new StepRunner(rankingStep(model, sizes), config, context, 1);
const initialise = await seconds(() => runner.initialise());
let step = 0;
const next = () => runner.step(++step, 0.01, [encodeRows(model, sizes, batches[step - 1], ROWS)]);
const times = await timeSteps(next, { warmUp: WARM_UP, steps });
const files = checkpoint
  ? {
      write: await seconds(async () => writeSafetensors(checkpoint, await runner.tensors('all'))),
      read: await seconds(() => readSafetensors(checkpoint, runner.hostTables.targets('all'))),
    }
  : {};
const peakGiB = process.resourceUsage().maxRSS / 2 ** 20;
console.log(JSON.stringify({ ...times, initialise, ...files, peakGiB }));
await context.dispose();
