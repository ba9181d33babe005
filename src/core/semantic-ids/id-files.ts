/** Files of Semantic IDs as other programs write them: JSON indices, NumPy arrays and tables. */

import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { z } from 'zod';
import { ROW_FILES, type RowKind, type RowTable, readIdLines, readRowFile } from '../content/vector-files.ts';
import { messageOf, UserError } from '../errors.ts';
import { parseJson as jsonOrNull } from '../files/json.ts';
import { countText, examplesText } from '../names.ts';

export type Code = number | string;

export interface IdFile {
  /** Item, as the data set's files call it, and its codes, in the order of the file. */
  entries: [id: string, codes: Code[]][];
  /** Items that the file names more than once; of each, `entries` may have one place or several. */
  repeated: string[];
}

/** Names under which tables and arrays keep codes, the likelier first. */
const CODES: RowKind = {
  what: 'Semantic IDs',
  key: 'file',
  names: ['codes', 'semantic_ids', 'semantic_id', 'sids', 'sid', 'indices', 'tokens'],
  fromTexts: true,
};

const codesSchema = z.array(z.union([z.number(), z.string()]));
/** An item's codes, alone or, as `semantic-ids export` writes them, beside its title. */
const entrySchema = z.union([codesSchema, z.object({ codes: codesSchema }).transform(({ codes }) => codes)]);
const jsonSchema = z.union([
  z.record(z.string(), entrySchema),
  z.array(z.object({ item: z.union([z.string(), z.number()]), codes: codesSchema })),
  z.array(codesSchema),
]);

/**
 * Reads item → codes.
 * - .json: {"item": [12, 201, 7]} (LETTER, LC-Rec and MiniOneRec write tokens such as "<a_12>" and number the items),
 *   [{"item": …, "codes": […]}, …] or a list of codes a row.
 * - .npy, .npz, .safetensors: an array [items, levels] or, as GRID saves it, [levels, items].
 * - .csv, .tsv, .parquet: a column of items, and codes in numbered columns, a list or a text.
 * @param itemsFile text file that says which item a row or a numbered key is of, or ''; see {@link readItemsFile}
 * @throws UserError where the file cannot be read, or does not say which item a row is of
 */
export async function readIdFile(path: string, itemsFile: string): Promise<IdFile> {
  const items = itemsFile === '' ? null : readItemsFile(itemsFile);
  const ending = extname(path).toLowerCase();
  if (ROW_FILES.includes(ending)) return fromRows(path, rowsOf(await readRowFile(path, CODES), items), items);
  const text = readText(path);
  const parsed = jsonSchema.safeParse(requireJson(path, text));
  if (!parsed.success) {
    throw new UserError(
      `${path}: not Semantic IDs: expected a JSON object such as {"item": [12, 201, 7], …}, or a file of ${ROW_FILES.join(', ')}`,
    );
  }
  const { data } = parsed;
  if (!Array.isArray(data)) {
    const entries = Object.entries(data);
    return { entries: items ? named(itemsFile, entries, items) : entries, repeated: repeatedKeys(text) };
  }
  const first = data.at(0);
  if (first === undefined || Array.isArray(first)) {
    return fromRows(path, { ids: null, codes: data as Code[][] }, items);
  }
  const rows = data as { item: string | number; codes: Code[] }[];
  return fromRows(
    path,
    { ids: rows.map(({ item }) => String(item)), codes: rows.map(({ codes }) => codes) },
    items,
  );
}

/**
 * Whether a file is one of Semantic IDs by its form: JSON as {@link readIdFile} reads it, or an array. A table is taken for
 * the rows of a data set.
 */
export function holdsIds(path: string): boolean {
  const ending = extname(path).toLowerCase();
  if (['.npy', '.npz', '.safetensors'].includes(ending)) return true;
  return ending === '.json' && existsSync(path) && jsonSchema.safeParse(jsonOrNull(readText(path))).success;
}

interface Rows {
  ids: string[] | null;
  codes: Code[][];
}

/** The rows of a table or array, transposed if every column is an item. Items without codes are left out. */
function rowsOf({ ids, data, dim }: RowTable, items: readonly string[] | null): Rows {
  const rows = dim === 0 ? 0 : data.length / dim;
  const named = (ids ?? items)?.length;
  const isTurned = named !== rows && (named === dim || (named === undefined && rows < dim));
  const codes = isTurned
    ? Array.from({ length: dim }, (_, item) =>
        Array.from({ length: rows }, (_, level) => data[level * dim + item]),
      )
    : Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]);
  const has = codes.map((levelCodes) => levelCodes.some((code) => !Number.isNaN(code)));
  if (ids === null || has.every(Boolean)) return { ids, codes };
  return { ids: ids.filter((_, row) => has[row]), codes: codes.filter((_, row) => has[row]) };
}

function fromRows(path: string, { ids, codes }: Rows, items: readonly string[] | null): IdFile {
  const names = ids ?? items;
  if (names === null) {
    throw new UserError(
      `${path}: ${countText(codes.length, 'row')} of codes without items; name a text file of items, one per line in the order of the rows, with itemsFile`,
    );
  }
  if (names.length !== codes.length) {
    throw new UserError(
      `${path}: ${countText(codes.length, 'row')} of codes for ${countText(names.length, 'item')}; there must be one each`,
    );
  }
  const seen = new Set<string>();
  const repeated = new Set(names.filter((name) => seen.size === seen.add(name).size));
  return { entries: names.map((name, row) => [name, codes[row]]), repeated: [...repeated] };
}

/** Numbered keys by the items that the numbers stand for. */
function named(itemsFile: string, entries: IdFile['entries'], items: readonly string[]): IdFile['entries'] {
  const unknown = entries.filter(([key]) => !/^\d+$/.test(key) || items[Number(key)] === undefined);
  if (unknown.length > 0) {
    throw new UserError(
      `${itemsFile}: no item for ${countText(unknown.length, 'key')} of the Semantic IDs (${examplesText(unknown.map(([key]) => key))}); it has ${countText(items.length, 'item')}`,
    );
  }
  return entries.map(([key, codes]) => [items[Number(key)], codes]);
}

/** The item of each number: one per line, or lines "item<tab>number" as the .item2id files of LC-Rec and MiniOneRec have. */
function readItemsFile(path: string): string[] {
  const lines = readIdLines(path);
  const pairs = lines.map((line) => /^(.*)\t(\d+)$/.exec(line));
  if (!pairs.every((pair) => pair !== null)) return lines;
  const items: string[] = [];
  for (const [, item, number] of pairs) items[Number(number)] = item;
  return items;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); name a file of item → codes`);
  }
}

function requireJson(path: string, text: string): unknown {
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
      if (seen.has(key)) repeated.add(JSON.parse(key));
      seen.add(key);
    }
  }
  return [...repeated];
}
