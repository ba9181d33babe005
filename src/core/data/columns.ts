import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Duck } from './duck.ts';

export type Numbers = Int32Array | Float32Array | Float64Array;

/** The bytes of an array, which it shares. */
export function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The typed array behind a column of numbers. The vector classes have it, their common type does not declare it. */
function numbersOf(chunk: DuckDBDataChunk, column: number): Numbers {
  return (chunk.getColumnVector(column) as unknown as { items: Numbers }).items;
}

/**
 * A query's only column, numbers without NULLs, in the query's order. One column a query, because copying chunk after
 * chunk of one column is several times faster than rows of several. `meanwhile` may start another query of the same
 * connection: it then runs while the chunks of this one are copied.
 */
export async function readColumn<T extends Numbers>(
  duck: Duck,
  sql: string,
  type: new (length: number) => T,
  meanwhile?: () => void,
): Promise<T> {
  return (await readColumns(duck, sql, [type], meanwhile))[0];
}

/** Several columns of a query with few rows, for which a query each would take longer. */
export async function readColumns<T extends Numbers>(
  duck: Duck,
  sql: string,
  types: readonly (new (length: number) => T)[],
  meanwhile?: () => void,
): Promise<T[]> {
  const result = await duck.run(sql);
  meanwhile?.();
  const targets = types.map((type) => new type(result.rowCount));
  let at = 0;
  for (let index = 0; index < result.chunkCount; index++) {
    const chunk = result.getChunk(index);
    for (const [column, target] of targets.entries()) {
      target.set(numbersOf(chunk, column).subarray(0, chunk.rowCount), at);
    }
    at += chunk.rowCount;
  }
  return targets;
}

/** A text column of a query in its order, `size` texts at a time, so that there are never more of them. */
export async function* textChunks(duck: Duck, sql: string, size: number): AsyncGenerator<string[]> {
  const result = await duck.run(sql);
  let texts: string[] = [];
  for (let index = 0; index < result.chunkCount; index++) {
    texts.push(...(result.getChunk(index).getColumnValues(0) as string[]));
    for (; texts.length >= size; texts = texts.slice(size)) yield texts.slice(0, size);
  }
  if (texts.length > 0) yield texts;
}

/** A text column of a query, in its order. */
export async function readTexts(duck: Duck, sql: string): Promise<string[]> {
  const [texts] = await (await duck.run(sql)).getColumns();
  return (texts ?? []) as string[];
}
