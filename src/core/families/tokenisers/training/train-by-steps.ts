import { EpochOrder } from '../../../data/batches/epoch-order.ts';
import { countParameters } from '../../../engine/index.ts';
import { rowsAt } from '../../../math/rows.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../../semantic-ids/artefact.ts';
import type { ItemMatrix } from '../../../semantic-ids/types.ts';
import type { RunContext } from '../../../training/run-context.ts';
import {
  type LoopOutcome,
  type LoopState,
  type LoopTask,
  type MetricValues,
  runStepLoop,
  type StepInfo,
} from '../../../training/step-loop.ts';
import type { TrainableTokeniser } from '../tokeniser.ts';
import {
  COLLISION_RATE,
  type TokeniserTrainingConfig,
  tokeniserTrainingSchema,
} from '../tokeniser-config.ts';
import { type EncodedItems, IdEncoder } from './id-encoder.ts';
import { initialCodebooks } from './initial-codebooks.ts';
import { liveMeasures } from './live-measures.ts';
import type { TokeniserOutcome } from './outcome.ts';
import { TokeniserStepRunner } from './tokeniser-step-runner.ts';

/** Trains a tokeniser by gradient steps with evaluations over all items and exact resume; the selected IDs are kept. */
export async function trainTokeniserSteps(
  model: TrainableTokeniser,
  content: ItemMatrix,
  context: RunContext,
): Promise<TokeniserOutcome> {
  const config = tokeniserTrainingSchema.parse(context.config);
  const training = new TokeniserTraining(model, content, config, context);
  return training.finish(await runStepLoop(training, config, context));
}

class TokeniserTraining implements LoopTask {
  readonly better = 'lower';
  readonly savesValidated = true;
  readonly store: TokeniserStepRunner;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #model: TrainableTokeniser;
  readonly #content: ItemMatrix;
  readonly #config: TokeniserTrainingConfig;
  readonly #context: RunContext;
  readonly #encoder: IdEncoder;
  readonly #order: EpochOrder;

  constructor(
    model: TrainableTokeniser,
    content: ItemMatrix,
    config: TokeniserTrainingConfig,
    context: RunContext,
  ) {
    const { spec, device } = context;
    const { resetEvery, resetBelow, resetUntil } = config;
    this.#model = model;
    this.#content = content;
    this.#config = config;
    this.#context = context;
    const options = { optimiser: config, seed: spec.seed, dim: content.dim };
    this.store = new TokeniserStepRunner(model, device, { ...options, resetEvery, resetBelow, resetUntil });
    this.#encoder = new IdEncoder(model, device, content);
    const { batchSize } = config;
    this.#order = new EpochOrder({
      samples: content.items,
      batchSize,
      seed: spec.seed,
      stream: 'item-order',
    });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.parameters = countParameters(model);
  }

  /** Initialises the codebooks with k-means, where there are any and the config has it. */
  async prepare(state: LoopState): Promise<void> {
    const { kmeansInit, initRows: rows, initIterations: iterations } = this.#config;
    const { codebooks, codebookSizes } = this.#model;
    if (!kmeansInit || !codebooks) return;
    const { spec, signal } = this.#context;
    const { latents } = await this.#encode('prepare', state);
    const onProgress = (done: number, total: number) =>
      state.progress.report('prepare', { epoch: 0, done, total, unit: 'k-means iterations' });
    const options = { seed: spec.seed, rows, iterations, signal, onProgress };
    const initial = await initialCodebooks({ codebooks, codebookSizes }, latents, options);
    const parameters = await this.#context.device.read(Object.keys(this.#model.parameters));
    await this.store.load({ ...parameters, ...initial });
  }

  async step({ epoch, index, step, total, learningRate }: StepInfo) {
    const progress = total > 1 ? (step - 1) / (total - 1) : 0;
    const { dim, data } = this.#content;
    const content = rowsAt(data, dim, this.#order.step(epoch, index));
    return this.store.stepOn({ step, learningRate, progress, content });
  }

  /** Keeps the IDs of this epoch. */
  async validate(state: LoopState): Promise<MetricValues> {
    const encoded = await this.#encode('validate', state);
    await this.#keep(encoded, state);
    return liveMeasures(encoded.ids);
  }

  selected(values: MetricValues): number | null {
    return this.#config.selection === 'final-epoch' ? null : values[COLLISION_RATE];
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
