import type { DeviceContext, OptimiserConfig } from '../../../engine/index.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import type { TrainableTokeniser } from '../tokeniser.ts';
import { tokeniserStep } from './programs.ts';

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
export class TokeniserStepRunner extends StepRunner {
  readonly #tokeniser: TrainableTokeniser;
  readonly #options: RunnerOptions;

  constructor(model: TrainableTokeniser, device: DeviceContext, options: RunnerOptions) {
    super(tokeniserStep(model, options), options.optimiser, device, options.seed);
    this.#tokeniser = model;
    this.#options = options;
  }

  /**
   * One optimiser step on a batch of content.
   * @throws UserError when the loss is not finite
   */
  async stepOn({ step, learningRate, progress, content }: StepInput): Promise<StepReport> {
    const rows = content.length / this.#options.dim;
    const reset = Float32Array.of(this.resets(step, progress) ? 1 : 0);
    const inputs = { content, ...this.#tokeniser.schedule(progress), reset };
    const batch = { shape: { rows, length: 1 }, users: new Int32Array(), inputs, tokens: rows };
    const loss = await this.step(step, learningRate, [batch]);
    const { reconstruction, commitment, replaced } = this.reports;
    return {
      loss,
      reconstruction: reconstruction[0],
      commitment: commitment[0],
      replaced: replaced[0],
    };
  }

  /** Whether unused codes are reset after this step. */
  resets(step: number, progress: number): boolean {
    const { resetEvery, resetUntil } = this.#options;
    return resetEvery > 0 && step % resetEvery === 0 && progress <= resetUntil;
  }
}
