/** Semantic IDs made elsewhere: JSON of item → codes, checked as a whole before anything is taken. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';

export interface ImportOptions {
  /** Codes of a level, or 0 for one more than the largest found. */
  codebookSize: number;
  /** The last code only separates items that share the others: it is dropped and recomputed. */
  dropLast: boolean;
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

const codesSchema = z.array(z.union([z.number(), z.string()]));
/** An item's codes, alone or, as `semantic-ids export` writes them, beside its title. */
const entrySchema = z.union([codesSchema, z.object({ codes: codesSchema }).transform(({ codes }) => codes)]);
const fileSchema = z.record(z.string(), entrySchema);

/** How many examples a message names. */
const EXAMPLES = 3;

/**
 * Reads an object of item id → list of codes. A code is a whole number, or a token that ends in one such as "<a_183>".
 * @param itemIds original ids of the catalogue, in dense order
 * @throws UserError with the count of everything that is wrong: items named twice or unknown, IDs of uneven length, codes
 *   that are none or out of range
 */
export function importIds(path: string, itemIds: readonly string[], options: ImportOptions): ImportedIds {
  const text = readText(path);
  const parsed = fileSchema.safeParse(parseJson(path, text));
  if (!parsed.success) {
    throw new UserError(
      `${path}: not Semantic IDs: expected a JSON object such as {"item": [12, 201, 7], …}`,
    );
  }
  const entries = Object.entries(parsed.data);
  if (entries.length === 0) throw new UserError(`${path}: no item in it`);
  const problems: string[] = [];
  const note = (what: string, examples: string[]) => {
    if (examples.length === 0) return;
    const shown = examples.slice(0, EXAMPLES).join(', ');
    problems.push(`${examples.length} ${what} (${shown}${examples.length > EXAMPLES ? ', …' : ''})`);
  };
  const dense = new Map(itemIds.map((id, item) => [id, item]));
  note('items named twice', repeatedKeys(text));
  note(
    'items that the data set does not have',
    entries.flatMap(([id]) => (dense.has(id) ? [] : [JSON.stringify(id)])),
  );
  const length = usualLength(entries.map(([, codes]) => codes.length));
  note(
    `IDs that do not have ${length} codes as most do`,
    entries.flatMap(([id, codes]) =>
      codes.length === length ? [] : [`${JSON.stringify(id)}: ${codes.length}`],
    ),
  );
  const levels = options.dropLast ? length - 1 : length;
  const numbers = entries.map(([id, codes]): [string, number[]] => [id, codes.map(codeOf)]);
  const most = options.codebookSize > 0 ? options.codebookSize : Number.POSITIVE_INFINITY;
  const good = (code: number) => Number.isInteger(code) && code >= 0 && code < Math.min(most, 2 ** 31);
  note(
    `codes that are not whole numbers from 0${options.codebookSize > 0 ? ` to ${options.codebookSize - 1}` : ''}`,
    numbers.flatMap(([id, codes], at) =>
      codes.flatMap((code, level) =>
        level >= levels || good(code) ? [] : [`${JSON.stringify(id)}: ${String(entries[at][1][level])}`],
      ),
    ),
  );
  if (levels < 1) problems.push('no level is left beside the last');
  if (problems.length > 0) {
    throw new UserError({
      code: 'invalid',
      problem: `${path}: ${problems.join('; ')}`,
      kept: 'nothing was imported',
      fix: 'correct the file',
    });
  }
  const sizes = Array.from({ length }, (_, level) =>
    numbers.reduce((size, [, codes]) => Math.max(size, codes[level] + 1), 1),
  );
  const codes = new Int32Array(itemIds.length * levels).fill(-1);
  for (const [id, own] of numbers) codes.set(own.slice(0, levels), (dense.get(id) as number) * levels);
  return {
    codebookSizes: sizes
      .slice(0, levels)
      .map((size) => (options.codebookSize > 0 ? options.codebookSize : size)),
    codes,
    missing: itemIds.length - entries.length,
    lastCounts: !options.dropLast && length > 1 && countsCollisions(numbers.map(([, own]) => own)),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); name a JSON file of item → codes`);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: cannot be read as JSON: ${messageOf(error)}`);
  }
}

/** Keys of the outermost object that stand in it more than once: JSON.parse keeps only the last of them. */
function repeatedKeys(text: string): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  let depth = 0;
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && colon !== undefined) {
      const key = token.slice(0, -colon.length);
      if (seen.has(key)) repeated.add(key);
      seen.add(key);
    }
  }
  return [...repeated];
}

function usualLength(lengths: readonly number[]): number {
  const times = new Map<number, number>();
  for (const length of lengths) times.set(length, (times.get(length) ?? 0) + 1);
  return [...times].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function codeOf(code: number | string): number {
  if (typeof code === 'number') return code;
  const digits = /(\d+)\D*$/.exec(code);
  return digits ? Number(digits[1]) : Number.NaN;
}

/** Whether the last codes are 0, 1, 2, … among the items that share the others. */
function countsCollisions(ids: readonly number[][]): boolean {
  const buckets = new Map<string, number[]>();
  for (const codes of ids) {
    const key = codes.slice(0, -1).join();
    const bucket = buckets.get(key);
    const last = codes[codes.length - 1];
    if (bucket) bucket.push(last);
    else buckets.set(key, [last]);
  }
  return [...buckets.values()].every((last) =>
    last.toSorted((a, b) => a - b).every((code, at) => code === at),
  );
}
