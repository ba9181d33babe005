/** What a search chooses from: config keys with lists of values or ranges, some only where other keys have certain values. */
import { UserError } from '../../errors.ts';
import type { Random } from '../../math/random.ts';
import { settingText, settingValue } from '../../setting-value.ts';
import type { SearchSpace } from '../../store/home/study-spec.ts';

/** The varied settings of a trial; a key whose condition does not hold is left out. */
export type Settings = Record<string, unknown>;

interface Range {
  kind: 'range';
  low: number;
  high: number;
  /** Every power of ten is as likely as the next. */
  log: boolean;
  /** Whole numbers alone, both ends included. */
  whole: boolean;
}

interface List {
  kind: 'list';
  values: readonly unknown[];
}

/** One varied key. Without `when` it is part of every trial. */
export type Dimension = (Range | List) & { key: string; when: Readonly<Record<string, readonly unknown[]>> };

const RANGE = /^(log:)?([^,[\]]*)\.\.([^,[\]]*)$/;

/** Bounds of a range such as "log:1e-4..1e-2", or null for anything else, such as a list. */
export function rangeOf(text: string): { low: number; high: number; log: boolean } | null {
  const [, log, ...ends] = RANGE.exec(text.trim()) ?? [];
  const [low, high] = ends.map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high, log: log !== undefined } : null;
}

/**
 * The space as it was written, every key behind those that its condition names. `isWhole` says which keys take whole numbers.
 * Throws UserError, with the key as its field.
 */
export function spaceOf(written: SearchSpace, isWhole: (key: string) => boolean): Dimension[] {
  const twice = written.find(({ key }, at) => written.findIndex((other) => other.key === key) !== at);
  if (twice) throw refused(twice.key, 'it is varied twice: leave one out');
  const dimensions = written.map(({ key, values, when = {} }) => ({
    ...choiceOf(key, values, isWhole(key)),
    key,
    when,
  }));
  for (const dimension of dimensions) checkCondition(dimension, dimensions);
  return inOrder(dimensions);
}

function checkCondition({ key, when }: Dimension, all: readonly Dimension[]): void {
  for (const [other, wanted] of Object.entries(when)) {
    const found = all.find((one) => one.key === other);
    if (!found) throw refused(key, `it depends on ${other}, which is not varied: vary that, too`);
    if (found.kind === 'range')
      throw refused(key, `it depends on ${other}, which is a range: list its values`);
    const strange = wanted.find((value) => !found.values.some((one) => same(one, value)));
    if (strange !== undefined)
      throw refused(key, `it depends on ${other}=${settingText(strange)}, which is not among its values`);
  }
}

/** As written, but a key behind those that it depends on. */
function inOrder(dimensions: readonly Dimension[]): Dimension[] {
  const placed: Dimension[] = [];
  const isReady = ({ key, when }: Dimension) =>
    placed.every((one) => one.key !== key) &&
    Object.keys(when).every((other) => placed.some((one) => one.key === other));
  while (placed.length < dimensions.length) {
    const next = dimensions.find(isReady);
    if (!next) {
      const { key } = dimensions.find((one) => !placed.includes(one)) as Dimension;
      throw refused(key, 'it depends on itself, by way of the keys that it depends on');
    }
    placed.push(next);
  }
  return placed;
}

const same = (one: unknown, other: unknown) => settingText(one) === settingText(other);

/** Whether a trial with these settings has the key. */
export const isActive = ({ when }: Dimension, settings: Settings) =>
  Object.entries(when).every(
    ([key, wanted]) => key in settings && wanted.some((value) => same(value, settings[key])),
  );

/** One trial, every value as likely as the next. */
export function drawSettings(space: readonly Dimension[], random: Random): Settings {
  const settings: Settings = {};
  for (const dimension of space)
    if (isActive(dimension, settings)) settings[dimension.key] = drawValue(dimension, random);
  return settings;
}

function drawValue(dimension: Dimension, random: Random): unknown {
  if (dimension.kind === 'list') return dimension.values[random.below(dimension.values.length)];
  const [low, high] = bounds(dimension);
  return fromScale(dimension, low + random.uniform() * (high - low));
}

/** The ends of a range where it is even: logarithms of a log range, and half a step beyond whole numbers, so that those at the ends are as likely. */
export function bounds({ low, high, log, whole }: Range): [number, number] {
  const ends = whole ? [low - 0.5, high + 0.5] : [low, high];
  return [toScale({ log }, ends[0]), toScale({ log }, ends[1])];
}

export const toScale = ({ log }: Pick<Range, 'log'>, value: number) => (log ? Math.log(value) : value);

/** A value of the range from where it is even: whole, or with as many digits as tell some thousands of values apart. */
export function fromScale(range: Range, at: number): number {
  const value = range.log ? Math.exp(at) : at;
  return Math.min(range.high, Math.max(range.low, range.whole ? Math.round(value) : rounded(value, range)));
}

/** Nobody reads more digits. */
function rounded(value: number, { low, high, log }: Range): number {
  if (log) return Number(value.toPrecision(Math.min(15, 4 + Math.floor(-Math.log10((high - low) / high)))));
  return Number(value.toFixed(Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(high - low))))));
}

/** Every combination, the last key changing fastest; null where a range has no end of values. */
export function allSettings(space: readonly Dimension[]): Settings[] | null {
  if (space.some(({ kind }) => kind === 'range')) return null;
  return space.reduce<Settings[]>(
    (begun, dimension) =>
      begun.flatMap((settings) =>
        dimension.kind === 'range' || !isActive(dimension, settings)
          ? [settings]
          : dimension.values.map((value) => ({ ...settings, [dimension.key]: value })),
      ),
    [{}],
  );
}

/** How many different trials there are; infinite with a range of fractions. */
export function countSettings(space: readonly Dimension[], settings: Settings = {}): number {
  const [dimension, ...rest] = space;
  if (dimension === undefined) return 1;
  if (!isActive(dimension, settings)) return countSettings(rest, settings);
  const isAsked = rest.some(({ when }) => dimension.key in when);
  if (dimension.kind === 'range' || !isAsked) return countValues(dimension) * countSettings(rest, settings);
  return dimension.values.reduce<number>(
    (sum, value) => sum + countSettings(rest, { ...settings, [dimension.key]: value }),
    0,
  );
}

function countValues(dimension: Dimension): number {
  if (dimension.kind === 'list') return dimension.values.length;
  return dimension.whole ? dimension.high - dimension.low + 1 : Number.POSITIVE_INFINITY;
}

function choiceOf(key: string, text: string, whole: boolean): Range | List {
  const range = rangeOf(text);
  if (!range) {
    if (text.trim().startsWith('log:')) {
      throw refused(key, `"${text}" is no range: write two numbers above 0, such as log:0.0001..0.01`);
    }
    return { kind: 'list', values: listedValues(key, text) };
  }
  const { low, high, log } = range;
  if (low >= high) throw refused(key, `the range ${text} runs backwards: write ${high}..${low}`);
  if (log && low <= 0) throw refused(key, `the range ${text} needs numbers above 0`);
  if (whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw refused(key, `it is a whole number, and so are the ends of its range, unlike those of ${text}`);
  }
  return { kind: 'range', ...range, whole };
}

/** The values of a list as it was written. Throws UserError, with the key as its field. */
export function listedValues(key: string, text: string): unknown[] {
  const json = text.trim().startsWith('[') ? settingValue(text) : null;
  const values = Array.isArray(json) ? json : text.split(',').map((part) => settingValue(part.trim()));
  const texts = values.map(settingText);
  if (texts.includes(''))
    throw refused(key, 'write its values, such as 0.1,0.2, or a range such as 0.1..0.5');
  const twice = texts.find((value, at) => texts.indexOf(value) !== at);
  if (twice !== undefined) throw refused(key, `${twice} is listed twice`);
  return values;
}

/** The error of a varied key. */
export function refused(field: string, problem: string, fix?: { cli: string; window: string }): UserError {
  return new UserError({ code: 'bad-config', field, problem, fix });
}
