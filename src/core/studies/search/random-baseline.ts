/**
 * What random search would have found for the same training: trials that were drawn at random are drawn again, with replacement, until
 * they have trained for as many epochs as the search had after each of its trials. No further than the epochs of all of them: a longer
 * random search would have met trials that nobody has seen.
 */
import { Random } from '../../math/random.ts';
import { FIRST_TRIALS } from './tpe.ts';

export interface SpentTrial {
  /** That it has trained. */
  epochs: number;
  /** Best validation, the larger being better. */
  value: number;
}

export interface Expected {
  median: number;
  /** Of 80 % of the draws. */
  low: number;
  high: number;
}

const DRAWS = 1000;

/** The trials that were drawn at random and have trained; none of a search that has proposed no trial yet. */
export function randomTrials<T extends SpentTrial>(trials: readonly T[]): T[] {
  return trials.length <= FIRST_TRIALS
    ? []
    : trials.slice(0, FIRST_TRIALS).filter(({ epochs }) => epochs > 0);
}

/** One a trial, in the order in which they began, as far as the random ones tell; null where there are none. */
export function randomBaseline(trials: readonly SpentTrial[], seed: number): Expected[] | null {
  const pool = randomTrials(trials);
  if (pool.length === 0) return null;
  const known = pool.reduce((sum, { epochs }) => sum + epochs, 0);
  let sum = 0;
  const spent = trials.flatMap(({ epochs }) => {
    sum += epochs;
    return sum <= known ? sum : [];
  });
  const random = new Random(seed, 0, 'baseline');
  const draws = Array.from({ length: DRAWS }, () => bestAfter(pool, spent, random));
  return spent.map((_, at) => {
    const values = draws.map((draw) => draw[at]).sort((a, b) => a - b);
    const quantile = (share: number) => values[Math.round(share * (DRAWS - 1))];
    return { median: quantile(0.5), low: quantile(0.1), high: quantile(0.9) };
  });
}

/** The best value of one draw after each number of epochs; the first trial counts from the start. */
function bestAfter(pool: readonly SpentTrial[], spent: readonly number[], random: Random): number[] {
  let drawn = pool[random.below(pool.length)];
  let [epochs, best] = [drawn.epochs, drawn.value];
  return spent.map((until) => {
    while (epochs < until) {
      drawn = pool[random.below(pool.length)];
      epochs += drawn.epochs;
      if (epochs <= until) best = Math.max(best, drawn.value);
    }
    return best;
  });
}
