import type { HostArrays } from '../../../engine/index.ts';
import { countParameters } from '../../../engine/index.ts';
import type { StoredTensor } from '../../../files/safetensors.ts';
import { Random } from '../../../math/random.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../../semantic-ids/artefact.ts';
import type { ItemMatrix } from '../../../semantic-ids/types.ts';
import { type LoopTask, type Points, StepLoop, type StepPlace } from '../../../training/step-loop.ts';
import type { FamilyContext } from '../../family.ts';
import { COLLISION_RATE, type TokeniserTrainingConfig } from '../config.ts';
import type { TrainableTokeniser } from '../tokeniser.ts';
import { type EncodedItems, IdEncoder } from './id-encoder.ts';
import { initialCodebooks } from './initial-codebooks.ts';
import { liveMeasures } from './live-measures.ts';
import { TokeniserStepRunner } from './step-runner.ts';
import type { TokeniserOutcome } from './train.ts';

/** Trains a tokeniser by gradient steps with evaluations over all items and exact resume; the selected IDs are kept. */
export async function trainTokeniserSteps(
  model: TrainableTokeniser,
  content: ItemMatrix,
  context: FamilyContext,
): Promise<TokeniserOutcome> {
  const training = new TokeniserTraining(model, content, context);
  await training.run();
  return training.finish();
}

class TokeniserTraining implements LoopTask {
  readonly better = 'lower';
  readonly savesValidated = true;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #model: TrainableTokeniser;
  readonly #content: ItemMatrix;
  readonly #config: TokeniserTrainingConfig;
  readonly #context: FamilyContext;
  readonly #runner: TokeniserStepRunner;
  readonly #encoder: IdEncoder;
  readonly #loop: StepLoop;
  #order: { epoch: number; items: Int32Array } | null = null;

  constructor(model: TrainableTokeniser, content: ItemMatrix, context: FamilyContext) {
    const config = context.config as TokeniserTrainingConfig;
    const { spec, device } = context;
    const { resetEvery, resetBelow, resetUntil } = config;
    this.#model = model;
    this.#content = content;
    this.#config = config;
    this.#context = context;
    const options = { optimiser: config, seed: spec.seed, dim: content.dim };
    this.#runner = new TokeniserStepRunner(model, device, { ...options, resetEvery, resetBelow, resetUntil });
    this.#encoder = new IdEncoder(model, device, content);
    this.stepsPerEpoch = Math.ceil(content.items / config.batchSize);
    this.parameters = countParameters(model);
    this.#loop = new StepLoop(this, config, context);
  }

  run(): Promise<void> {
    return this.#loop.run(this.#context.started);
  }

  initialise(): Promise<void> {
    return this.#runner.initialise();
  }

  load(values: HostArrays): Promise<void> {
    return this.#runner.load(values);
  }

  /** Begins the codebooks with k-means, where the config asks for it. */
  async prepare(): Promise<void> {
    const { kmeansInit, initRows: rows, initIterations: iterations } = this.#config;
    if (!kmeansInit) return;
    const { spec, signal } = this.#context;
    const { latents } = await this.#encode('prepare');
    const onProgress = (done: number, total: number) =>
      this.#loop.progress.report('prepare', { epoch: 0, done, total, unit: 'k-means iterations' });
    const options = { seed: spec.seed, rows, iterations, signal, onProgress };
    const codebooks = await initialCodebooks(this.#model, latents, options);
    const parameters = await this.#context.device.read(Object.keys(this.#model.parameters));
    await this.#runner.load({ ...parameters, ...codebooks });
  }

  async step({ epoch, index, step, total, learningRate }: StepPlace) {
    const { batchSize } = this.#config;
    const progress = total > 1 ? (step - 1) / (total - 1) : 0;
    const items = this.#itemsOf(epoch).subarray(index * batchSize, (index + 1) * batchSize);
    const report = await this.#runner.stepOn({ step, learningRate, progress, content: this.#rows(items) });
    return {
      'train/loss': report.loss,
      'train/reconstruction': report.reconstruction,
      'train/commitment': report.commitment,
      ...(this.#runner.resets(step, progress) ? { 'train/codes-reset': report.replaced } : {}),
    };
  }

  /** All items, in the order of an epoch. */
  #itemsOf(epoch: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const all = Int32Array.from({ length: this.#content.items }, (_, item) => item);
      const items = new Random(this.#context.spec.seed, epoch, 'item-order').shuffle(all);
      this.#order = { epoch, items };
    }
    return this.#order.items;
  }

  #rows(items: Int32Array): Float32Array {
    const { dim, data } = this.#content;
    const rows = new Float32Array(items.length * dim);
    for (const [row, item] of items.entries()) {
      rows.set(data.subarray(item * dim, (item + 1) * dim), row * dim);
    }
    return rows;
  }

  /** Keeps the IDs of this epoch. */
  async validate(): Promise<Points> {
    const encoded = await this.#encode('validate');
    await this.#keep(encoded);
    return liveMeasures(encoded.ids);
  }

  selected(points: Points): number | null {
    return this.#config.selection === 'final-epoch' ? null : points[COLLISION_RATE];
  }

  #encode(phase: 'prepare' | 'validate' | 'test'): Promise<EncodedItems> {
    const { epoch } = this.#loop.state;
    const { items: total } = this.#content;
    return this.#encoder.encode({
      signal: this.#context.signal,
      onProgress: (done) => this.#loop.progress.report(phase, { epoch, done, total, unit: 'items' }),
    });
  }

  async #keep({ ids }: EncodedItems): Promise<void> {
    const { epoch, step } = this.#loop.state;
    const names = this.#model.codebookSizes.map((_, level) => this.#model.codebook(level));
    const values = await this.#context.device.read(names);
    const codebooks = names.map((name) => values[name] as Float32Array);
    writeSnapshot(this.#context.spec.runDir, { step, epoch, ids, codebooks });
  }

  tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>> {
    return this.#runner.tensors(what);
  }

  /** Says which IDs count, and keeps the space that they are of. */
  async finish(): Promise<TokeniserOutcome> {
    const { seconds, epoch } = this.#loop.state;
    const { selectedEpoch } = this.#loop;
    await this.#loop.loadSelected();
    const encoded = await this.#encode('test');
    if (epoch === 0) await this.#keep(encoded);
    const space = { vectors: this.#content, latents: encoded.latents };
    writeSpace(this.#context.spec.runDir, space);
    selectSnapshot(this.#context.spec.runDir, selectedEpoch * this.stepsPerEpoch);
    await this.#encoder.release();
    return { epochs: epoch, selectedEpoch, seconds, ids: encoded.ids, space };
  }
}
