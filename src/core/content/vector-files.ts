/** Rows of numbers from files that other programs write (vectors, Semantic IDs), and the item that each row is of. */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { readColumn, readTexts } from '../data/columns.ts';
import { type Duck, identifier, pathLiteral, withDuck } from '../data/duck.ts';
import { messageOf, UserError } from '../errors.ts';
import { type NumberArray, readNpy } from '../files/npy.ts';
import { readFloats } from '../files/safetensors.ts';
import { gib, requireMemory } from '../memory.ts';
import { countText } from '../names.ts';
import { type NamedArrays, readNpz } from './npz.ts';

export interface RowTable {
  /** Of each row, as the file has them; null where it has none. */
  ids: string[] | null;
  /** [rows, dim] */
  data: Float32Array;
  dim: number;
}

/** Names under which files keep ids and vectors, the likelier first. */
const ID_NAMES = ['item', 'item_id', 'itemid', 'id', 'ids', 'items', 'item_ids', 'asin', 'movieid'];

/** What rows are read as. */
export interface RowKind {
  /** As messages call them. */
  what: string;
  /** Config key that names the file. */
  key: string;
  /** Names under which files keep the rows, the likelier first. */
  names: readonly string[];
  /** A column of texts is taken for the whole numbers in it: "<a_183><b_70>", "[183, 70]" or "183-70". */
  fromTexts: boolean;
}

export const VECTORS: RowKind = {
  what: 'vectors',
  key: 'vectorsFile',
  names: ['vectors', 'vector', 'embeddings', 'embedding', 'emb', 'features', 'x', 'arr_0'],
  fromTexts: false,
};

/** Endings of the files that are read. */
export const ROW_FILES = ['.npy', '.npz', '.safetensors', '.parquet', '.csv', '.tsv'];

/**
 * Reads .npy, .npz, .safetensors, .parquet, .csv or .tsv. Throws UserError where the file is not there, cannot be read, or
 * does not say which numbers are the rows.
 */
export async function readRowFile(path: string, kind: RowKind): Promise<RowTable> {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; name one with ${kind.key}`);
  try {
    switch (extname(path).toLowerCase()) {
      case '.npy':
        return fromArrays(path, { [kind.names[0]]: readNpy(readFileSync(path), path) }, kind);
      case '.npz':
        return fromArrays(path, readNpz(path), kind);
      case '.safetensors':
        return fromArrays(path, readFloats(path), kind);
      case '.parquet':
      case '.csv':
      case '.tsv':
        return await fromTable(path, kind);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); write the ${kind.what} again`);
  }
  throw new UserError(`${path}: ${kind.what} are read from ${ROW_FILES.join(', ')} files`);
}

/** Ids of rows, one a line. */
export function readIdLines(path: string): string[] {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; name one with vectorIdsFile`);
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Named arrays: the rows are those of the one with two dimensions, by name where there are several. */
function fromArrays(path: string, arrays: NamedArrays, kind: RowKind): RowTable {
  const matrices = Object.entries(arrays).filter(
    (entry): entry is [string, NumberArray] => !Array.isArray(entry[1]) && entry[1].shape.length === 2,
  );
  const named = kind.names.flatMap((name) => matrices.filter(([key]) => key.toLowerCase() === name));
  const [found] = named.length > 0 ? named : matrices;
  if (!found || (named.length === 0 && matrices.length > 1)) {
    const what =
      matrices.length === 0 ? 'no array [items, dim]' : `several arrays (${matrices.map(([key]) => key)})`;
    throw new UserError(`${path}: ${what} in it; name one of them "${kind.names[0]}"`);
  }
  const lists = Object.entries(arrays).filter(
    ([, array]) => Array.isArray(array) || array.shape.length === 1,
  );
  const idList = ID_NAMES.flatMap((name) => lists.filter(([key]) => key.toLowerCase() === name))[0]?.[1];
  const ids = idList === undefined ? null : Array.isArray(idList) ? idList : Array.from(idList.data, String);
  const { shape, data } = found[1];
  return { ids, data: Float32Array.from(data), dim: shape[1] };
}

type TableColumn = Record<'column_name' | 'column_type', string>;

/** A table with a column of ids and a column of lists, columns of numbers or, where the kind says so, a column of texts. */
async function fromTable(path: string, kind: RowKind): Promise<RowTable> {
  return withDuck(async (duck) => {
    if (extname(path).toLowerCase() === '.parquet') await requireRoom(duck, path, kind);
    const source = tableSource(path);
    const columns = await duck.rows<TableColumn>(`DESCRIBE SELECT * FROM ${source}`);
    const [id] = columnsNamed(columns, ID_NAMES);
    if (!id) {
      throw new UserError(
        `${path}: no column of item ids; call it "item" (${columns.length} columns are there)`,
      );
    }
    const others = columns.filter((column) => column !== id);
    if (others.length === 0) throw new UserError(`${path}: no ${kind.what} beside the ids`);
    const values = rowExpression(path, others, kind);
    await duck.run(
      `CREATE TABLE vectors AS SELECT ${identifier(id.column_name)}::VARCHAR AS id, ${values} AS v FROM ${source}`,
    );
    const [{ least, most, rows }] = await duck.rows<{ least: bigint; most: bigint; rows: bigint }>(
      'SELECT min(coalesce(len(v), 0)) AS least, max(coalesce(len(v), 0)) AS most, count(*) AS rows FROM vectors',
    );
    if (rows === 0n) throw new UserError(`${path}: no row in it`);
    if (least !== most) {
      throw new UserError(
        `${path}: ${kind.what} of ${least} to ${most} numbers; all must have the same width`,
      );
    }
    const ids = await readTexts(duck, "SELECT coalesce(id, '') FROM vectors ORDER BY rowid");
    const data = await readColumn(
      duck,
      `SELECT coalesce(unnest(v), 'nan'::FLOAT)::FLOAT FROM (SELECT v FROM vectors ORDER BY rowid)`,
      Float32Array,
    );
    return { ids, data, dim: Number(most) };
  });
}

/** Throws UserError if a Parquet file needs more memory than there is, going by its footer: a small file can unpack to a huge one. */
async function requireRoom(duck: Duck, path: string, kind: RowKind): Promise<void> {
  const { values, size } = await duck.row<{ values: number; size: number }>(
    `SELECT sum(num_values)::DOUBLE AS "values", sum(greatest(total_uncompressed_size, 4 * num_values))::DOUBLE AS size
     FROM parquet_metadata(${pathLiteral(path)})`,
  );
  // DuckDB's table, and the array that is made of it.
  const bytes = 2 * size;
  requireMemory({
    claim: `${path}: its ${countText(values, 'value')} unpack to ${gib(bytes)}`,
    ...{ bytes, largest: size },
    advice: `write a file of the ${kind.what} and their items alone`,
  });
}

/** SQL that reads a table. Of CSV DuckDB finds the separator, which .tsv tells. */
function tableSource(path: string): string {
  const ending = extname(path).toLowerCase();
  if (ending === '.parquet') return `read_parquet(${pathLiteral(path)})`;
  return `read_csv(${pathLiteral(path)}, header = true${ending === '.tsv' ? ", delim = '\\t'" : ''})`;
}

/** The columns of these names, in the order of the names. */
function columnsNamed(columns: readonly TableColumn[], names: readonly string[]): TableColumn[] {
  return names.flatMap((name) => columns.filter((column) => column.column_name.toLowerCase() === name));
}

/** SQL of a row's numbers. */
function rowExpression(path: string, columns: readonly TableColumn[], kind: RowKind): string {
  const isList = ({ column_type: type }: TableColumn) => /\[\d*\]$/.test(type);
  const [named] = columnsNamed(columns, kind.names);
  const list = named && isList(named) ? named : columns.find(isList);
  if (kind.fromTexts && named?.column_type === 'VARCHAR') {
    return `regexp_extract_all(${identifier(named.column_name)}, '\\d+')::FLOAT[]`;
  }
  if (list) {
    const name = identifier(list.column_name);
    const areTexts = kind.fromTexts && list.column_type === 'VARCHAR[]';
    return `${areTexts ? `list_transform(${name}, text -> regexp_extract(text, '(\\d+)\\D*$', 1))` : name}::FLOAT[]`;
  }
  const numbers = columns.filter(({ column_type: type }) => /INT|FLOAT|DOUBLE|DECIMAL/.test(type));
  const numbered = kind.fromTexts ? numbers.filter(({ column_name: name }) => /\d$/.test(name)) : [];
  if (numbered.length === 0 && numbers.length < columns.length) {
    const text = columns.filter((column) => !numbers.includes(column)).map((column) => column.column_name);
    throw new UserError(
      `${path}: columns that are not numbers: ${text.slice(0, 5).join(', ')}; leave them out`,
    );
  }
  const taken = numbered.length > 0 ? numbered : numbers;
  return `[${taken.map(({ column_name: name }) => `${identifier(name)}::FLOAT`).join(', ')}]`;
}
