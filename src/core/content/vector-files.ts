/** Item vectors from files that other programs write: rows of numbers, and the item that each row is of. */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { unzipSync } from 'fflate';
import { readColumn, readTexts } from '../data/columns.ts';
import { Duck, identifier, pathLiteral } from '../data/duck.ts';
import { messageOf, UserError } from '../errors.ts';
import { type NumberArray, readNpy } from '../files/npy.ts';
import { readAnyTensors } from './tensor-files.ts';

export interface VectorTable {
  /** Of each row, as the file has them; null where it has none. */
  ids: string[] | null;
  /** [rows, dim] */
  data: Float32Array;
  dim: number;
}

/** Names under which files keep ids and vectors, the likelier first. */
const ID_NAMES = ['item', 'item_id', 'itemid', 'id', 'ids', 'items', 'item_ids', 'asin', 'movieid'];
const VECTOR_NAMES = ['vectors', 'vector', 'embeddings', 'embedding', 'emb', 'features', 'x', 'arr_0'];

/**
 * Reads .npy, .npz, .safetensors, .parquet, .csv or .tsv. Throws UserError where the file is not there, cannot be read, or
 * does not say which numbers are the vectors.
 */
export async function readVectorFile(path: string): Promise<VectorTable> {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; name one with vectorsFile`);
  try {
    switch (extname(path).toLowerCase()) {
      case '.npy':
        return fromArrays(path, { vectors: readNpy(readFileSync(path), path) });
      case '.npz':
        return fromNpz(path);
      case '.safetensors':
        return fromArrays(path, readAnyTensors(path));
      case '.parquet':
      case '.csv':
      case '.tsv':
        return await fromTable(path);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); write the vectors again`);
  }
  throw new UserError(
    `${path}: vectors are read from .npy, .npz, .safetensors, .parquet, .csv and .tsv files`,
  );
}

/** Ids of rows, one a line. */
export function readIdLines(path: string): string[] {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; name one with vectorIdsFile`);
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function fromNpz(path: string): VectorTable {
  const arrays: Record<string, NumberArray | string[]> = {};
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(path)))) {
    const key = name.replace(/\.npy$/, '');
    arrays[key] = readTextArray(bytes) ?? readNpy(bytes, `${path}, ${name}`);
  }
  return fromArrays(path, arrays);
}

/** An array of NumPy strings (<U) of one dimension, or null. */
function readTextArray(bytes: Uint8Array): string[] | null {
  const header = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const width = /'descr':\s*'<U(\d+)'/.exec(header)?.[1];
  const count = /'shape':\s*\((\d+),\)/.exec(header)?.[1];
  if (width === undefined || count === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint8(6) >= 2 ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  return Array.from({ length: Number(count) }, (_, row) => {
    let text = '';
    for (let at = 0; at < Number(width); at++) {
      const point = view.getUint32(start + 4 * (row * Number(width) + at), true);
      if (point === 0) break;
      text += String.fromCodePoint(point);
    }
    return text;
  });
}

/** Named arrays: the vectors are the one of two dimensions, by name where there are several. */
function fromArrays(path: string, arrays: Record<string, NumberArray | string[]>): VectorTable {
  const matrices = Object.entries(arrays).filter(
    (entry): entry is [string, NumberArray] => !Array.isArray(entry[1]) && entry[1].shape.length === 2,
  );
  const named = VECTOR_NAMES.flatMap((name) => matrices.filter(([key]) => key.toLowerCase() === name));
  const [found] = named.length > 0 ? named : matrices;
  if (!found || (named.length === 0 && matrices.length > 1)) {
    const what =
      matrices.length === 0 ? 'no array [items, dim]' : `several arrays (${matrices.map(([key]) => key)})`;
    throw new UserError(`${path}: ${what} in it; name one of them "vectors"`);
  }
  const lists = Object.entries(arrays).filter(
    ([, array]) => Array.isArray(array) || array.shape.length === 1,
  );
  const own = ID_NAMES.flatMap((name) => lists.filter(([key]) => key.toLowerCase() === name))[0]?.[1];
  const ids = own === undefined ? null : Array.isArray(own) ? own : Array.from(own.data, String);
  const { shape, data } = found[1];
  return { ids, data: Float32Array.from(data), dim: shape[1] };
}

/** A table with a column of ids and either a column of lists or columns of numbers. */
async function fromTable(path: string): Promise<VectorTable> {
  const duck = await Duck.open();
  try {
    const source =
      extname(path).toLowerCase() === '.parquet'
        ? `read_parquet(${pathLiteral(path)})`
        : `read_csv(${pathLiteral(path)}, header = true)`;
    const columns = await duck.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM ${source}`,
    );
    const id = ID_NAMES.flatMap((name) => columns.filter((one) => one.column_name.toLowerCase() === name))[0];
    if (!id) {
      throw new UserError(
        `${path}: no column of item ids; call it "item" (${columns.length} columns are there)`,
      );
    }
    const others = columns.filter((column) => column !== id);
    const list = others.find(({ column_type: type }) => /\[\d*\]$/.test(type));
    const numbers = others.filter(({ column_type: type }) => /INT|FLOAT|DOUBLE|DECIMAL/.test(type));
    const values = list
      ? `${identifier(list.column_name)}::FLOAT[]`
      : `[${numbers.map(({ column_name: name }) => `${identifier(name)}::FLOAT`).join(', ')}]`;
    if (!list && numbers.length < others.length) {
      const text = others.filter((column) => !numbers.includes(column)).map((column) => column.column_name);
      throw new UserError(
        `${path}: columns that are not numbers: ${text.slice(0, 5).join(', ')}; leave them out`,
      );
    }
    if (others.length === 0) throw new UserError(`${path}: no vectors beside the ids`);
    await duck.run(
      `CREATE TABLE vectors AS SELECT ${identifier(id.column_name)}::VARCHAR AS id, ${values} AS v FROM ${source}`,
    );
    const [{ least, most, rows }] = await duck.rows<{ least: bigint; most: bigint; rows: bigint }>(
      'SELECT min(coalesce(len(v), 0)) AS least, max(coalesce(len(v), 0)) AS most, count(*) AS rows FROM vectors',
    );
    if (rows === 0n) throw new UserError(`${path}: no row in it`);
    if (least !== most) {
      throw new UserError(`${path}: vectors of ${least} to ${most} numbers; all must have the same width`);
    }
    const ids = await readTexts(duck, "SELECT coalesce(id, '') FROM vectors ORDER BY rowid");
    const data = await readColumn(
      duck,
      `SELECT coalesce(unnest(v), 'nan'::FLOAT)::FLOAT FROM (SELECT v FROM vectors ORDER BY rowid)`,
      Float32Array,
    );
    return { ids, data, dim: Number(most) };
  } finally {
    duck.close();
  }
}
