/**
 * Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2). Every trial
 * trains to the first rung; whenever there is room, the best trial of a rung that is among the top 1/η of those that have reached it goes on
 * to the next rung from its checkpoint, the highest rung first; where there is none, a new trial begins. Nobody waits for a rung to fill.
 */

export interface AshaOptions {
  /** Epochs of the first rung at least. */
  min: number;
  /** One in so many goes on from a rung, which the next one is so many times as long as. */
  eta: number;
}

/** Epochs of the rungs, ascending: the last is `epochs`, each before it 1/η of the next, down to `min`. */
export function rungsOf({ min, eta }: AshaOptions, epochs: number): number[] {
  const rungs = [epochs];
  for (let next = Math.round(epochs / eta); next >= min && next < rungs[0]; ) {
    rungs.unshift(next);
    next = Math.round(epochs / eta ** rungs.length);
  }
  return rungs;
}

export interface AshaTrial {
  /** Loss at each rung that it has reached, lower being better, from the first. */
  losses: readonly number[];
  /** It stands at its rung, and may go on. One that trains, has failed or has ended has left it. */
  waits: boolean;
}

/** The trial that goes on to its next rung, by its place in the list; null where none is among the top of its rung. */
export function promoted(trials: readonly AshaTrial[], rungs: readonly number[], eta: number): number | null {
  // None goes on from the last one.
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const there = [...trials.keys()].filter((at) => trials[at].losses.length > rung);
    const top = there
      .toSorted((a, b) => trials[a].losses[rung] - trials[b].losses[rung] || a - b)
      .slice(0, Math.floor(there.length / eta));
    const next = top.find((at) => trials[at].waits && trials[at].losses.length === rung + 1);
    if (next !== undefined) return next;
  }
  return null;
}
