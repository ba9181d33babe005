import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { messageOf, UserError } from '../../errors.ts';
import { parseObject } from '../../files/json.ts';
import { mostCommon } from '../../math/information.ts';
import { clip } from '../../names.ts';
import { pathLiteral, withDuck } from '../duck.ts';
import type { Encoding, ImportOverrides } from '../import/request.ts';
import { looksLikeHeader } from '../import/roles.ts';
import { criteoColumns, isCriteo } from './criteo.ts';
import { pythonToJson } from './python-literal.ts';
import { type Dialect, firstRecords, splitFields } from './text.ts';

const SAMPLE_BYTES = 256 * 1024;
/** The most that a sample of a gzip file may unpack to. */
const MAX_SAMPLE_BYTES = 2 ** 25;
const SAMPLE_RECORDS = 200;
const SEPARATORS = ['::', '\t', ',', ';', '|', ' '];

export type FileKind = 'delimited' | 'sequences' | 'json' | 'parquet';

/** What one file is, as sniffed from its beginning. */
export interface SniffedFile {
  path: string;
  kind: FileKind;
  gzip: boolean;
  encoding: Encoding;
  /** Whether the encoding was given; else it is a guess from the first bytes. */
  encodingGiven: boolean;
  /** Of delimited text. */
  dialect: Dialect;
  header: boolean;
  columns: string[];
  /** Columns whose header says that they hold several values, parted by spaces (RecBole's token_seq). */
  sequences?: string[];
  /** The first rows as text, one field a column; null where a field is missing. */
  rows: (string | null)[][];
}

/** Whether its columns were named by their place alone. Keys of JSON are names, though no line of the file holds them. */
export const isNameless = ({ kind, header }: Pick<SniffedFile, 'kind' | 'header'>) =>
  kind === 'delimited' && !header;

/** Headers of well-known files that come without one. */
const KNOWN_COLUMNS = new Map(
  Object.entries({
    'ratings.dat': ['user', 'item', 'rating', 'timestamp'],
    'movies.dat': ['item', 'title', 'genres'],
    'users.dat': ['user', 'gender', 'age', 'occupation', 'zip'],
    'u.data': ['user', 'item', 'rating', 'timestamp'],
    'u.user': ['user', 'age', 'gender', 'occupation', 'zip'],
    'u.item': ['item', 'title', 'release_date', 'video_release_date', 'imdb_url'],
  }),
);

/** File name without folder and without .gz. */
export function plainName(path: string): string {
  return basename(path).replace(/\.gz$/i, '');
}

/** Sniffs format, encoding, separator and header. Throws UserError for what cannot be read. */
export async function sniffFile(path: string, overrides: ImportOverrides): Promise<SniffedFile> {
  const { bytes, cut, gzip } = readSample(path);
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') return sniffParquet(path);
  refuseBinary(path, bytes);
  const encoding = overrides.encoding ?? sniffEncoding(bytes, cut);
  const text = decode(bytes, encoding);
  if (text.trim() === '') throw new UserError(`${path}: the file is empty; fetch or export it again`);
  refuseWebPage(path, text);
  const file = { path, gzip, encoding, encodingGiven: overrides.encoding !== undefined };
  // A bad line before the first object is counted by the import.
  if (/^\s*(?:(?:null|true|false|-?\d+|"[^"\n]*")[^\S\n]*\n\s*)*\{\s*["'}]/.test(text))
    return { ...file, ...sniffJson(path, text, cut) };
  if (/^\s*\[\s*[[{]/.test(text)) {
    throw new UserError(`${path}:1: one JSON array; write JSON lines instead, one object a line`);
  }
  return { ...file, ...sniffText(path, text, cut, overrides) };
}

/** What a text begins with, unpacked. Throws UserError for a file that is empty or damaged. */
export function readSample(path: string): { bytes: Buffer; cut: boolean; gzip: boolean } {
  const { size } = statSync(path);
  if (size === 0) throw new UserError(`${path}: the file is empty (0 bytes); fetch or export it again`);
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(Math.min(size, SAMPLE_BYTES));
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!gzip) return { bytes, cut: size > bytes.length, gzip };
  try {
    const plain = beginningOf(bytes, size === bytes.length);
    if (plain.length === 0) throw new UserError(`${path}: the file is empty inside its gzip`);
    return { bytes: plain, cut: true, gzip };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const isCut = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR';
    const problem = isCut ? 'cut short' : `damaged (${messageOf(error)})`;
    throw new UserError(`${path}: the gzip file is ${problem}; fetch it again`);
  }
}

/** What a gzip file begins with: as much of it as a sample needs, for a thousand times its size may be in it. */
function beginningOf(bytes: Buffer, isWhole: boolean): Buffer {
  let plain = Buffer.alloc(0);
  for (let size = SAMPLE_BYTES / 64; plain.length < SAMPLE_BYTES; size *= 2) {
    // Z_SYNC_FLUSH: a sample is a gzip cut short, and that is no error here; a whole file is one where it has no end.
    const finishFlush = isWhole && size >= bytes.length ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const options = { finishFlush, maxOutputLength: MAX_SAMPLE_BYTES };
    try {
      plain = gunzipSync(bytes.subarray(0, size), options);
    } catch (error) {
      if (plain.length > 0 && error instanceof RangeError) return plain;
      throw error;
    }
    if (size >= bytes.length) break;
  }
  return plain;
}

function refuseBinary(path: string, bytes: Buffer): void {
  const start = bytes.subarray(0, 4).toString('latin1');
  if (start.startsWith('PK')) throw new UserError(`${path}: a zip archive; unpack it and import the folder`);
  if (start.startsWith('\xff\xfe') || start.startsWith('\xfe\xff')) {
    throw new UserError(`${path}: UTF-16 text; save it as UTF-8`);
  }
  const control = bytes.subarray(0, 1024).filter((byte) => byte < 9).length;
  if (control > 8)
    throw new UserError(
      `${path}: neither text nor Parquet; expected CSV, TSV, .dat, JSON lines, Parquet or .inter`,
    );
}

/** What a server answers in place of a file is no data, however few rows it would make. */
function refuseWebPage(path: string, text: string): void {
  if (/^\s*(<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|html|head|body)\b/is.test(text))
    throw new UserError(`${path}: a web page, and not data; download the file itself`);
}

function sniffEncoding(bytes: Buffer, cut: boolean): Encoding {
  // A cut may fall inside a character: up to three bytes at the end do not count.
  for (let drop = 0; drop <= (cut ? 3 : 0); drop++) {
    if (isUtf8(bytes.subarray(0, bytes.length - drop))) return 'utf-8';
  }
  return 'latin-1';
}

function decode(bytes: Buffer, encoding: Encoding): string {
  const text = bytes.toString(encoding === 'utf-8' ? 'utf8' : 'latin1');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

type Sniffed = Pick<SniffedFile, 'kind' | 'dialect' | 'header' | 'columns' | 'sequences' | 'rows'>;
const LINES: Dialect = { separator: '\n', quoted: false };

function sniffJson(path: string, text: string, cut: boolean): Sniffed {
  if (/\r\s*\S/.test(text) && !text.includes('\n')) {
    throw new UserError(`${path}:1: lines that end in CR alone, as old Macs wrote them; end them in LF`);
  }
  // A bad line is counted by the import; the sample goes on without it.
  const objects = firstRecords(text, LINES, SAMPLE_RECORDS, cut).flatMap((record) => {
    const object = parseObject(/^\s*\{\s*'/.test(record) ? pythonToJson(record) : record);
    return object === null ? [] : [object];
  });
  if (objects.length === 0)
    throw new UserError(`${path}:1: not JSON lines: the first line is not a whole object`);
  const names = readable(objects.flatMap((object) => Object.keys(object)));
  const rows = objects.map((object) => names.map((name) => jsonText(object[name])));
  return { kind: 'json', dialect: LINES, header: false, columns: names, rows };
}

/** The names that a table can have, each once: names that differ in capitals alone are one to DuckDB. */
function readable(names: readonly string[]): string[] {
  const distinct = new Map<string, string>();
  for (const name of names) {
    const key = name.toLowerCase();
    if (name !== '' && !name.includes('\0') && !distinct.has(key)) distinct.set(key, name);
  }
  return [...distinct.values()];
}

function jsonText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sniffText(path: string, text: string, cut: boolean, overrides: ImportOverrides): Sniffed {
  if (cut && !/[\r\n]/.test(text)) {
    throw new UserError(
      `${path}:1: its first line is longer than ${SAMPLE_BYTES / 1024} KB; leave columns out of the file`,
    );
  }
  const lines = firstRecords(text, LINES, SAMPLE_RECORDS, cut);
  const separator = overrides.separator ?? sniffSeparator(plainName(path), lines);
  if (separator === null) {
    throw new UserError(
      `${path}:1: no column separator found in "${clip(lines[0])}"; save the file with commas or tabs between the columns`,
    );
  }
  if (separator === 'sequence') return sequences(lines);
  const quoted = separator.length === 1 && (!' \t'.includes(separator) || quotesMatter(lines, separator));
  const dialect = { separator, quoted };
  const records = firstRecords(text, dialect, SAMPLE_RECORDS, cut);
  const rows = records.map((record) => splitFields(record, dialect));
  const known = KNOWN_COLUMNS.get(plainName(path)) ?? (isCriteo(rows) ? criteoColumns() : undefined);
  const header =
    overrides.header ?? (known === undefined && looksLikeHeader([rows[0].map(typedName), ...rows.slice(1)]));
  const named = header ? rows[0].map(typedName) : (known ?? []);
  const columns = rows[0].map((_, i) => named[i] || `column${i + 1}`);
  const values = (header ? rows.slice(1) : rows).map((row) => columns.map((_, i) => row[i] ?? null));
  const distinct = unique(columns);
  const lists = distinct.filter((_, i) => header && /:(token|float)_seq$/.test((rows[0][i] ?? '').trim()));
  return { kind: 'delimited', dialect, header, columns: distinct, sequences: lists, rows: values };
}

/** A name without control characters, which no table can have, and without the type that RecBole writes: "user_id:token". */
function typedName(name: string): string {
  return name
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .replace(/:(token|float|token_seq|float_seq)$/, '');
}

/** Columns of one name, in capitals or not, are told apart by numbers: item, item_2. */
function unique(columns: string[]): string[] {
  const taken = new Set<string>();
  const given = new Set(columns.map((name) => name.toLowerCase()));
  return columns.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) {
      // A later column may have this name of its own.
      if (!given.has(`${name}_${number}`.toLowerCase())) free = `${name}_${number}`;
    }
    taken.add(free.toLowerCase());
    return free;
  });
}

/** The separator that cuts most lines into the same number of columns; 'sequence' for one user a line. */
function sniffSeparator(name: string, lines: readonly string[]): string | null {
  const sample = lines.slice(0, 50);
  let best: { separator: string; agreeing: number } | null = null;
  for (const separator of SEPARATORS) {
    const dialect = { separator, quoted: separator.length === 1 && separator !== ' ' };
    const counts = sample.map((line) => splitFields(line.trimEnd(), dialect).length);
    const columns = mostCommon(counts);
    if (columns < 2) continue;
    const agreeing = counts.filter((count) => count === columns).length;
    if (separator === ' ' && (columns > 4 || agreeing < sample.length || /seq/i.test(name))) continue;
    if (best === null || agreeing > best.agreeing) best = { separator, agreeing };
  }
  if (best !== null && best.agreeing * 2 >= sample.length) return best.separator;
  return sample.every((line) => /^\s*[^\s,;|]+(\s+[^\s,;|]+)*\s*$/.test(line)) &&
    sample.some((line) => /\S\s+\S/.test(line))
    ? 'sequence'
    : (best?.separator ?? null);
}

/** In tab-separated files a quote is mostly a plain character, unless whole fields stand in quotes. */
function quotesMatter(lines: readonly string[], separator: string): boolean {
  const fields = lines.flatMap((line) => line.split(separator)).filter((field) => field.includes('"'));
  return fields.length > 0 && fields.every((field) => /^".*"$/s.test(field));
}

function sequences(lines: readonly string[]): Sniffed {
  const rows = lines.map((line) => {
    const [user, ...items] = line.trim().split(/\s+/);
    return [user, items.join(' ')];
  });
  return { kind: 'sequences', dialect: LINES, header: false, columns: ['user', 'item'], rows };
}

async function sniffParquet(path: string): Promise<SniffedFile> {
  const found = withDuck(async (duck) => {
    const result = await duck.run(`SELECT * FROM read_parquet(${pathLiteral(path)}) LIMIT 50`);
    const all = result.columnNames();
    const columns = readable(all);
    const places = columns.map((name) => all.indexOf(name));
    const rows = (await result.getRowsJson()).map((row) => places.map((place) => jsonText(row[place])));
    const file = { path, gzip: false, encoding: 'utf-8' as const, encodingGiven: true };
    return { ...file, kind: 'parquet' as const, dialect: LINES, header: true, columns, rows };
  });
  return found.catch(() => {
    throw new UserError(`${path}: not a readable Parquet file; fetch or write it again`);
  });
}
