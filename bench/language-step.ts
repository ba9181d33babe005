/**
 * A training step of LoRA on a pretrained model, or scoring of prompts: rows of random tokens, all of them real.
 *
 * usage: node bench/language-step.ts lora|score MODEL THREADS ROWS LENGTH STEPS [--recompute] [--rank 8] [--supervised LENGTH]
 * MODEL: a GGUF file or a folder of a checkpoint. Scoring gives the log-probabilities of two tokens after each row. The last so many
 * tokens of a row are trained on, by default all.
 * Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": of the last step, or the sum of the
 * log-probabilities, "peak": bytes that the process took at most, "expected": bytes that the model's card expects of it}.
 * torch/language_step.py is its peer, on the same tokens.
 */
import { parseArgs } from 'node:util';
import { Decoder } from '../src/core/decoders/decoder.ts';
import { openCheckpoint, readCheckpoint } from '../src/core/decoders/pretrained/checkpoint.ts';
import { type HostArrays, openDevice } from '../src/core/engine/index.ts';
import { adapterBytes, scoringBytes } from '../src/core/families/language/model-memory.ts';
import { LanguageScorer } from '../src/core/families/language/sequence-scorer.ts';
import { initialise } from '../src/core/layers/index.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { timeSteps } from './time-steps.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recompute: { type: 'boolean', default: false },
    rank: { type: 'string', default: '8' },
    supervised: { type: 'string' },
  },
});
const [kind, path] = positionals;
const [threads, rows, length, steps] = positionals.slice(2).map(Number);
const WARM_UP = 2;

const checkpoint = openCheckpoint(path, length);
const { vocabulary } = checkpoint.config;
/** The same in torch/language_step.py. */
const ids = Int32Array.from(
  { length: rows * length },
  (_, i) => (i * 7919 + ((i * i) % 104_729)) % vocabulary,
);
const { context: device } = await openDevice('cpu', { threads });

if (kind === 'score') {
  const decoder = new Decoder(checkpoint.config);
  const expected = scoringBytes(checkpoint.config, { rows });
  await device.load(named(decoder, readCheckpoint(checkpoint)));
  await using scorer = new LanguageScorer(decoder, device, rows);
  const prompts = Array.from({ length: rows }, (_, row) => ids.subarray(row * length, (row + 1) * length));
  report(
    await timeSteps(
      async () => (await scorer.nextTokens(prompts, [1, 2])).reduce((sum, [a, b]) => sum + a + b, 0),
      { warmUp: WARM_UP, steps },
    ),
    expected,
  );
} else {
  const adapters = { rank: Number(values.rank), alpha: 16, targets: ['query', 'value'] as const };
  const supervised = Number(values.supervised ?? length);
  const shape = { rows, supervised, recompute: values.recompute };
  const expected = adapterBytes(checkpoint.config, adapters, shape);
  const decoder = new Decoder(checkpoint.config, { adapters, ...shape });
  const config = {
    ...{ optimiser: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0 },
  } as ConstructorParameters<typeof StepRunner>[1];
  const runner = new StepRunner(decoder, config, device, 1);
  await runner.load({ ...readCheckpoint(checkpoint), ...initialise(decoder.parameters, 1) });
  const cells = ids.length;
  const places = Int32Array.from(ids.keys()).filter((cell) => cell % length >= length - supervised);
  const inputs: HostArrays = {
    ids,
    segments: new Int32Array(cells).fill(1),
    positions: Int32Array.from(ids, (_, cell) => cell % length),
    places,
    targets: places.map((cell) => ids[cell + 1] ?? 0),
    weights: Float32Array.from(places, (cell) =>
      cell % length === length - 1 ? 0 : 1 / (rows * (supervised - 1)),
    ),
  };
  const batch = { shape: { rows, length }, users: new Int32Array(rows), tokens: cells, inputs };
  let step = 0;
  report(await timeSteps(() => runner.step(++step, 1e-4, [batch]), { warmUp: WARM_UP, steps }), expected);
}
await device.dispose();

function named(decoder: Decoder, all: HostArrays) {
  return Object.fromEntries(
    Object.entries(decoder.parameters).map(([name, spec]) => [name, { spec, data: all[name] }]),
  );
}

function report(times: object, expected: number): void {
  console.log(JSON.stringify({ ...times, peak: process.resourceUsage().maxRSS * 1024, expected }));
}
