/** What is looked at before a bundle is written, as far as its members tell it by themselves. */
import { canonicalJson } from '../evaluation/protocol.ts';
import { countText, examplesText, withCommas } from '../names.ts';
import type { Recipe } from './recipe.ts';

/** One look: what was looked at, what came of it, and whether that is as it should be. */
export interface BundleCheck {
  what: string;
  detail: string;
  isGood: boolean;
}

/** Numbers of a table have so many digits after the point. */
const DIGITS = 6;

/** Numbers that were looked for, and those of them that were not found. */
export interface FoundNumbers {
  looked: number;
  missing: readonly string[];
}

/**
 * Whether the metrics in the table of a report are means over the runs of its recipe: rows of one model, config and data set, of several seeds. Rows of slices and of
 * published results are of nothing that a recipe has, and are left out.
 */
export function tableNumbers(lines: readonly (readonly string[])[], { runs, others }: Recipe): FoundNumbers {
  const [head = [], ...records] = lines;
  // The second run of a seed belongs to another row than the first.
  const times = new Map<string, number>();
  const byAge = [...runs, ...others].sort((a, b) => (a.id < b.id ? -1 : 1));
  const groups = Map.groupBy(byAge, ({ model, config, dataset, seed }) => {
    const { seed: _, ...settings } = config ?? {};
    const key = canonicalJson([model, settings, dataset]);
    if (seed === null) return key;
    const time = (times.get(`${key} ${seed}`) ?? 0) + 1;
    times.set(`${key} ${seed}`, time);
    return `${key} ${time}`;
  });
  const known = new Map<string, Set<string>>();
  for (const members of groups.values())
    for (const name of new Set(members.flatMap(({ metrics }) => Object.keys(metrics)))) {
      const values = members.flatMap(({ metrics }) => metrics[name] ?? []);
      const texts = known.get(name) ?? new Set();
      known.set(name, texts);
      for (const value of [...values, values.reduce((sum, one) => sum + one, 0) / values.length])
        texts.add(value.toFixed(DIGITS));
    }
  const at = (name: string) => head.indexOf(name);
  const own = records.filter((record) => record[at('seeds')] && !record[at('slice')]);
  const looked = own.flatMap((record) =>
    head.flatMap((name, column) =>
      known.has(name) && record[column] ? [{ name, text: record[column] }] : [],
    ),
  );
  const missing = looked.filter(({ name, text }) => !known.get(name)?.has(text));
  return { looked: looked.length, missing: missing.map(({ name, text }) => `${name} ${text}`) };
}

export function numbersCheck(of: string, { looked, missing }: FoundNumbers, where: string): BundleCheck {
  const detail =
    missing.length === 0
      ? `all ${withCommas(looked)} found in the ${where}`
      : `${missing.length} of ${withCommas(looked)} not found in the ${where}: ${examplesText(missing)}`;
  return { what: `Numbers of the ${of}`, detail, isGood: missing.length === 0 };
}

/** A folder of this machine or the name of its user or of the machine, and the short words by which a text says it. */
export interface PrivateWord {
  word: string;
  /** It says nothing as a part of another word. */
  isWhole: boolean;
}

/** Members that say where they were written, by their names. */
export function tellingMembers(
  members: Readonly<Record<string, string>>,
  words: readonly PrivateWord[],
): string[] {
  const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const patterns = words.map(({ word, isWhole }) =>
    isWhole
      ? new RegExp(`(?<![\\p{L}\\p{N}_-])${escaped(word)}(?![\\p{L}\\p{N}_-])`, 'u')
      : new RegExp(escaped(word)),
  );
  return Object.entries(members).flatMap(([name, text]) =>
    patterns.some((pattern) => pattern.test(text) || pattern.test(name)) ? [name] : [],
  );
}

export function privacyCheck(telling: readonly string[], looked: number): BundleCheck {
  const what = 'No folder, host or user name';
  return telling.length === 0
    ? { what, detail: `looked for in ${countText(looked, 'file')}`, isGood: true }
    : { what, detail: `found in ${examplesText(telling)}`, isGood: false };
}

/** Whether every run says by which version and from which seed it was trained. */
export function recordCheck({ runs, rows }: Recipe): BundleCheck {
  const own = runs.filter(({ id }) => rows.includes(id));
  const told = own.filter(({ versions, processors }) => versions.length > 0 && processors.length > 0);
  const detail = `${told.length} of ${own.length}`;
  return { what: 'Seeds, versions and processors', detail, isGood: told.length === own.length };
}

/** The fields of a CSV text, line by line; quotes may hold commas and line ends. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
