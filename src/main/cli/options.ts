/** Parsers of option values. Values they reject are usage errors. */

import { InvalidArgumentError } from 'commander';
import { ropeOf } from '../../core/evaluation/practical/index.ts';
import { requireName } from '../../core/names.ts';
import { parseSeeds } from '../../core/seeds.ts';
import { settingValue } from '../../core/setting-value.ts';
import type { SearchSpace } from '../../core/store/home/study-spec.ts';

/** A whole number from `least` on, up to `most` where that is given. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
      throw new InvalidArgumentError(`It must be a whole number from ${least} ${range}.`);
    }
    return value;
  };
}

export function decimalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = decimalNumber(text);
  if (value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Between 0 and 1, neither of them. */
export function openShare(text: string): number {
  const value = decimalNumber(text);
  if (value <= 0 || value >= 1) throw new InvalidArgumentError('It must be a number between 0 and 1.');
  return value;
}

/** "0.002" or "1%" */
export function ropeSize(text: string): { size: number; isShare: boolean } {
  const rope = ropeOf(text);
  if (rope) return rope;
  throw new InvalidArgumentError('It must be a size from 0 on such as 0.002, or a share such as 1%.');
}

/** "a,b" → ["a", "b"] */
export function commaList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw new InvalidArgumentError('It must be a list such as a,b.');
  return parts;
}

/** "a,b" → ["a", "b"], each of them one of the values. */
export function listFrom<T extends string>(values: readonly T[]): (text: string) => T[] {
  return listOf((part) => {
    const known = values.find((value) => value === part);
    if (known === undefined) throw new InvalidArgumentError(`Choose from ${values.join(', ')}.`);
    return known;
  });
}

/** "1,2" → [1, 2], each part as `parse` reads it. */
export function listOf<T>(parse: (text: string) => T): (text: string) => T[] {
  return (text) => commaList(text).map((part) => parse(part));
}

function pair(text: string, example: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`It must look like ${example}.`);
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

/** "user=uid,item=iid", repeatable. */
export function roleMap(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const pairs = text.split(',').map((part) => pair(part, 'user=COLUMN,item=COLUMN'));
  return { ...earlier, ...Object.fromEntries(pairs.map(([role, column]) => [role, column.trim()])) };
}

/** "theirs=ours", repeatable. */
export function metricName(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const [theirs, ours] = pair(text, 'val_ndcg=valid/ndcg@10');
  return { ...earlier, [theirs]: ours.trim() };
}

/** "run=name", repeatable. */
export function namedRun(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const [run, name] = pair(text, 'run=name');
  if (name.trim() === '') throw new InvalidArgumentError('It must look like run=name.');
  requireName(name, 'row');
  return { ...earlier, [run]: name.trim() };
}

/** "key=values", repeatable: settings of a sweep. */
export function variedSetting(text: string, earlier: SearchSpace = []): SearchSpace {
  const [written, ...conditions] = text.split(' if ');
  const [key, values] = pair(written, 'key=a,b or key=a..b');
  if (conditions.length === 0) return [...earlier, { key, values }];
  const when = conditions.map((condition) => {
    const [other, wanted] = pair(condition, 'key=a,b if other=c,d');
    return [other, wanted.split(',').map((one) => settingValue(one.trim()))];
  });
  return [...earlier, { key, values, when: Object.fromEntries(when) }];
}

/** "1 2 3" or "1-3", repeatable: seeds. */
export function seedList(text: string, earlier: number[] = []): number[] {
  const parsed = parseSeeds(text);
  if ('problem' in parsed) throw new InvalidArgumentError(`${parsed.problem}.`);
  const twice = parsed.seeds.find((seed) => earlier.includes(seed));
  if (twice !== undefined) throw new InvalidArgumentError(`The seed ${twice} is named twice.`);
  return [...earlier, ...parsed.seeds];
}

/** "key=value", repeatable. JSON values are parsed; other values, and JSON objects (templates), are taken as text. */
export function setting(text: string, earlier: Record<string, unknown> = {}): Record<string, unknown> {
  const [key, value] = pair(text, 'key=value');
  return { ...earlier, ...Object.fromEntries([[key, parsedOrText(value)]]) };
}

/** "metric=number", repeatable. */
export function statedFigure(text: string, earlier: Record<string, number> = {}): Record<string, number> {
  const [metric, value] = pair(text, 'metric=number');
  if (value.trim() === '' || !Number.isFinite(Number(value)))
    throw new InvalidArgumentError('It must look like ndcg@10=0.0431.');
  return { ...earlier, [metric]: Number(value) };
}

/** Of an option `--set` of commands that train nothing. */
export const SPLIT_SETTINGS =
  'what is held out, as a training has it: split, its settings, and targets; repeatable';

function parsedOrText(value: string): unknown {
  return value.trimStart().startsWith('{') ? value : settingValue(value);
}
