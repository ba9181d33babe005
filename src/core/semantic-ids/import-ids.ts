/** Semantic IDs made elsewhere, matched to the items of a data set; all of them are taken, or none. */

import { UserError } from '../errors.ts';
import { countsOf, mostCommon } from '../math/information.ts';
import { countText, examplesText } from '../names.ts';
import { type Code, type IdFile, readIdFile } from './id-files.ts';

export interface ImportOptions {
  /** Codes of a level, or 0 for one more than the largest found. */
  codebookSize: number;
  /** The last code only separates items that share the others: it is dropped and recomputed. */
  dropLast: boolean;
  /** Text file of the items that rows or numbers stand for, or ''. */
  itemsFile: string;
}

export interface ImportedIds {
  codebookSizes: number[];
  /** [items, levels], -1 for items that the file does not name. */
  codes: Int32Array;
  /** Items of the data set that the file does not name. */
  missing: number;
  /** Whether the last code looks like one that only tells items apart. */
  lastCounts: boolean;
}

/** What a file has for a data set. */
export interface IdMatch {
  /** Items that the file names, each counted once. */
  named: number;
  /** Of those, the ones that the data set has. */
  matched: number;
  /** Items of the data set. */
  catalogue: number;
  levels: number;
  codebookSizes: number[];
  /** Items whose codes another item has too. */
  sharing: number;
  lastCounts: boolean;
  /** Each with its count and examples; the import is refused while there is one. */
  problems: string[];
}

/**
 * Semantic IDs of a file as {@link readIdFile} reads it. A code is a whole number, or a token that ends in one such as
 * "<a_183>".
 * @param itemIds original ids of the catalogue, in dense order
 * @throws UserError with the count of everything that is wrong: items named twice or unknown, IDs of uneven length, codes
 *   that are none or out of range
 */
export async function importIds(
  path: string,
  itemIds: readonly string[],
  options: ImportOptions,
): Promise<ImportedIds> {
  const { ids, problems, missing } = check(await readChecked(path, options), itemIds, options);
  if (problems.length > 0) {
    throw new UserError({
      code: 'invalid',
      problem: `${path}: ${problems.join('; ')}`,
      kept: 'nothing was imported',
      fix: 'correct the file',
    });
  }
  const { levels, codebookSizes, lastCounts } = ids;
  const dense = new Map(itemIds.map((id, item) => [id, item]));
  const codes = new Int32Array(itemIds.length * levels).fill(-1);
  for (const [id, itemCodes] of ids.numbers)
    codes.set(itemCodes.slice(0, levels), (dense.get(id) as number) * levels);
  return { codebookSizes, codes, missing, lastCounts };
}

/** What an import would take and what stands in its way, with nothing kept. Throws UserError where the file is unreadable. */
export async function matchIds(
  path: string,
  itemIds: readonly string[],
  options: ImportOptions,
): Promise<IdMatch> {
  const { ids, problems, named, missing } = check(await readChecked(path, options), itemIds, options);
  const { levels, codebookSizes, lastCounts } = ids;
  const keys = ids.numbers.map(([, itemCodes]) => itemCodes.slice(0, levels).join());
  const times = countsOf(keys);
  return {
    named,
    matched: itemIds.length - missing,
    catalogue: itemIds.length,
    levels,
    codebookSizes,
    sharing: keys.filter((key) => (times.get(key) as number) > 1).length,
    lastCounts,
    problems,
  };
}

async function readChecked(path: string, { itemsFile }: ImportOptions): Promise<IdFile> {
  const file = await readIdFile(path, itemsFile);
  if (file.entries.length === 0) throw new UserError(`${path}: no item in it`);
  return file;
}

interface Numbered {
  numbers: [id: string, codes: number[]][];
  levels: number;
  codebookSizes: number[];
  lastCounts: boolean;
}

interface Checked {
  ids: Numbered;
  named: number;
  missing: number;
  problems: string[];
}

function check({ entries, repeated }: IdFile, itemIds: readonly string[], options: ImportOptions): Checked {
  const { codebookSize, dropLast } = options;
  const problems: string[] = [];
  const note = (noun: string, which: string, found: string[]) => {
    if (found.length > 0) problems.push(`${countText(found.length, noun)} ${which} (${examplesText(found)})`);
  };
  const known = new Set(itemIds);
  const names = new Set(entries.map(([id]) => id));
  const quoted = (ids: readonly string[]) => ids.map((id) => JSON.stringify(id));
  const unknown = quoted([...names].filter((id) => !known.has(id)));
  note('item', 'named twice', quoted(repeated));
  note('item', 'that the data set does not have', unknown);
  const length = mostCommon(entries.map(([, codes]) => codes.length));
  note(
    'ID',
    `without the ${length} codes that most have`,
    entries.flatMap(([id, codes]) =>
      codes.length === length ? [] : [`${JSON.stringify(id)}: ${codes.length}`],
    ),
  );
  const levels = dropLast ? length - 1 : length;
  const numbers = entries.map(([id, codes]): [string, number[]] => [id, codes.map(codeOf)]);
  note(
    'code',
    `outside the whole numbers from 0${codebookSize > 0 ? ` to ${codebookSize - 1}` : ''}`,
    badCodes(entries, levels, codebookSize),
  );
  if (levels < 1) problems.push('no level is left beside the last');
  const codebookSizes = Array.from({ length: Math.max(0, levels) }, (_, level) =>
    codebookSize > 0
      ? codebookSize
      : numbers.reduce((size, [, codes]) => Math.max(size, codes[level] + 1), 1),
  );
  const lastCounts = !dropLast && length > 1 && countsCollisions(numbers.map(([, itemCodes]) => itemCodes));
  return {
    ids: { numbers, levels, codebookSizes, lastCounts },
    named: names.size,
    missing: itemIds.length - (names.size - unknown.length),
    problems,
  };
}

/** Codes of the levels that are kept which are none, or too large for a codebook of `codebookSize` (0: of any size). */
function badCodes(entries: IdFile['entries'], levels: number, codebookSize: number): string[] {
  const end = codebookSize > 0 ? codebookSize : 2 ** 31;
  return entries.flatMap(([id, codes]) =>
    codes.slice(0, levels).flatMap((written) => {
      const code = codeOf(written);
      const isGood = Number.isInteger(code) && code >= 0 && code < end;
      return isGood ? [] : [`${JSON.stringify(id)}: ${String(written)}`];
    }),
  );
}

function codeOf(code: Code): number {
  if (typeof code === 'number') return code;
  const digits = /(\d+)\D*$/.exec(code);
  return digits ? Number(digits[1]) : Number.NaN;
}

/** Whether the last codes are 0, 1, 2, … among the items that share the others. */
function countsCollisions(ids: readonly number[][]): boolean {
  const buckets = Map.groupBy(ids, (codes) => codes.slice(0, -1).join());
  return [...buckets.values()].every((alike) => {
    const last = alike.map((codes) => codes[codes.length - 1]);
    return last.sort((a, b) => a - b).every((code, at) => code === at);
  });
}
