/** A file of recommendations as a table: what another program packed or wrote as arrays is unpacked for as long as it is read. */
import { createWriteStream, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asNoRoom } from '../../data/duck.ts';
import { readSample, type SniffedFile, sniffFile } from '../../data/formats/sniff.ts';
import type { Dialect } from '../../data/formats/text.ts';
import { plainPath } from '../../data/import/prepare.ts';
import { importOverridesSchema, parseImportInput } from '../../data/import/request.ts';
import { messageOf, UserError } from '../../errors.ts';
import { withScratch } from '../../files/scratch.ts';
import { arrayTable } from './arrays.ts';
import { notARow } from './columns.ts';
import {
  packedColumns,
  packsJson,
  packsParquet,
  TREC_COLUMNS,
  unpackColumns,
  unpackJson,
  unpackParquet,
  unpackTrec,
} from './packed.ts';
import type { IdFiles } from './request.ts';

export interface Source {
  file: SniffedFile;
  /** "csv", "trec", "npz", … */
  format: string;
  /** How it holds lists, where it has no rows. */
  packed?: 'json' | 'parquet' | 'trec' | NonNullable<ReturnType<typeof packedColumns>>;
}

/** A line of TREC's format of runs: query, a constant, document, rank, score, name; any spaces part them. */
const TREC = /^\s*\S+[ \t]+(?:Q0|0)[ \t]+\S+[ \t]+\d+[ \t]+[-+.\deE]+[ \t]+\S+\s*$/;
/** One tab or space everywhere: a table as it stands. */
const EVEN = /^\S+([ \t])\S+(?:\1\S+){4}\s*$/;

/** Delimited text whose form is known without a look at it. */
const delimited = (
  form: Pick<SniffedFile, 'path' | 'gzip' | 'columns'> & { dialect: Dialect; header: boolean },
): SniffedFile => ({ ...form, kind: 'delimited', encoding: 'utf-8', encodingGiven: true, rows: [] });

export const hasArrays = (path: string) => /^\.np[yz]$/i.test(extname(path));

/** Throws UserError for a file that is not there, or is none of those that are read. `plain`: where its rows can be read. */
export function withSource<T>(
  path: string,
  ids: IdFiles | undefined,
  use: (source: Source, plain: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return withScratch(async (folder) => {
    const scratch = join(folder, 'rows');
    const source = hasArrays(path) ? await ofArrays(path, scratch, ids) : await sniffed(path);
    const plain = await plainPath(source.file, scratch, signal);
    if (source.packed === undefined) return use(source, plain);
    const rows = `${scratch}.csv`;
    const columns = await unpack(path, { ...source, packed: source.packed }, plain, rows).catch((error) => {
      throw tableError(path, source.file.columns, asNoRoom(error, dirname(rows)));
    });
    return use({ ...source, file: csvOf(rows, columns) }, rows);
  });
}

/** What is wrong with the rows of a file, in one line. */
export function tableError(path: string, columns: readonly string[], error: unknown): UserError {
  if (error instanceof UserError) return error;
  const line = /Line: (\d+)/.exec(messageOf(error))?.[1];
  if (line !== undefined) return notARow(path, line, columns);
  return new UserError(`${path}: cannot be read (${messageOf(error).split('\n', 1)[0]})`);
}

/** Writes rows of CSV; returns their columns. */
async function unpack(
  path: string,
  { packed, file }: Required<Source>,
  plain: string,
  to: string,
): Promise<string[]> {
  if (typeof packed === 'object') return unpackColumns(file, plain, packed, to);
  if (packed === 'json') return unpackJson(path, plain, to);
  if (packed === 'trec') return unpackTrec(path, plain, to);
  await unpackParquet(plain, `${to}.json`);
  return unpackJson(path, `${to}.json`, to);
}

const csvOf = (path: string, columns: string[]) =>
  delimited({ path, gzip: false, columns, header: true, dialect: { separator: ',', quoted: true } });

async function ofArrays(
  path: string,
  rows: string,
  ids: IdFiles = { users: null, items: null },
): Promise<Source> {
  requireFile(path);
  const { columns, lines } = arrayTable(path, ids);
  await pipeline(lines, createWriteStream(rows)).catch((error) => {
    throw asNoRoom(error, dirname(rows));
  });
  return { file: csvOf(rows, columns), format: extname(path).slice(1).toLowerCase() };
}

function requireFile(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UserError(`${path}: no such file`);
}

/** What the beginning of a text or Parquet file shows. Throws UserError where that is no table. */
export async function sniffed(path: string): Promise<Source> {
  requireFile(path);
  const { bytes, gzip } = readSample(path);
  const [line] = bytes.toString('utf8').split(/\r?\n/, 1);
  if (TREC.test(line)) {
    const [, separator] = EVEN.exec(line) ?? [];
    if (separator === undefined)
      return { file: { ...csvOf(path, []), gzip }, format: 'trec', packed: 'trec' };
    const dialect = { separator, quoted: false };
    const file = delimited({ path, gzip, columns: TREC_COLUMNS, header: false, dialect });
    return { file, format: 'trec' };
  }
  if (packsJson(bytes.toString('utf8')))
    return { file: { ...csvOf(path, []), gzip }, format: 'json lists', packed: 'json' };
  const file = await sniffFile(path, parseImportInput(importOverridesSchema, {}));
  if (file.kind === 'sequences')
    throw new UserError(`${path}: no rows of user, item and score (or rank); found "${line.slice(0, 60)}"`);
  const format = file.kind === 'delimited' ? (file.dialect.separator === '\t' ? 'tsv' : 'csv') : file.kind;
  if (file.kind === 'parquet' && (await packsParquet(path)))
    return { file, format: 'parquet lists', packed: 'parquet' };
  const packed = file.kind === 'delimited' ? packedColumns(file) : null;
  return packed ? { file, format: `${format} lists`, packed } : { file, format };
}
