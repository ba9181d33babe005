import type { MicroBatch } from '../data/batches/sequence-batches.ts';
import type { DeviceContext, HostArray, HostArrays, HostLookup, OptimiserConfig } from '../engine/index.ts';
import {
  float32,
  HostTables,
  hostArray,
  ProgramCache,
  requireStateMemory,
  updateScalars,
} from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { namedTensors, type StoredTensor } from '../files/safetensors.ts';
import { drawInputs, initialise, tableFiller } from '../layers/index.ts';
import { jointNames, pooledGradient, pooledSpecs, StepPrograms } from './programs.ts';
import type { BatchShape, StepModel } from './step-model.ts';
import { remapToUniqueRows } from './unique-rows.ts';

/** A micro-batch, with the sums of host tables' rows that join its inputs. */
export interface StepBatch extends MicroBatch {
  lookups?: readonly HostLookup[];
}

/**
 * Runs optimiser steps: one graph where a step is one micro-batch, or the model takes all of them at once; else gradients
 * add up before the update.
 */
export class StepRunner {
  readonly programs: StepPrograms;
  readonly hostTables: HostTables;
  /** What the model reported of the last step that was one micro-batch. */
  reports: HostArrays = {};
  readonly #model: StepModel;
  readonly #config: OptimiserConfig;
  readonly #device: DeviceContext;
  readonly #seed: number;
  readonly #compiled: ProgramCache;
  readonly #buffers = new Map<string, Record<string, HostArray>>();

  /** Throws UserError where the memory does not allow the model, or the optimiser its host tables. */
  constructor(model: StepModel, config: OptimiserConfig, device: DeviceContext, seed: number) {
    this.#model = model;
    this.#config = config;
    this.#device = device;
    this.#compiled = new ProgramCache(device);
    this.#seed = seed;
    this.programs = new StepPrograms(model, config);
    requireStateMemory(model.parameters, { ...this.programs.slots, ...this.programs.sums });
    this.hostTables = new HostTables(model.hostTables ?? {}, config);
  }

  /** Loads what the seed begins with. */
  async initialise(): Promise<void> {
    await this.load(initialise(this.#model.parameters, this.#seed));
    this.hostTables.initialise(tableFiller(this.#model.hostTables ?? {}, this.#seed));
  }

  /** Puts parameters, optimiser slots and empty gradient sums on the device; slots left out start at zero. */
  async load(values: HostArrays): Promise<void> {
    const specs = { ...this.#model.parameters, ...this.programs.slots, ...this.programs.sums };
    await this.#device.load(
      Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [name, { spec, data: values[name] ?? hostArray(spec) }]),
      ),
    );
  }

  /**
   * One optimiser step (counted from 1) over its micro-batches. Returns the loss, a mean over positions.
   * @throws UserError when the loss is not finite
   */
  async step(step: number, learningRate: number, batches: readonly StepBatch[]): Promise<number> {
    let loss = 0;
    if (batches.length === 1) {
      const [batch] = batches;
      const inputs = this.#inputs(batch, step, 0);
      loss = await this.stepWithInputs(step, learningRate, batch.shape, inputs, batch.lookups);
    } else if (this.#model.jointLoss && batches[0]?.joint) {
      loss = await this.#jointStep(step, learningRate, batches);
    } else {
      for (let micro = 0; micro < batches.length; micro++) {
        const drawn = { ...batches[micro], inputs: this.#inputs(batches[micro], step, micro) };
        const { shape, inputs, lookups } = remapToUniqueRows(this.#model, drawn);
        const executable = await this.#compiled.get(`accumulate ${shapeKey(shape)}`, () =>
          this.programs.accumulate(shape),
        );
        loss += this.#gathered(await executable.run(this.#pooled(shape, inputs, lookups)), lookups);
      }
      const update = await this.#compiled.get('update', () => this.programs.update);
      await update.run(this.#scalars(step, learningRate));
      this.hostTables.update(step, learningRate);
    }
    if (!Number.isFinite(loss)) {
      throw new UserError(
        `the loss is ${loss} at step ${step}: the run has diverged, try a lower learningRate`,
      );
    }
    return loss;
  }

  async #jointStep(step: number, learningRate: number, batches: readonly StepBatch[]): Promise<number> {
    const shapes = batches.map(({ shape }) => shape);
    const key = `joint ${shapes.map(shapeKey).join(' ')}`;
    const executable = await this.#compiled.get(key, () => this.programs.joint(shapes));
    const nameOf = jointNames(this.#model, shapes[0]);
    const inputs: HostArrays = { ...this.#scalars(step, learningRate) };
    for (const [micro, batch] of batches.entries()) {
      for (const [name, values] of Object.entries(this.#inputs(batch, step, micro))) {
        inputs[nameOf(micro, name)] = values;
      }
    }
    const { loss } = await executable.run(inputs);
    return loss[0];
  }

  /** A step of one micro-batch whose random inputs are given, too. */
  async stepWithInputs(
    step: number,
    learningRate: number,
    shape: BatchShape,
    inputs: HostArrays,
    lookups: readonly HostLookup[] = [],
  ): Promise<number> {
    const local = remapToUniqueRows(this.#model, { shape, inputs, lookups });
    const executable = await this.#compiled.get(`whole ${shapeKey(local.shape)}`, () =>
      this.programs.whole(local.shape),
    );
    const pooled = this.#pooled(local.shape, local.inputs, local.lookups);
    this.reports = await executable.run({ ...pooled, ...this.#scalars(step, learningRate) });
    const loss = this.#gathered(this.reports, local.lookups);
    this.hostTables.update(step, learningRate);
    return loss;
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

  /** What the model predicts of a batch, its padding rows included. */
  async predict({ shape, inputs, lookups }: StepBatch): Promise<Float32Array> {
    const executable = await this.#compiled.get(`predict ${shapeKey(shape)}`, () =>
      this.programs.predict(shape),
    );
    const { predictions } = await executable.run(this.#pooled(shape, inputs, lookups));
    return predictions as Float32Array;
  }

  /** The inputs with the sums of the lookups. */
  #pooled(shape: BatchShape, inputs: HostArrays, lookups: readonly HostLookup[] = []): HostArrays {
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

  /** Hands the gradients of pooled sums to their tables and returns the loss. */
  #gathered(outputs: HostArrays, lookups: readonly HostLookup[] = []): number {
    this.hostTables.accumulate(lookups, (input) => outputs[pooledGradient(input)] as Float32Array);
    return outputs.loss[0];
  }

  #scalars(step: number, learningRate: number): HostArrays {
    const { stepSize, epsilon, decay } = updateScalars(this.#config, learningRate, step);
    return {
      stepSize: Float32Array.of(stepSize),
      epsilon: Float32Array.of(epsilon),
      decay: Float32Array.of(decay),
    };
  }

  #inputs({ shape, ...batch }: MicroBatch, step: number, micro: number): HostArrays {
    const random = this.#model.randomInputs(shape);
    const buffers = { micro: this.#reused(shapeKey(shape)), step: this.#reused('step') };
    return { ...batch.inputs, ...drawInputs(random, { ...batch, seed: this.#seed, step, micro }, buffers) };
  }
}

function shapeKey({ rows, length, tableRows }: BatchShape): string {
  return `${rows}x${length}${tableRows ? `x${tableRows}` : ''}`;
}
