import { EpochOrder } from '../../data/batches/epoch-order.ts';
import { countParameters, float32 } from '../../engine/index.ts';
import { entropyOf } from '../../math/information.ts';
import { rowsAt } from '../../math/rows.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../semantic-ids/artefact.ts';
import { codesOfLevel, countLabels } from '../../semantic-ids/measures/levels.ts';
import { measureCollisions } from '../../semantic-ids/measures/tree.ts';
import { prefixesByDepth } from '../../semantic-ids/prefixes.ts';
import type { ItemMatrix, SemanticIds } from '../../semantic-ids/types.ts';
import type { RunContext } from '../../training/run-context.ts';
import {
  type LoopOutcome,
  type LoopState,
  type LoopTask,
  type MetricValues,
  runStepLoop,
  type StepInfo,
} from '../../training/step-loop.ts';
import type { StepModel } from '../../training/step-model.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { CODES_RESET } from './codebooks.ts';
import { type EncodedItems, IdEncoder } from './id-encoder.ts';
import type { TokeniserOutcome, TrainableTokeniser } from './tokeniser.ts';
import { COLLISION_RATE, type TokeniserTrainingConfig, tokeniserTrainingSchema } from './tokeniser-config.ts';

/** Trains a tokeniser by gradient steps with evaluations over all items and exact resume; the selected IDs are kept. */
export async function trainTokeniserSteps(
  model: TrainableTokeniser,
  content: ItemMatrix,
  context: RunContext,
): Promise<TokeniserOutcome> {
  const config = tokeniserTrainingSchema.parse(context.config);
  const run = { ...context, config };
  const training = new TokeniserTraining(model, content, run);
  return training.finish(await runStepLoop(training, run));
}

class TokeniserTraining implements LoopTask {
  readonly better = 'lower';
  readonly savesValidated = true;
  readonly store: StepRunner;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #model: TrainableTokeniser;
  readonly #content: ItemMatrix;
  readonly #context: RunContext<TokeniserTrainingConfig>;
  readonly #encoder: IdEncoder;
  readonly #order: EpochOrder;

  constructor(model: TrainableTokeniser, content: ItemMatrix, context: RunContext<TokeniserTrainingConfig>) {
    const { spec, device, config } = context;
    this.#model = model;
    this.#content = content;
    this.#context = context;
    const stepped = tokeniserStep(model, { dim: content.dim, resetBelow: config.resetBelow });
    this.store = new StepRunner(stepped, config, device, spec.seed);
    this.#encoder = new IdEncoder(model, device, content);
    const { seed } = spec;
    const { items: samples } = content;
    this.#order = new EpochOrder({ samples, batchSize: config.batchSize, seed, stream: 'item-order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.parameters = countParameters(model);
  }

  /** Initialises the codebooks with k-means, where there are any and the config has it. */
  async prepare(state: LoopState): Promise<void> {
    const { kmeansInit, initRows: rows, initIterations: iterations } = this.#context.config;
    const { codebooks } = this.#model;
    if (!kmeansInit || !codebooks) return;
    const { spec, signal } = this.#context;
    const { latents } = await this.#encode('prepare', state);
    const onProgress = (done: number, total: number) =>
      state.progress.report('prepare', { epoch: 0, done, total, unit: 'k-means iterations' });
    const options = { seed: spec.seed, rows, iterations, signal, onProgress };
    const initial = await codebooks.initial(latents, options);
    const parameters = await this.#context.device.read(Object.keys(this.#model.parameters));
    await this.store.load({ ...parameters, ...initial });
  }

  async step({ epoch, index, step, total, learningRate }: StepInfo) {
    const progress = total > 1 ? (step - 1) / (total - 1) : 0;
    const { dim, data } = this.#content;
    const order = this.#order.step(epoch, index);
    const resets = this.#resets(step, progress);
    const inputs = {
      content: rowsAt(data, dim, order),
      ...this.#model.schedule(progress),
      ...(this.#model.codebooks && { reset: Float32Array.of(resets ? 1 : 0) }),
    };
    const { length: rows } = order;
    const batch = { shape: { rows, length: 1 }, users: new Int32Array(), inputs, tokens: rows };
    const loss = await this.store.step(step, learningRate, [batch]);
    const reports = Object.entries(this.store.reports).filter(([name]) => resets || name !== CODES_RESET);
    const values = reports.map(([name, [value]]) => [`train/${name}`, value]);
    return { 'train/loss': loss, ...Object.fromEntries(values) };
  }

  /** Whether unused codes are reset after this step. */
  #resets(step: number, progress: number): boolean {
    const { resetEvery, resetUntil } = this.#context.config;
    const hasCodebooks = this.#model.codebooks !== undefined;
    return hasCodebooks && resetEvery > 0 && step % resetEvery === 0 && progress <= resetUntil;
  }

  /** Keeps the IDs of this epoch. */
  async validate(state: LoopState): Promise<MetricValues> {
    const encoded = await this.#encode('validate', state);
    await this.#keep(encoded, state);
    return liveMeasures(encoded.ids);
  }

  selected(values: MetricValues): number | null {
    return this.#context.config.selection === 'final-epoch' ? null : values[COLLISION_RATE];
  }

  #encode(
    phase: 'prepare' | 'validate' | 'test',
    { epoch, progress }: Pick<LoopState, 'epoch' | 'progress'>,
  ): Promise<EncodedItems> {
    const { items: total } = this.#content;
    return this.#encoder.encode({
      signal: this.#context.signal,
      onProgress: (done) => progress.report(phase, { epoch, done, total, unit: 'items' }),
    });
  }

  async #keep({ ids }: EncodedItems, { epoch, step }: LoopState): Promise<void> {
    const names = this.#model.codebooks?.parameters ?? [];
    const values = await this.#context.device.read(names);
    const codebooks = names.map((name) => values[name] as Float32Array);
    writeSnapshot(this.#context.spec.runDir, { step, epoch, ids, codebooks });
  }

  /** Says which IDs count, and keeps the space that they are of. */
  async finish(loop: LoopOutcome): Promise<TokeniserOutcome> {
    const { seconds, epoch, selectedEpoch } = loop;
    await loop.loadSelected();
    const encoded = await this.#encode('test', loop);
    if (epoch === 0) await this.#keep(encoded, loop);
    const space = { vectors: this.#content, latents: encoded.latents };
    writeSpace(this.#context.spec.runDir, space);
    selectSnapshot(this.#context.spec.runDir, selectedEpoch * this.stepsPerEpoch);
    await this.#encoder.release();
    return { epochs: epoch, selectedEpoch, seconds, ids: encoded.ids, space };
  }
}

/** Trains on batches of `content` and reports what the model reports, and where it has codebooks CODES_RESET. */
export function tokeniserStep(
  model: TrainableTokeniser,
  { dim, resetBelow }: { dim: number; resetBelow: number },
): StepModel {
  const { parameters, codebooks, schedules } = model;
  const resets = codebooks?.resets(model.view.bind(model), resetBelow);
  return {
    batches: {
      kind: 'custom',
      inputs: ({ rows }) => ({
        content: float32(rows, dim),
        ...schedules,
        ...(resets ? { reset: float32() } : {}),
      }),
    },
    parameters,
    randomInputs: ({ rows }) => ({ ...model.randomInputs(rows), ...resets?.randomInputs(rows) }),
    loss: (current, inputs) => model.view(current, inputs).loss,
    persistent: resets?.persistent,
    reports: (current, inputs) => {
      const view = model.view(current, inputs);
      return { ...view.reports, ...resets?.reports(view, inputs) };
    },
  };
}

/** What is watched while a tokeniser trains: collisions of whole IDs, and by level (from 1) usage and perplexity. */
export function liveMeasures(ids: SemanticIds): Record<string, number> {
  const whole = prefixesByDepth(ids)[ids.levels - 1];
  const measures: Record<string, number> = { [COLLISION_RATE]: measureCollisions(ids, whole).rate };
  for (const [level, size] of ids.codebookSizes.entries()) {
    const counts = countLabels(codesOfLevel(ids, level), size);
    measures[`ids/usage@${level + 1}`] = counts.filter((count) => count > 0).length / size;
    measures[`ids/perplexity@${level + 1}`] = Math.exp(entropyOf(Array.from(counts)));
  }
  return measures;
}
