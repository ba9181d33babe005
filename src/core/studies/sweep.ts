/** A sweep: one model on one data set with several settings varied. Which trials it makes, and which metric ranks them. */
import { UserError } from '../errors.ts';
import { type Model, watchedMetric } from '../families/model.ts';
import { withCommas } from '../names.ts';
import type { SweepQuestion } from '../store/home/study-spec.ts';
import { randomTrials } from './search/searcher.ts';
import {
  allSettings,
  countSettings,
  type Dimension,
  refused,
  type Settings,
  spaceOf,
} from './search/space.ts';

export const MAX_TRIALS = 1000;

/**
 * The settings of every trial: all combinations, the last key changing fastest, or as many different ones as are drawn.
 * `isWhole` says which keys take whole numbers. Throws UserError, with the key as its field.
 */
export function sweepTrials(
  { search, vary, trials, draw }: Pick<SweepQuestion, 'search' | 'vary' | 'trials' | 'draw'>,
  isWhole: (key: string) => boolean,
): Settings[] {
  const space = spaceOf(vary, isWhole);
  const drawn = search !== 'grid';
  const count = drawn ? trials : countSettings(space);
  if (Number.isFinite(count) && count > MAX_TRIALS) {
    throw new UserError({
      code: 'invalid',
      problem: `a sweep has at most 1,000 trials, not ${withCommas(count)}`,
      fix: {
        cli: 'list fewer values, or draw fewer trials with --trials',
        window: 'list fewer values, or draw fewer trials at random',
      },
    });
  }
  return drawn ? drawnTrials(space, trials, draw) : gridTrials(space);
}

function gridTrials(space: readonly Dimension[]): Settings[] {
  const range = space.find(({ kind }) => kind === 'range');
  const all = allSettings(space);
  if (all) return all;
  throw refused(range?.key ?? '', 'a grid has no ranges', {
    cli: 'list its values, or draw trials with --trials',
    window: 'list its values, or search at random',
  });
}

function drawnTrials(space: readonly Dimension[], trials: number, seed: number): Settings[] {
  const drawn: Settings[] = [];
  for (const settings of randomTrials(space, seed)) {
    drawn.push(settings);
    if (drawn.length === trials) break;
  }
  if (drawn.length === trials) return drawn;
  throw new UserError(`these settings make ${drawn.length} different trials: draw no more than that`);
}

/** A varied key whose values would be measured in different ways by this model, so that no trial could be called the best. */
export function incomparableKey(
  { watched }: Pick<Model, 'watched'>,
  { vary }: Pick<SweepQuestion, 'vary'>,
): string | null {
  return vary.find(({ key }) => watched.dependsOn.includes(key))?.key ?? null;
}

/** Throws UserError where trials would be measured in different ways. */
export function requireComparable(
  model: Pick<Model, 'watched'>,
  question: Pick<SweepQuestion, 'vary'>,
): void {
  const key = incomparableKey(model, question);
  if (key === null) return;
  throw refused(key, 'it changes the evaluation, so trials would not be comparable', {
    cli: `give all of them one value with --set ${key}=…`,
    window: 'give all of them one value',
  });
}

/**
 * The metric that ranks trials with this config. Throws UserError where nothing but test items is held out.
 */
export function rankingMetric(model: Pick<Model, 'watched'>, config: Settings): string {
  if (config.protocol !== 'paper') return watchedMetric(model, config);
  throw refused('protocol', 'paper holds out no validation items, and a sweep chooses by these', {
    cli: 'use --set protocol=validated',
    window: 'use protocol=validated',
  });
}
