/** The formats of files of recommendations: how each is recognised, and how its rows are read. */
import { statSync } from 'node:fs';
import type { Duck } from '../../data/duck.ts';
import { pathLiteral, withDuck } from '../../data/duck.ts';
import { isNameless, readSample, type SniffedFile, sniffFile } from '../../data/formats/sniff.ts';
import { importOverridesSchema, parseImportInput } from '../../data/import/request.ts';
import { messageOf, UserError } from '../../errors.ts';
import { notARow, type ResultColumns, type RoleMap, resultColumns } from './columns.ts';
import { appendRows, copyRows, type Given } from './given-rows.ts';
import { jsonRows, packsJson } from './json-lists.ts';
import { copyPacked, packedColumns } from './packed-columns.ts';
import { isTrec, TREC_ROLES, trecRows } from './trec.ts';

/** A file that has been recognised. */
export interface Source {
  file: SniffedFile;
  /** "csv", "trec", "json lists", … */
  format: string;
  /** To choose from; empty where the format says which is which. */
  columns: string[];
  /** Null where a user has to say which column is what. */
  roles: ResultColumns | null;
  /**
   * Writes the rows into the table `given`. The file lies at `plain`, unpacked; `scratch` begins the names of files on the way. Throws
   * UserError for what is no row.
   */
  load(duck: Duck, plain: string, scratch: string): Promise<Given>;
}

interface Look {
  /** As messages call the file. */
  path: string;
  map: RoleMap;
  ascending: boolean;
  /** The beginning of the file, unpacked. */
  text: string;
  gzip: boolean;
  /** As an import of interactions would read it. Throws UserError where that is no table. */
  table(): Promise<SniffedFile>;
}

/** Null where a file is none of its kind. The first that takes a file reads it. */
type Format = (look: Look) => Promise<Source | null>;

const NAMED: ResultColumns = { user: 'user', item: 'item' };

/** Text whose form is known without a look at it. */
const textFile = ({ path, gzip }: Look): SniffedFile => ({
  ...{ path, gzip, kind: 'delimited', columns: [], header: true, dialect: { separator: ',', quoted: true } },
  ...{ encoding: 'utf-8', encodingGiven: true, rows: [] },
});

const trec: Format = async (look) => {
  if (!isTrec(look.text.split(/\r?\n/, 1)[0])) return null;
  const load = async (duck: Duck, plain: string): Promise<Given> => {
    refuseMap(look);
    await appendRows(duck, trecRows(look.path, plain));
    return { columns: TREC_ROLES, unnamed: false };
  };
  return { file: textFile(look), format: 'trec', columns: [], roles: TREC_ROLES, load };
};

const jsonLists: Format = async (look) => {
  if (!packsJson(look.text, look.map)) return null;
  const load = (duck: Duck, plain: string) => loadJson(duck, look, plain);
  return { file: textFile(look), format: 'json lists', columns: [], roles: NAMED, load };
};

async function loadJson(duck: Duck, { path, map }: Look, plain: string): Promise<Given> {
  const { rows, given } = jsonRows(path, plain, map);
  await appendRows(duck, rows);
  return given();
}

const nestedParquet: Format = async (look) => {
  const file = await look.table();
  if (file.kind !== 'parquet' || !(await isNested(look.path))) return null;
  const load = async (duck: Duck, plain: string, scratch: string) => {
    const lines = `${scratch}.jsonl`;
    await duck.run(
      `COPY (SELECT * FROM read_parquet(${pathLiteral(plain)})) TO ${pathLiteral(lines)} (FORMAT json)`,
    );
    return loadJson(duck, look, lines);
  };
  return { file, format: 'parquet lists', columns: [], roles: NAMED, load };
};

async function isNested(path: string): Promise<boolean> {
  const rows = await withDuck((duck) =>
    duck.rows<{ column_type: string }>(`DESCRIBE SELECT * FROM read_parquet(${pathLiteral(path)})`),
  );
  return rows.some(({ column_type }) => /\[\d*\]|^(STRUCT|MAP)/.test(column_type));
}

const packedTable: Format = async (look) => {
  const file = await look.table();
  const packed = file.kind === 'delimited' ? packedColumns(file) : null;
  if (!packed) return null;
  const load = (duck: Duck, plain: string) => {
    refuseMap(look);
    return copyPacked(duck, look.path, file, plain, packed);
  };
  return { file, format: `${textFormat(file)} lists`, columns: [], roles: NAMED, load };
};

const rowTable: Format = async ({ path, text, map, ascending, table }) => {
  const file = await table();
  if (file.kind === 'sequences')
    throw new UserError(
      `${path}: no rows of user, item and score (or rank); found "${text.split(/\r?\n/, 1)[0].slice(0, 60)}"`,
    );
  const load = async (duck: Duck, plain: string): Promise<Given> => {
    const nameless = isNameless(file);
    const columns = resultColumns(path, { columns: file.columns, nameless }, map, ascending);
    const rejected = await copyRows(duck, file, plain, columns);
    const unnamed = nameless && map.score === undefined && columns.rank === undefined;
    return { columns, unnamed, rejected };
  };
  const format = file.kind === 'delimited' ? textFormat(file) : file.kind;
  return { file, format, columns: file.columns, roles: rolesOf(path, file), load };
};

const FORMATS: readonly Format[] = [trec, jsonLists, nestedParquet, packedTable, rowTable];

/** What a text or Parquet file is. Throws UserError where it is none of those that are read. */
export async function sourceOf(path: string, map: RoleMap = {}, ascending = false): Promise<Source> {
  requireFile(path);
  const { bytes, gzip } = readSample(path);
  let sniffed: Promise<SniffedFile> | undefined;
  const table = () => {
    sniffed ??= sniffFile(path, parseImportInput(importOverridesSchema, {}));
    return sniffed;
  };
  const look: Look = { path, map, ascending, text: bytes.toString('utf8'), gzip, table };
  for (const format of FORMATS) {
    const source = await format(look);
    if (source) return source;
  }
  throw new Error(`${path}: no format`);
}

export function requireFile(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UserError(`${path}: no such file`);
}

/** What is wrong with the rows of a file, in one line. */
export function tableError(path: string, columns: readonly string[], error: unknown): unknown {
  if (error instanceof UserError || !/^(\w+ )+Error/.test(messageOf(error))) return error;
  const line = /Line: (\d+)/.exec(messageOf(error))?.[1];
  if (line !== undefined) return notARow(path, line, columns);
  return new UserError(`${path}: cannot be read (${messageOf(error).split('\n', 1)[0]})`);
}

function refuseMap({ path, map }: Look): void {
  const [role] = Object.keys(map);
  if (role !== undefined)
    throw new UserError(`${path}: its format says which column is what; leave --map ${role} out`);
}

const textFormat = ({ dialect }: SniffedFile) => (dialect.separator === '\t' ? 'tsv' : 'csv');

function rolesOf(path: string, file: SniffedFile): ResultColumns | null {
  try {
    return resultColumns(path, { columns: file.columns, nameless: isNameless(file) }, {});
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
