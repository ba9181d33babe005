/**
 * Memory and time of training steps of a sequential model at one length: generated interactions, every row full.
 *
 * usage: node bench/step-memory.ts MODEL ROWS LENGTH STEPS ITEMS [SETTING=VALUE ...]
 * Prints one JSON line: {"graph": bytes of the step's graph, "nodes": its nodes, "live": bytes of values that it
 * has alive at once, "before": bytes that stand before the
 * first step, "peak": most bytes above them, "cpu": seconds of process CPU a step after the second, "loss": last loss}.
 */
import { SequenceBatches } from '../src/core/data/batches/sequence-batches.ts';
import { openDevice } from '../src/core/engine/index.ts';
import { trace } from '../src/core/engine/tracer.ts';
import { buildTrained } from '../src/core/families/next-item/next-item-models.ts';
import { resolveConfig } from '../src/core/families/registry.ts';
import { initialise } from '../src/core/layers/index.ts';
import type { TrainingConfig } from '../src/core/training/config.ts';
import { StepRunner } from '../src/core/training/step-runner.ts';
import { setting } from '../src/main/cli/options.ts';
import { generate } from './generated.ts';
import { timeSteps } from './time-steps.ts';

const [name] = process.argv.slice(2);
const [rows, length, steps, items] = process.argv.slice(3, 7).map(Number);
const settings = process.argv.slice(7).reduce((all, text) => setting(text, all), {});
const overrides = { batchSize: rows, maxLength: length, microBatchTokens: rows * length, ...settings };

const data = generate(Array<number>(rows).fill(length), items);
const config = resolveConfig(name, { overrides }) as TrainingConfig;
const model = buildTrained(name, config, data);
if (model.batches.kind !== 'sequences') throw new Error(`${name} reads no sequences`);
const { columns } = model.batches;
const batches = new SequenceBatches(data, data.offsets.subarray(1), {
  ...{ batchSize: rows, microBatchTokens: rows * length, maxLength: length, columns, seed: 1, joint: true },
});

const { context } = await openDevice('cpu', { threads: 1 });
const runner = new StepRunner(model, config, context, 1);
await runner.load(initialise(model.parameters, 1));
const before = process.memoryUsage.rss();

let step = 0;
const next = () => runner.step(++step, config.learningRate, batches.step(step - 1, 0));
const { cpu, loss } = await timeSteps(next, { warmUp: 2, steps });
// In kilobytes, and the peak of the process's whole life.
const peak = process.resourceUsage().maxRSS * 1024 - before;
const { bytes, nodes, liveBytes } = trace(runner.programs.step([{ rows, length }]), { dynamicSizes: true });
console.log(JSON.stringify({ graph: bytes.length, nodes, live: liveBytes, before, peak, cpu, loss }));
await context.dispose();
