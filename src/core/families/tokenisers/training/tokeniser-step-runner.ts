import type { DeviceContext, OptimiserConfig } from '../../../engine/index.ts';
import type { MetricValues } from '../../../training/step-loop.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import type { TrainableTokeniser } from '../tokeniser.ts';
import { CODES_RESET, tokeniserStep } from './tokeniser-programs.ts';

export interface StepInput {
  /** Counted from 1. */
  step: number;
  learningRate: number;
  /** Done share of all steps, for the model's schedules. */
  progress: number;
  /** [rows, dim] */
  content: Float32Array;
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
   * One optimiser step on a batch of content. Returns the loss and what is reported, as series.
   * @throws UserError when the loss is not finite
   */
  async stepOn({
    step,
    learningRate,
    progress,
    content,
  }: StepInput): Promise<MetricValues & { 'train/loss': number }> {
    const rows = content.length / this.#options.dim;
    const resets = this.#resets(step, progress);
    const reset = this.#tokeniser.codebooks && { reset: Float32Array.of(resets ? 1 : 0) };
    const inputs = { content, ...this.#tokeniser.schedule(progress), ...reset };
    const loss = await this.step(step, learningRate, [
      { shape: { rows, length: 1 }, users: new Int32Array(), inputs, tokens: rows },
    ]);
    const reports = Object.entries(this.reports).filter(([name]) => resets || name !== CODES_RESET);
    const values = reports.map(([name, [value]]) => [`train/${name}`, value]);
    return { 'train/loss': loss, ...Object.fromEntries(values) };
  }

  /** Whether unused codes are reset after this step. */
  #resets(step: number, progress: number): boolean {
    const { resetEvery, resetUntil } = this.#options;
    return (
      this.#tokeniser.codebooks !== undefined &&
      resetEvery > 0 &&
      step % resetEvery === 0 &&
      progress <= resetUntil
    );
  }
}
