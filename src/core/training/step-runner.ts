import type { MicroBatch } from '../data/batches/sequence-batches.ts';
import type {
  DeviceContext,
  HostArray,
  HostArrays,
  HostLookup,
  OptimiserConfig,
  Precision,
} from '../engine/index.ts';
import {
  float32,
  GRADIENT_NORM,
  HostTables,
  hostArray,
  ProgramCache,
  requireStateMemory,
  UPDATE_RATIO,
  updateScalars,
} from '../engine/index.ts';
import { diverged } from '../evaluation/diverged.ts';
import { namedTensors, type StoredTensor } from '../files/safetensors.ts';
import { drawInputs, initialise, tableFiller } from '../layers/index.ts';
import { constantTensors } from './constants.ts';
import { type Draws, PRESENT_DRAWS } from './draws.ts';
import { LossScale } from './loss-scale.ts';
import { inputNames, LOSS_SCALE, OVERFLOW, pooledGradient, pooledSpecs, StepPrograms } from './programs.ts';
import type { BatchShape, StepModel } from './step-model.ts';
import { remapToUniqueRows, type UniqueRowsBatch } from './unique-rows.ts';

/** A micro-batch, with the sums of host tables' rows that join its inputs. */
export interface StepBatch extends MicroBatch {
  lookups?: readonly HostLookup[];
}

/** Loss of a step or a part of it, and whether its gradients are not finite. */
interface Stepped {
  loss: number;
  leftOut: boolean;
}

/** Runs optimiser steps of the three kinds that `StepPrograms` has programs for. */
export class StepRunner {
  readonly programs: StepPrograms;
  readonly hostTables: HostTables;
  /** What the model reported of the last step that was one micro-batch. */
  reports: HostArrays = {};
  /** Of a training with float16 products. */
  readonly lossScale: LossScale | undefined;
  readonly #model: StepModel;
  readonly #config: OptimiserConfig;
  readonly #device: DeviceContext;
  readonly #seed: number;
  readonly #compiled: ProgramCache;
  /** Of the last update, by the names of series. */
  readonly #measured: Record<string, number> = {};
  /** Real positions of the steps since they were last asked for, and the seconds that these took. */
  #worked = { tokens: 0, seconds: 0 };
  #draws: Draws = PRESENT_DRAWS;
  readonly #buffers = new Map<string, Record<string, HostArray>>();

  /** Throws UserError where the memory does not allow the model, or the optimiser its host tables. */
  constructor(
    model: StepModel,
    config: OptimiserConfig & { precision?: Precision },
    device: DeviceContext,
    seed: number,
  ) {
    this.#model = model;
    this.#config = config;
    this.#device = device;
    this.#compiled = new ProgramCache(device);
    this.#seed = seed;
    this.lossScale = config.precision === 'float16' ? new LossScale() : undefined;
    this.programs = new StepPrograms(model, config);
    requireStateMemory(model.parameters, { ...this.programs.slots, ...this.programs.sums });
    this.hostTables = new HostTables(model.hostTables ?? {}, config);
  }

  /** Set before the first step. */
  get draws(): Draws {
    return this.#draws;
  }

  set draws(draws: Draws) {
    this.#draws = draws;
    this.programs.masks = draws.masks;
  }

  /** Loads what the seed begins with. */
  async initialise(): Promise<void> {
    await this.load(initialise(this.#model.parameters, this.#seed));
    this.hostTables.initialise(tableFiller(this.#model.hostTables ?? {}, this.#seed));
  }

  /** Puts parameters, constants, optimiser slots and empty gradient sums on the device; slots left out start at zero. */
  async load(values: HostArrays): Promise<void> {
    const specs = { ...this.#model.parameters, ...this.programs.slots, ...this.programs.sums };
    await this.#device.load({
      ...constantTensors(this.#model),
      ...Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [name, { spec, data: values[name] ?? hostArray(spec) }]),
      ),
    });
  }

  /**
   * One optimiser step (counted from 1) over its micro-batches; random inputs that they bring are not drawn. Returns the
   * loss, a mean over positions. With float16 products a step whose gradients are not finite changes nothing but the loss scale.
   * @throws UserError when the loss is not finite, or such a step is at the lowest scale
   */
  async step(step: number, learningRate: number, batches: readonly StepBatch[]): Promise<number> {
    const drawn = (batch: StepBatch, micro: number) => {
      return { ...batch, inputs: this.#inputs(batch, step, micro) };
    };
    const begun = performance.now();
    // The optimiser has not seen those that were left out.
    const seen = step - (this.lossScale?.state.leftOut ?? 0);
    const scalars = this.#scalars(seen, learningRate);
    const together = batches.length === 1 || (this.#model.jointLoss && batches[0]?.joint);
    const { loss, leftOut } = together
      ? await this.#run('step', batches.map(drawn), scalars)
      : await this.#accumulated(batches, drawn, scalars);
    if (leftOut) this.hostTables.discard();
    else this.hostTables.update(seen, learningRate);
    this.lossScale?.stepped(step, leftOut);
    this.#worked.seconds += (performance.now() - begun) / 1000;
    this.#worked.tokens += batches.reduce((sum, { tokens }) => sum + tokens, 0);
    if (!Number.isFinite(loss) && !leftOut) {
      throw diverged(`the loss is ${loss} at step ${step}`);
    }
    return loss;
  }

  /** A step of micro-batches that are computed one after the other. */
  async #accumulated(
    batches: readonly StepBatch[],
    drawn: (batch: StepBatch, micro: number) => UniqueRowsBatch,
    scalars: HostArrays,
  ): Promise<Stepped> {
    const stepped: Stepped = { loss: 0, leftOut: false };
    for (const [micro, batch] of batches.entries()) {
      // One at a time: those of a shape are drawn into the same buffers.
      const { loss, leftOut } = await this.#run('accumulate', [drawn(batch, micro)], this.#scale);
      stepped.loss += loss;
      stepped.leftOut ||= leftOut;
    }
    const update = await this.#compiled.get('update', () => this.programs.update);
    // No update of the parameters where those of host tables have none: no gradient over NaN is finite.
    const refused: HostArrays = stepped.leftOut ? { [LOSS_SCALE]: Float32Array.of(Number.NaN) } : {};
    const leftOut = this.#measure(await update.run({ ...scalars, ...refused }));
    return { loss: stepped.loss, leftOut };
  }

  /** What a run's series say of the last step besides its loss, and of the speed of those since the last time. */
  measures(): Record<string, number> {
    const { tokens, seconds } = this.#worked;
    this.#worked = { tokens: 0, seconds: 0 };
    const { scale, leftOut } = this.lossScale?.state ?? {};
    return {
      ...this.#measured,
      'train/positions-per-second': tokens / seconds,
      ...(scale !== undefined && { 'train/loss-scale': scale }),
      ...(leftOut !== undefined && { 'train/left-out-steps': leftOut }),
    };
  }

  /** Takes what `applyUpdate` measured out of the outputs; returns whether the step is to be left out. */
  #measure(outputs: HostArrays): boolean {
    const { [OVERFLOW]: overflow } = outputs;
    delete outputs[OVERFLOW];
    const leftOut = overflow !== undefined && overflow[0] !== 0;
    for (const name of [GRADIENT_NORM, UPDATE_RATIO]) {
      if (!outputs[name]) continue;
      if (!leftOut) [this.#measured[`train/${name}`]] = outputs[name];
      delete outputs[name];
    }
    return leftOut;
  }

  /** Runs a program over micro-batches with all their inputs, hands the gradients of pooled sums to their tables, and returns the loss. */
  async #run(
    kind: 'step' | 'accumulate',
    batches: readonly UniqueRowsBatch[],
    scalars: HostArrays,
  ): Promise<Stepped> {
    const local = batches.map((batch) => remapToUniqueRows(this.#model, batch));
    const shapes = local.map(({ shape }) => shape);
    const key = `${kind} ${shapes.map(shapeKey).join(' ')}`;
    const executable = await this.#compiled.get(key, () => this.programs[kind](shapes));
    const nameOf = inputNames(this.#model, shapes);
    const inputs: HostArrays = { ...scalars };
    for (const [at, batch] of local.entries()) {
      for (const [name, values] of Object.entries(this.#pooled(batch))) inputs[nameOf(at, name)] = values;
    }
    const outputs = await executable.run(inputs);
    const leftOut = this.#measure(outputs);
    if (kind === 'step') this.reports = outputs;
    for (const { lookups = [] } of local) {
      this.hostTables.accumulate(lookups, (input) => outputs[pooledGradient(input)] as Float32Array);
    }
    return { loss: outputs.loss[0], leftOut };
  }

  /**
   * What a checkpoint keeps: the parameters, or with the optimiser's slots everything to go on from between two steps,
   * when the gradient sums are empty.
   */
  async tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>> {
    const specs = { ...this.#model.parameters, ...(what === 'all' ? this.programs.slots : {}) };
    const values = await this.#device.read(Object.keys(specs));
    const stored: Record<string, StoredTensor> = namedTensors(specs, values);
    for (const [name, matrix] of Object.entries(this.hostTables.matrices(what))) {
      const spec = float32(matrix.rows, matrix.dim);
      stored[name] = { spec, chunks: matrix.chunks };
    }
    return stored;
  }

  /** Frees what steps take beside the state; a later step compiles again. */
  release(): Promise<void> {
    return this.#compiled.release();
  }

  /** What the model predicts of a batch, its padding rows included. */
  async predict(batch: StepBatch): Promise<Float32Array> {
    const { shape } = batch;
    const executable = await this.#compiled.get(`predict ${shapeKey(shape)}`, () =>
      this.programs.predict(shape),
    );
    const { predictions } = await executable.run(this.#pooled(batch));
    return predictions as Float32Array;
  }

  /** The inputs with the sums of the lookups. */
  #pooled({ shape, inputs, lookups = [] }: UniqueRowsBatch): HostArrays {
    const specs = pooledSpecs(this.#model, shape);
    if (Object.keys(specs).length === 0) return inputs;
    const buffers = this.#reused(`pooled ${shapeKey(shape)}`);
    return { ...inputs, ...this.hostTables.pool(lookups, specs, buffers) };
  }

  #reused(key: string): Record<string, HostArray> {
    const buffers = this.#buffers.get(key) ?? {};
    this.#buffers.set(key, buffers);
    return buffers;
  }

  #scalars(step: number, learningRate: number): HostArrays {
    const { stepSize, epsilon, decay } = updateScalars(this.#config, learningRate, step);
    return {
      stepSize: Float32Array.of(stepSize),
      epsilon: Float32Array.of(epsilon),
      decay: Float32Array.of(decay),
      ...this.#scale,
    };
  }

  get #scale(): HostArrays {
    return this.lossScale ? { [LOSS_SCALE]: Float32Array.of(this.lossScale.state.scale) } : {};
  }

  #inputs({ shape, ...batch }: MicroBatch, step: number, micro: number): HostArrays {
    const random = this.#model.randomInputs(shape);
    const buffers = { micro: this.#reused(shapeKey(shape)), step: this.#reused('step') };
    const context = { ...batch, seed: this.#seed, step, micro, masks: this.#draws.masks };
    return { ...drawInputs(random, context, buffers), ...batch.inputs };
  }
}

function shapeKey({ rows, length, tableRows }: BatchShape): string {
  return `${rows}x${length}${tableRows ? `x${tableRows}` : ''}`;
}
