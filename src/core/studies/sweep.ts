/** A sweep: one model on one data set with several settings varied. Which trials it makes, and which metric ranks them. */
import { UserError } from '../errors.ts';
import { type Model, watchedMetric } from '../families/model.ts';
import { Random } from '../math/random.ts';
import { withCommas } from '../names.ts';
import { settingText, settingValue } from '../setting-value.ts';
import type { SweepQuestion } from '../store/home/study-spec.ts';

export const MAX_TRIALS = 1000;

/** The varied settings of a trial. */
export type Settings = Record<string, unknown>;

/** What a setting can be: values, or a range. */
interface Choice {
  key: string;
  /** Null for a range. */
  values: readonly unknown[] | null;
  /** Number of different values; infinite for a range of fractions. */
  count: number;
  draw(random: Random): unknown;
}

const RANGE = /^(log:)?([^,[\]]*)\.\.([^,[\]]*)$/;

/** Bounds of a range such as "log:1e-4..1e-2", or null for anything else, such as a list. */
export function rangeOf(text: string): { low: number; high: number; log: boolean } | null {
  const [, log, ...ends] = RANGE.exec(text.trim()) ?? [];
  const [low, high] = ends.map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high, log: log !== undefined } : null;
}

/**
 * The settings of every trial: all combinations, the last key changing fastest, or as many different ones as are drawn.
 * `isWhole` says which keys take whole numbers. Throws UserError, with the key as its field.
 */
export function sweepTrials(
  { search, vary, trials, draw }: SweepQuestion,
  isWhole: (key: string) => boolean,
): Settings[] {
  const twice = vary.find(({ key }, at) => vary.findIndex((other) => other.key === key) !== at);
  if (twice) throw refused(twice.key, 'it is varied twice: leave one out');
  const choices = vary.map(({ key, values }) => choiceOf(key, values, isWhole(key)));
  const count = choices.reduce((product, choice) => product * choice.count, 1);
  const drawn = search === 'random';
  if (drawn ? trials > MAX_TRIALS : Number.isFinite(count) && count > MAX_TRIALS) {
    throw new UserError({
      code: 'invalid',
      problem: `a sweep has at most 1,000 trials, not ${withCommas(drawn ? trials : count)}`,
      fix: {
        cli: 'list fewer values, or draw fewer trials with --trials',
        window: 'list fewer values, or draw fewer trials at random',
      },
    });
  }
  return drawn ? drawnTrials(choices, count, trials, draw) : gridTrials(choices);
}

function gridTrials(choices: readonly Choice[]): Settings[] {
  return choices.reduce<Settings[]>(
    (begun, { key, values }) => {
      if (values) return begun.flatMap((settings) => values.map((value) => ({ ...settings, [key]: value })));
      throw refused(key, 'a grid has no ranges', {
        cli: 'list its values, or draw trials with --trials',
        window: 'list its values, or search at random',
      });
    },
    [{}],
  );
}

/** Draws in a row that gave nothing new, after which nothing new is expected. */
const MAX_MISSES = 100_000;

/** Duplicates are drawn again, so that fewer trials of one seed are the first of more. */
function drawnTrials(choices: readonly Choice[], count: number, trials: number, seed: number): Settings[] {
  const random = new Random(seed, 0, 'sweep');
  const drawn = new Map<string, Settings>();
  for (let misses = 0; drawn.size < trials && drawn.size < count && misses < MAX_MISSES; misses++) {
    const settings = Object.fromEntries(choices.map((choice) => [choice.key, choice.draw(random)]));
    const id = JSON.stringify(settings);
    if (drawn.has(id)) continue;
    drawn.set(id, settings);
    misses = -1;
  }
  if (drawn.size === trials) return [...drawn.values()];
  throw new UserError(`these settings make ${drawn.size} different trials: draw no more than that`);
}

function choiceOf(key: string, text: string, whole: boolean): Choice {
  const range = rangeOf(text);
  if (!range) {
    if (text.trim().startsWith('log:')) {
      throw refused(key, `"${text}" is no range: write two numbers above 0, such as log:0.0001..0.01`);
    }
    const values = listedValues(key, text);
    return { key, values, count: values.length, draw: (random) => values[random.below(values.length)] };
  }
  const { low, high, log } = range;
  if (low >= high) throw refused(key, `the range ${text} runs backwards: write ${high}..${low}`);
  if (log && low <= 0) throw refused(key, `the range ${text} needs numbers above 0`);
  if (whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw refused(key, `it is a whole number, and so are the ends of its range, unlike those of ${text}`);
  }
  const scale = log ? Math.log : (value: number) => value;
  const back = log ? Math.exp : (value: number) => value;
  // A whole number at either end is as likely as those between.
  const [from, to] = whole ? [low - 0.5, high + 0.5] : [low, high];
  const draw = (random: Random) => {
    const value = back(scale(from) + random.uniform() * (scale(to) - scale(from)));
    return Math.min(high, Math.max(low, whole ? Math.round(value) : rounded(value, range)));
  };
  return { key, values: null, count: whole ? high - low + 1 : Number.POSITIVE_INFINITY, draw };
}

/** As many digits as tell some thousands of values apart: nobody reads more. */
function rounded(value: number, { low, high, log }: { low: number; high: number; log: boolean }): number {
  if (log) return Number(value.toPrecision(Math.min(15, 4 + Math.floor(-Math.log10((high - low) / high)))));
  return Number(value.toFixed(Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(high - low))))));
}

function listedValues(key: string, text: string): unknown[] {
  const json = text.trim().startsWith('[') ? settingValue(text) : null;
  const values = Array.isArray(json) ? json : text.split(',').map((part) => settingValue(part.trim()));
  const texts = values.map(settingText);
  if (texts.includes(''))
    throw refused(key, 'write its values, such as 0.1,0.2, or a range such as 0.1..0.5');
  const twice = texts.find((value, at) => texts.indexOf(value) !== at);
  if (twice !== undefined) throw refused(key, `${twice} is listed twice`);
  return values;
}

function refused(field: string, problem: string, fix?: { cli: string; window: string }): UserError {
  return new UserError({ code: 'bad-config', field, problem, fix });
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
