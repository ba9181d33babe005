/**
 * What a search does next. The answer follows from the request and the trials so far alone, so that a search goes on after a kill as if
 * nothing had happened: nothing but its runs is kept.
 */
import { Random } from '../../math/random.ts';
import type { Searcher, SweepSpec } from '../../store/home/study-spec.ts';
import { type AshaTrial, promoted } from './asha.ts';
import { allSettings, countSettings, type Dimension, drawSettings, type Settings } from './space.ts';
import { FIRST_TRIALS, proposeTpe } from './tpe.ts';

export interface PastTrial {
  settings: Settings;
  /**
   * Best validation by each rung that it has reached, lower being better; without rungs one number once it has ended, and none where it
   * failed. One that ended before the last rung has its value there, too.
   */
  losses: readonly number[];
  /** trains: also while it waits in the queue. stands: at a rung. failed: it may have losses of rungs before. */
  state: 'trains' | 'stands' | 'ended' | 'failed';
  /** That its runs have trained. */
  seconds: number;
  /** Of its runs, whatever became of them. */
  seeds: readonly number[];
}

/** Why no more trials begin. */
export type SearchEnd = NonNullable<SweepSpec['sweep']['ended']>;

export type SearchStep =
  | { next: 'trial'; settings: Settings }
  /** A trial, by its place in the list, trains on until so many epochs. */
  | { next: 'promotion'; trial: number; epochs: number }
  /** A finalist trains from another seed, to the end. */
  | { next: 'seed'; trial: number; seed: number }
  /** What trains must end first. */
  | { next: 'wait' }
  | { next: 'nothing'; end: SearchEnd };

export interface Search extends Searcher {
  space: readonly Dimension[];
  /** Epochs; one number without early stops. */
  rungs: readonly number[];
}

/** What to do while there is room for one more training; `past` in the order in which the trials began. */
export function nextStep(search: Search, past: readonly PastTrial[]): SearchStep {
  const { asha, rungs } = search;
  const end = endOf(search, past);
  if (end !== 'hours') {
    const trial = asha ? promoted(past.map(ashaTrial), rungs, asha.eta) : null;
    if (trial !== null) return { next: 'promotion', trial, epochs: rungs[past[trial].losses.length] };
    const settings = end === null ? nextSettings(search, past) : null;
    if (settings) return { next: 'trial', settings };
  }
  if (past.some(({ state }) => state === 'trains')) return { next: 'wait' };
  return finalistStep(search, past) ?? { next: 'nothing', end: end ?? 'all' };
}

const ashaTrial = ({ losses, state }: PastTrial): AshaTrial => ({ losses, waits: state === 'stands' });

/** Which rule lets no new trial begin, or null. */
export function endOf({ trials, stop = {} }: Search, past: readonly PastTrial[]): SearchEnd | null {
  const seconds = past.reduce((sum, trial) => sum + trial.seconds, 0);
  if (stop.hours !== undefined && seconds >= 3600 * stop.hours) return 'hours';
  if (past.length >= trials) return 'trials';
  if (stop.unimproved === undefined) return null;
  const lowest = past.map(({ losses }) => Math.min(...losses));
  const best = lowest.indexOf(Math.min(...lowest));
  const since = past.slice(best + 1).filter(({ state }) => state !== 'trains');
  return since.length >= stop.unimproved ? 'unimproved' : null;
}

/** Of the next trial; null where all that there are have been tried. */
function nextSettings({ search, space, draw, rungs }: Search, past: readonly PastTrial[]): Settings | null {
  const tried = new Set(past.map(({ settings }) => JSON.stringify(settings)));
  const isNew = (settings: Settings) => !tried.has(JSON.stringify(settings));
  if (search === 'grid') return allSettings(space)?.find(isNew) ?? null;
  const measured = past.filter(({ losses }) => losses.length > 0).length;
  if (search === 'tpe' && measured >= FIRST_TRIALS && tried.size < countSettings(space)) {
    const trials = past.map((trial) => ({
      settings: trial.settings,
      loss: trial.losses.at(-1) ?? null,
      epochs: rungs[trial.losses.length - 1] ?? 0,
    }));
    const random = new Random(draw, past.length, 'tpe');
    for (let attempt = 0; attempt < PROPOSALS; attempt++) {
      const settings = proposeTpe(space, trials, random);
      if (isNew(settings)) return settings;
    }
  }
  for (const settings of randomTrials(space, draw)) if (isNew(settings)) return settings;
  return null;
}

/** Proposals of what was tried already before one is drawn. */
const PROPOSALS = 20;
/** Draws in a row that gave nothing new, after which nothing new is expected. */
const MAX_MISSES = 100_000;

/** Different trials in the order in which a random search makes them: fewer of one seed are the first of more. */
export function* randomTrials(space: readonly Dimension[], seed: number): Generator<Settings, void> {
  const random = new Random(seed, 0, 'sweep');
  const count = countSettings(space);
  const drawn = new Set<string>();
  for (let misses = 0; drawn.size < count && misses < MAX_MISSES; misses++) {
    const settings = drawSettings(space, random);
    const id = JSON.stringify(settings);
    if (drawn.has(id)) continue;
    drawn.add(id);
    misses = -1;
    yield settings;
  }
}

/** Trains the best trials from every seed to the end; one that stands at a rung goes on first, and where it fails the next best takes its place. */
function finalistStep({ finalists, rungs }: Search, past: readonly PastTrial[]): SearchStep | null {
  if (!finalists) return null;
  const best = rankedTrials(past)
    .filter((at) => past[at].state !== 'failed')
    .slice(0, finalists.trials);
  const standing = best.find((at) => past[at].state === 'stands');
  if (standing !== undefined) return { next: 'promotion', trial: standing, epochs: rungs[rungs.length - 1] };
  for (const trial of best)
    for (const seed of finalists.seeds)
      if (!past[trial].seeds.includes(seed)) return { next: 'seed', trial, seed };
  return null;
}

/** Places of the trials with a value, the best first: what trained to a later rung comes before what did not. */
export function rankedTrials(past: readonly Pick<PastTrial, 'losses'>[]): number[] {
  return [...past.keys()]
    .filter((at) => past[at].losses.length > 0)
    .sort(
      (a, b) =>
        past[b].losses.length - past[a].losses.length ||
        Number(past[a].losses.at(-1)) - Number(past[b].losses.at(-1)) ||
        a - b,
    );
}
