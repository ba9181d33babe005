import type { HostArrays } from '../../engine/index.ts';
import { sizeOf } from '../../engine/index.ts';
import { throwIfCancelled } from '../../errors.ts';
import { initialise } from '../../layers/index.ts';
import type { TrainableTokeniser } from '../../models/tokeniser.ts';
import { COLLISION_RATE, type TokeniserTrainingConfig } from '../../models/tokeniser-config.ts';
import { Random } from '../../random.ts';
import type { NamedTensor } from '../../safetensors.ts';
import { selectSnapshot, writeSnapshot, writeSpace } from '../../semantic-ids/artefact.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';
import { CheckpointKeeper } from '../checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from '../checkpoints.ts';
import type { FamilyContext } from '../families.ts';
import { Progress } from '../progress.ts';
import { learningRateAt } from '../schedule.ts';
import { SeriesBuffer } from '../series-buffer.ts';
import type { TokeniserOutcome } from './family.ts';
import { type EncodedItems, IdEncoder } from './id-encoder.ts';
import { initialCodebooks } from './initial-codebooks.ts';
import { liveMeasures } from './live-measures.ts';
import { TokeniserStepRunner } from './step-runner.ts';

/** A long epoch is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;

/** Trains a tokeniser by gradient steps with evaluations over all items and exact resume; the selected IDs are kept. */
export async function trainTokeniserSteps(
  model: TrainableTokeniser,
  content: ItemMatrix,
  context: FamilyContext,
): Promise<TokeniserOutcome> {
  const training = new TokeniserTraining(model, content, context);
  await training.begin();
  await training.run();
  return training.finish();
}

class TokeniserTraining {
  readonly #model: TrainableTokeniser;
  readonly #content: ItemMatrix;
  readonly #config: TokeniserTrainingConfig;
  readonly #context: FamilyContext;
  readonly #runner: TokeniserStepRunner;
  readonly #encoder: IdEncoder;
  readonly #progress: Progress;
  readonly #series: SeriesBuffer;
  readonly #keeper: CheckpointKeeper;
  readonly #stepsPerEpoch: number;
  #state: TrainerState = { epoch: 0, step: 0, bestValue: null, bestEpoch: 0, stale: 0, seconds: 0 };
  #begun = performance.now();
  #savedAt = performance.now();

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
    this.#encoder = new IdEncoder(model, this.#runner.programs, device, content);
    this.#progress = new Progress(context.emit, config.epochs);
    this.#series = new SeriesBuffer(context.emit);
    this.#keeper = new CheckpointKeeper(spec.runDir, context.emit);
    this.#stepsPerEpoch = Math.ceil(content.items / config.batchSize);
  }

  /** Loads the initial parameters, or the checkpoint to continue from. */
  async begin(): Promise<void> {
    const { spec, started } = this.#context;
    const count = Object.values(this.#model.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (spec.resumeFrom) {
      const { tensors, state } = readCheckpoint(spec.resumeFrom);
      this.#state = state;
      this.#keeper.resumeFrom(spec.resumeFrom, state);
      await this.#runner.load(valuesOf(tensors));
    } else {
      await this.#runner.load(initialise(this.#model.parameters, spec.seed));
    }
    started(count, this.#state.step);
    this.#begun = performance.now() - this.#state.seconds * 1000;
    if (!spec.resumeFrom && this.#config.kmeansInit) await this.#initialiseCodebooks();
  }

  async #initialiseCodebooks(): Promise<void> {
    const { initRows: rows, initIterations: iterations } = this.#config;
    const { spec, signal } = this.#context;
    const { latents } = await this.#encode('prepare');
    const onProgress = (done: number, total: number) =>
      this.#progress.report('prepare', { epoch: 0, done, total, unit: 'k-means iterations' });
    const options = { seed: spec.seed, rows, iterations, signal, onProgress };
    const codebooks = await initialCodebooks(this.#model, latents, options);
    const parameters = await this.#context.device.read(Object.keys(this.#model.parameters));
    await this.#runner.load({ ...parameters, ...codebooks });
  }

  async run(): Promise<void> {
    const { epochs, patience, evaluateEvery } = this.#config;
    while (this.#state.epoch < epochs && !(patience > 0 && this.#state.stale >= patience)) {
      await this.#epoch();
      const { epoch } = this.#state;
      if (epoch % evaluateEvery !== 0 && epoch !== epochs) continue;
      if (await this.#evaluate()) {
        this.#keeper.saveBest(await this.#tensors(Object.keys(this.#model.parameters)), this.#stateNow());
      }
      await this.#saveLast();
    }
    this.#series.flush();
  }

  async #epoch(): Promise<void> {
    const { epoch } = this.#state;
    const { items } = this.#content;
    const { epochs, batchSize } = this.#config;
    const total = this.#stepsPerEpoch * epochs;
    const order = Int32Array.from({ length: items }, (_, item) => item);
    new Random(this.#context.spec.seed, epoch, 'item-order').shuffle(order);
    for (let index = this.#state.step - epoch * this.#stepsPerEpoch; index < this.#stepsPerEpoch; index++) {
      throwIfCancelled(this.#context.signal);
      const step = this.#state.step + 1;
      const progress = total > 1 ? (step - 1) / (total - 1) : 0;
      const report = await this.#runner.step({
        step,
        learningRate: learningRateAt(this.#config, step, total),
        progress,
        content: this.#rows(order.subarray(index * batchSize, (index + 1) * batchSize)),
      });
      this.#state.step = step;
      const at = step / this.#stepsPerEpoch;
      this.#series.add('train/loss', step, at, report.loss);
      this.#series.add('train/reconstruction', step, at, report.reconstruction);
      this.#series.add('train/commitment', step, at, report.commitment);
      if (this.#runner.resets(step, progress)) {
        this.#series.add('train/codes-reset', step, at, report.replaced);
      }
      const done = { epoch: epoch + 1, done: index + 1, total: this.#stepsPerEpoch, unit: 'steps' };
      this.#progress.report('train', { ...done, loss: report.loss, share: step / total });
      const due = performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000;
      if (due && index + 1 < this.#stepsPerEpoch) await this.#saveLast();
    }
    this.#state.epoch = epoch + 1;
  }

  #rows(items: Int32Array): Float32Array {
    const { dim, data } = this.#content;
    const rows = new Float32Array(items.length * dim);
    for (const [row, item] of items.entries()) {
      rows.set(data.subarray(item * dim, (item + 1) * dim), row * dim);
    }
    return rows;
  }

  /** Keeps the IDs of this epoch; whether they are the best so far. */
  async #evaluate(): Promise<boolean> {
    const { epoch, step } = this.#state;
    const encoded = await this.#encode('validate');
    await this.#keep(encoded);
    const measures = liveMeasures(encoded.ids);
    for (const [metric, value] of Object.entries(measures)) this.#series.add(metric, step, epoch, value);
    this.#series.flush();
    if (this.#config.selection === 'final-epoch') return false;
    const value = measures[COLLISION_RATE];
    const better = this.#state.bestValue === null || value < this.#state.bestValue;
    if (better) Object.assign(this.#state, { bestValue: value, bestEpoch: epoch, stale: 0 });
    else this.#state.stale++;
    return better;
  }

  #encode(phase: 'prepare' | 'validate' | 'test'): Promise<EncodedItems> {
    const { epoch } = this.#state;
    const { items: total } = this.#content;
    return this.#encoder.encode({
      signal: this.#context.signal,
      onProgress: (done) => this.#progress.report(phase, { epoch, done, total, unit: 'items' }),
    });
  }

  async #keep({ ids }: EncodedItems): Promise<void> {
    const { epoch, step } = this.#state;
    const names = this.#model.codebookSizes.map((_, level) => this.#model.codebook(level));
    const values = await this.#context.device.read(names);
    const codebooks = names.map((name) => values[name] as Float32Array);
    writeSnapshot(this.#context.spec.runDir, { step, epoch, ids, codebooks });
  }

  async #saveLast(): Promise<void> {
    this.#series.flush();
    const names = [...Object.keys(this.#model.parameters), ...Object.keys(this.#runner.programs.slots)];
    this.#keeper.saveLast(await this.#tensors(names), this.#stateNow());
    this.#savedAt = performance.now();
  }

  #stateNow(): TrainerState {
    return { ...this.#state, seconds: (performance.now() - this.#begun) / 1000 };
  }

  async #tensors(names: string[]): Promise<Record<string, NamedTensor>> {
    const specs = { ...this.#model.parameters, ...this.#runner.programs.slots };
    const values = await this.#context.device.read(names);
    return Object.fromEntries(names.map((name) => [name, { spec: specs[name], data: values[name] }]));
  }

  /** Says which IDs count, and keeps the space that they are of. */
  async finish(): Promise<TokeniserOutcome> {
    const { seconds, epoch, bestEpoch, bestValue } = this.#stateNow();
    if (bestValue !== null) await this.#runner.load(valuesOf(this.#keeper.readBest(bestEpoch)));
    const encoded = await this.#encode('test');
    if (epoch === 0) await this.#keep(encoded);
    const selectedEpoch = bestValue === null ? epoch : bestEpoch;
    const space = { vectors: this.#content, latents: encoded.latents };
    writeSpace(this.#context.spec.runDir, space);
    selectSnapshot(this.#context.spec.runDir, selectedEpoch * this.#stepsPerEpoch);
    await this.#encoder.release();
    return { epochs: epoch, selectedEpoch, seconds, ids: encoded.ids, space };
  }
}

function valuesOf(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}
