import type { DeviceContext, Executable, HostArray, HostArrays } from '../../engine/index.ts';
import { hostArray, int32, type OptimiserConfig, updateScalars } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { drawInputs, type RandomInputs } from '../../layers/index.ts';
import type { TrainableTokeniser } from '../../models/tokeniser.ts';
import { resetRowsName, type TokeniserPrograms, tokeniserPrograms } from './programs.ts';

export interface StepInput {
  /** Counted from 1. */
  step: number;
  learningRate: number;
  /** Done share of all steps, for the model's schedules. */
  progress: number;
  /** [rows, dim] */
  content: Float32Array;
}

export interface StepReport {
  loss: number;
  reconstruction: number;
  commitment: number;
  /** Codes of all levels that were reset. */
  replaced: number;
}

export interface RunnerOptions {
  optimiser: OptimiserConfig;
  seed: number;
  /** Width of the content vectors. */
  dim: number;
  /** Steps between two resets of the codes unused since the last; 0 never resets. */
  resetEvery: number;
  /** Share of the mean use up to which a code counts as unused. */
  resetBelow: number;
  /** Share of all steps after which nothing is reset. */
  resetUntil: number;
}

/** Runs the optimiser steps of a tokeniser. A batch with another number of rows is another graph. */
export class TokeniserStepRunner {
  readonly programs: TokeniserPrograms;
  readonly #model: TrainableTokeniser;
  readonly #device: DeviceContext;
  readonly #options: RunnerOptions;
  readonly #compiled = new Map<number, Executable>();
  readonly #buffers = new Map<number, Record<string, HostArray>>();

  constructor(model: TrainableTokeniser, device: DeviceContext, options: RunnerOptions) {
    this.#model = model;
    this.#device = device;
    this.#options = options;
    this.programs = tokeniserPrograms(model, options.optimiser, options);
  }

  /** Puts parameters and slots on the device; slots left out start at zero. */
  async load(values: HostArrays): Promise<void> {
    const specs = { ...this.#model.parameters, ...this.programs.slots };
    await this.#device.load(
      Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [name, { spec, data: values[name] ?? hostArray(spec) }]),
      ),
    );
  }

  /**
   * One optimiser step.
   * @throws UserError when the loss is not finite
   */
  async step(input: StepInput): Promise<StepReport> {
    const { optimiser, seed, dim } = this.#options;
    const { step, content } = input;
    const rows = content.length / dim;
    const buffers = this.#buffers.get(rows) ?? {};
    this.#buffers.set(rows, buffers);
    const random = { ...this.#model.randomInputs(rows), ...this.#resetRows(rows) };
    const drawn = drawInputs(random, { seed, step, micro: 0, users: new Int32Array() }, buffers);
    const { stepSize, epsilon, decay } = updateScalars(optimiser, input.learningRate, step);
    const executable = await this.#executable(rows);
    const outputs = await executable.run({
      content,
      ...this.#model.schedule(input.progress),
      ...drawn,
      stepSize: Float32Array.of(stepSize),
      epsilon: Float32Array.of(epsilon),
      decay: Float32Array.of(decay),
      reset: Float32Array.of(this.resets(step, input.progress) ? 1 : 0),
    });
    const report = {
      loss: outputs.loss[0],
      reconstruction: outputs.reconstruction[0],
      commitment: outputs.commitment[0],
      replaced: outputs.replaced[0],
    };
    if (Number.isFinite(report.loss)) return report;
    throw new UserError(
      `the loss is ${report.loss} at step ${step}: the run has diverged, try a lower learningRate`,
    );
  }

  /** Whether unused codes are reset after this step. */
  resets(step: number, progress: number): boolean {
    const { resetEvery, resetUntil } = this.#options;
    return resetEvery > 0 && step % resetEvery === 0 && progress <= resetUntil;
  }

  #resetRows(rows: number): RandomInputs {
    return Object.fromEntries(
      this.#model.codebookSizes.map((size, level) => [
        resetRowsName(level),
        { kind: 'integers', spec: int32(size), low: 0, high: rows },
      ]),
    );
  }

  async #executable(rows: number): Promise<Executable> {
    const known = this.#compiled.get(rows);
    if (known) return known;
    const compiled = await this.#device.compile(this.programs.step(rows));
    this.#compiled.set(rows, compiled);
    return compiled;
  }
}
