/** A file of recommendations as a table: what another program packed or wrote as arrays is unpacked for as long as it is read. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { asNoRoom } from '../../data/duck.ts';
import { type SniffedFile, sniffFile } from '../../data/formats/sniff.ts';
import type { Dialect } from '../../data/formats/text.ts';
import { importOverridesSchema, parseImportInput } from '../../data/import/request.ts';
import { messageOf, UserError } from '../../errors.ts';
import { arrayTable, type IdFiles } from './arrays.ts';

interface Source {
  file: SniffedFile;
  /** "csv", "trec", "npz", … */
  format: string;
}

/** A line of TREC's format of runs: query, a constant, document, rank, score, name. */
const TREC = /^\S+([ \t])(?:Q0|0)\1\S+\1\d+\1[-+.\deE]+\1\S+\s*$/;

/** Delimited text whose form is known without a look at it. */
const delimited = (
  path: string,
  form: { dialect: Dialect; header: boolean; columns: string[] },
): SniffedFile => ({
  ...form,
  path,
  kind: 'delimited',
  gzip: false,
  encoding: 'utf-8',
  encodingGiven: true,
  rows: [],
});

export const hasArrays = (path: string) => /^\.np[yz]$/i.test(extname(path));

/** Throws UserError for a file that is not there, or is none of those that are read. */
export async function withSource<T>(
  path: string,
  ids: IdFiles | undefined,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UserError(`${path}: no such file`);
  const arrays = hasArrays(path);
  if (!arrays && !isGzip(path)) return use(await sniffed(path));
  const folder = mkdtempSync(join(tmpdir(), 'tessera-result-'));
  const plain = join(folder, 'rows');
  try {
    if (arrays) {
      const { columns, lines } = arrayTable(path, ids ?? { users: null, items: null });
      await pipeline(lines, createWriteStream(plain));
      const dialect = { separator: ',', quoted: true };
      const file = delimited(plain, { dialect, header: true, columns });
      return await use({ file, format: extname(path).slice(1).toLowerCase() });
    }
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain));
    return await use(await sniffed(plain));
  } catch (error) {
    throw ofOriginal(asNoRoom(error, folder), plain, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is said of the unpacked file is said of the one that the user knows. */
function ofOriginal(error: unknown, plain: string, path: string): unknown {
  const message = messageOf(error);
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
    return new UserError(`${path}: the gzip file is damaged (${message}); fetch it again`);
  return error instanceof UserError && message.includes(plain)
    ? new UserError(message.replaceAll(plain, path))
    : error;
}

function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(2);
    return readSync(file, bytes, 0, 2, 0) === 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}

/** What the beginning of a text or Parquet file shows. Throws UserError where that is no table. */
export async function sniffed(path: string): Promise<Source> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UserError(`${path}: no such file`);
  const [, separator] = TREC.exec(firstLine(path)) ?? [];
  if (separator !== undefined) {
    const columns = ['user', 'constant', 'item', 'rank', 'score', 'name'];
    const dialect = { separator, quoted: false };
    return { file: delimited(path, { dialect, header: false, columns }), format: 'trec' };
  }
  const file = await sniffFile(path, parseImportInput(importOverridesSchema, {}));
  if (file.kind === 'sequences')
    throw new UserError(
      `${path}: no rows of user, item and score (or rank); found "${firstLine(path).slice(0, 60)}"`,
    );
  const format = file.kind === 'delimited' ? (file.dialect.separator === '\t' ? 'tsv' : 'csv') : file.kind;
  return { file, format };
}

function firstLine(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(4096);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0)).split(/\r?\n/, 1)[0];
  } finally {
    closeSync(file);
  }
}
