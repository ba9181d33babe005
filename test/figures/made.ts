/** What all made-up inputs of figures and scenes share. */
import type { NamedSeries } from '../../src/core/figures/curves.ts';

/** The same numbers from 0 to 1 each time (Lehmer's generator). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (48_271 * state) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export const MODELS = ['sasrec', 'hstu', 'popularity', 'gru4rec'];
/** Places among the colours of runs. */
export const INKS = [2, 0, 8, 1, 4, 3];
export const COLOURS = new Map(MODELS.map((model, at) => [model, INKS[at]]));

/** A value each ten steps, four of them an epoch, a second a step. */
export function steppedSeries(metric: string, values: number[]): NamedSeries {
  const steps = values.map((_, at) => 10 * (at + 1));
  return {
    id: metric,
    label: metric,
    colour: '#123456',
    steps,
    values,
    epochs: steps.map((step) => Math.ceil(step / 40)),
    times: steps.map((step) => 1_000 * step),
  };
}
