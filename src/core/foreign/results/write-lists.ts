/** Lists of recommendations as files, in the formats in which those of other programs are read. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Duck, literal, pathLiteral, withDuck } from '../../data/duck.ts';
import { UserError } from '../../errors.ts';
import { EXPORT_ADVICE, noRoomError, syncPath } from '../../files/durable.ts';
import { requirePlainIds } from '../plain-ids.ts';
import { LIST_FORMATS, type ListFormat } from './list-formats.ts';

/** Where lists go: a new file, or one that is replaced. */
export interface ListFile {
  path: string;
  datasetDir: string;
  signal?: AbortSignal;
}

/** The dense ids of a list and the scores, best first. */
type ListRow = readonly { item: number; score: number }[];
type Take = (user: number, items: ListRow) => Promise<void>;

/**
 * Writes the lists that `make` gives, with the ids of the imported files; whole or not at all. Returns how many rows there are.
 * Throws UserError for an ending without a format, and where an id has a space that a TREC run cannot hold.
 */
export async function writeLists(file: ListFile, make: (take: Take) => Promise<void>): Promise<number> {
  const path = resolve(file.path);
  const format = requireFormat(path);
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`);
  const dense = `${partial}.dense`;
  try {
    await writeDense(dense, make);
    const rows = await nameRows({ ...file, path: partial }, dense, format);
    syncPath(partial);
    renameSync(partial, path);
    syncPath(dirname(path));
    return rows;
  } catch (error) {
    throw noRoomError(error, dirname(path), EXPORT_ADVICE) ?? error;
  } finally {
    for (const left of [dense, partial]) rmSync(left, { force: true });
  }
}

/** Before a model is opened for hours. */
export function requireFormat(path: string): ListFormat {
  const format = LIST_FORMATS[extname(path).toLowerCase()];
  if (!format)
    throw new UserError(
      `${path}: the ending says the format; choose from ${Object.keys(LIST_FORMATS).join(', ')}`,
    );
  if (!statSync(dirname(resolve(path)), { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${path}: there is no folder ${dirname(path)}; create it first`);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${path}: is a folder; name a file`);
  return format;
}

async function writeDense(path: string, make: (take: Take) => Promise<void>): Promise<void> {
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const ended = finished(stream);
  // Whoever waits for room hears of an error from it.
  ended.catch(() => {});
  try {
    await make(async (user, items) => {
      const lines = items.map(({ item, score }, at) => `${user},${item},${at + 1},${score}\n`);
      if (!stream.write(lines.join(''))) await Promise.race([once(stream, 'drain'), ended]);
    });
  } finally {
    stream.end();
    await ended;
  }
}

async function nameRows(
  { path, datasetDir, signal }: ListFile,
  dense: string,
  { copy, select }: ListFormat,
): Promise<number> {
  const parquet = (file: string) => `read_parquet(${pathLiteral(join(datasetDir, `${file}.parquet`))})`;
  const write = async (duck: Duck) => {
    if (copy.includes("DELIMITER ' '"))
      await requirePlainIds(duck, datasetDir, 'the columns of a TREC run; choose another format');
    const result = await duck.run(
      `COPY (${select} FROM read_csv(${pathLiteral(dense)}, header = false,
         columns = {'u': 'INTEGER', 'i': 'INTEGER', 'rank': 'INTEGER', 'score': 'DOUBLE'}) AS rows
       JOIN ${parquet('users')} AS users ON users."user" = u JOIN ${parquet('items')} AS items ON items.item = i
       ORDER BY u, rank) TO ${literal(path)} (${copy})`,
    );
    return Number((await result.getRows())[0][0]);
  };
  return withDuck(write, { temporaryDirectory: `${dense}.spill`, signal, advice: EXPORT_ADVICE });
}
