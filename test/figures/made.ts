/** What all made-up inputs of figures and scenes share. */

/** The same numbers from 0 to 1 each time (Lehmer's generator). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (48_271 * state) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export const MODELS = ['sasrec', 'hstu', 'popularity', 'gru4rec'];
export const INKS = ['#712000', '#333f8a', '#8d8e86', '#a38400', '#267255', '#4196d5'];
export const COLOURS = new Map(MODELS.map((model, at) => [model, INKS[at]]));
