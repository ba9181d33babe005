import type { MicroBatch } from '../data/sequence-batches.ts';
import type { DeviceContext, Executable, HostArray, HostArrays, OptimiserConfig } from '../engine/index.ts';
import { hostArray, updateScalars } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { drawInputs } from '../layers/index.ts';
import type { BatchShape, StepModel } from '../models/types.ts';
import { type StepPrograms, stepPrograms } from './programs.ts';

/** Runs optimiser steps: one graph where a step is one micro-batch, else gradients add up before the update. */
export class StepRunner {
  readonly programs: StepPrograms;
  readonly #model: StepModel;
  readonly #config: OptimiserConfig;
  readonly #device: DeviceContext;
  readonly #seed: number;
  readonly #compiled = new Map<string, Executable>();
  readonly #buffers = new Map<string, Record<string, HostArray>>();

  constructor(model: StepModel, config: OptimiserConfig, device: DeviceContext, seed: number) {
    this.#model = model;
    this.#config = config;
    this.#device = device;
    this.#seed = seed;
    this.programs = stepPrograms(model, config);
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
  async step(step: number, learningRate: number, batches: readonly MicroBatch[]): Promise<number> {
    let loss = 0;
    if (batches.length === 1) {
      const inputs = this.#inputs(batches[0], step, 0);
      loss = await this.stepWithInputs(step, learningRate, batches[0].shape, inputs);
    } else {
      for (let micro = 0; micro < batches.length; micro++) {
        const executable = await this.#accumulate(batches[micro].shape);
        loss += (await executable.run(this.#inputs(batches[micro], step, micro))).loss[0];
      }
      await (await this.#update()).run(this.#scalars(step, learningRate));
    }
    if (!Number.isFinite(loss)) {
      throw new UserError(
        `the loss is ${loss} at step ${step}: the run has diverged, try a lower learningRate`,
      );
    }
    return loss;
  }

  /** A step of one micro-batch whose random inputs are given, too. */
  async stepWithInputs(
    step: number,
    learningRate: number,
    shape: BatchShape,
    inputs: HostArrays,
  ): Promise<number> {
    const executable = await this.#whole(shape);
    return (await executable.run({ ...inputs, ...this.#scalars(step, learningRate) })).loss[0];
  }

  #scalars(step: number, learningRate: number): HostArrays {
    const { stepSize, epsilon, decay } = updateScalars(this.#config, learningRate, step);
    return {
      stepSize: Float32Array.of(stepSize),
      epsilon: Float32Array.of(epsilon),
      decay: Float32Array.of(decay),
    };
  }

  #inputs({ shape, users, inputs }: MicroBatch, step: number, micro: number): HostArrays {
    const random = this.#model.randomInputs(shape);
    const key = shapeKey(shape);
    const buffers = this.#buffers.get(key) ?? {};
    this.#buffers.set(key, buffers);
    return { ...inputs, ...drawInputs(random, { seed: this.#seed, step, micro, users }, buffers) };
  }

  #whole(shape: BatchShape): Promise<Executable> {
    return this.#once(`whole ${shapeKey(shape)}`, () => this.programs.whole(shape));
  }

  #accumulate(shape: BatchShape): Promise<Executable> {
    return this.#once(`accumulate ${shapeKey(shape)}`, () => this.programs.accumulate(shape));
  }

  #update(): Promise<Executable> {
    return this.#once('update', () => this.programs.update);
  }

  async #once(key: string, program: () => Parameters<DeviceContext['compile']>[0]): Promise<Executable> {
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = await this.#device.compile(program());
    this.#compiled.set(key, compiled);
    return compiled;
  }
}

function shapeKey({ rows, length }: BatchShape): string {
  return `${rows}x${length}`;
}
