import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { readColumn, readTexts } from '../columns.ts';
import { Duck, identifier, literal, pathLiteral } from '../duck.ts';
import { offsetsOf } from '../import/write.ts';
import { readSummary } from '../read.ts';
import type { ClickColumn, ClickTable, DenseColumn, FeatureColumn } from './types.ts';

/**
 * The rows of a click log in memory: 4 bytes a row and column, 4 a value of a multi-valued one.
 * @throws UserError where the data set is gone, damaged, or none of labelled rows
 */
export async function openClicks(directory: string): Promise<ClickTable> {
  const { clicks, name, statistics } = readSummary(directory);
  if (!clicks) throw new UserError(`data set "${name}" has interactions, not the rows of a click log`);
  const duck = await Duck.open();
  try {
    const reader = new Reader(duck, directory);
    const features: FeatureColumn[] = [];
    const dense: DenseColumn[] = [];
    const labels: Uint8Array[] = [];
    const ids: { user: Int32Array | null; item: Int32Array | null } = { user: null, item: null };
    let times: Float64Array | null = null;
    for (const column of clicks.columns) {
      if (column.role === 'label') labels.push(await reader.label(column.name));
      else if (column.role === 'dense') dense.push(await reader.dense(column.name));
      else if (column.role === 'time') times = await reader.times(column.name);
      else if (column.role === 'multi') features.push(await reader.multi(column));
      else {
        const codes = await reader.codes(column.name);
        features.push(singleFeature(column, codes));
        if (column.role === 'user' || column.role === 'item')
          ids[column.role] = codes.map((code) => code - 1);
      }
    }
    const { rows, tasks } = clicks;
    if ([...labels, ids.user, ids.item, times].some((column) => column && column.length !== rows)) {
      throw new UserError(`${directory}: the data set is damaged; import it again`);
    }
    const itemCount = ids.item ? statistics.catalogueItems : 0;
    return {
      rows,
      tasks,
      labels,
      times,
      dense,
      features,
      itemCount,
      users: ids.user,
      items: ids.item,
      groupSize: 1,
    };
  } finally {
    duck.close();
  }
}

/** The values of a coded column in the order of their codes, from code 1 on. */
export async function readVocabulary(directory: string, column: string): Promise<string[]> {
  const duck = await Duck.open();
  try {
    const file = `read_parquet(${pathLiteral(join(directory, 'vocabulary.parquet'))})`;
    return await readTexts(
      duck,
      `SELECT value FROM ${file} WHERE "column" = ${literal(column)} ORDER BY code`,
    );
  } finally {
    duck.close();
  }
}

function singleFeature({ name, role, distinct = 0 }: ClickColumn, codes: Int32Array): FeatureColumn {
  const owner = role === 'user' || role === 'item' ? role : null;
  return {
    name,
    of: owner ?? 'other',
    ...(owner ? { follows: owner } : {}),
    vocabulary: distinct + 1,
    width: 1,
    read: (row, target, at) => {
      target[at] = codes[row];
      return 1;
    },
  };
}

class Reader {
  readonly #duck: Duck;
  readonly #file: string;

  constructor(duck: Duck, directory: string) {
    this.#duck = duck;
    this.#file = `read_parquet(${pathLiteral(join(directory, 'clicks.parquet'))})`;
  }

  #select(sql: string): string {
    return `SELECT ${sql} FROM ${this.#file}`;
  }

  async label(name: string): Promise<Uint8Array> {
    const sql = this.#select(`${identifier(name)}::INTEGER`);
    return Uint8Array.from(await readColumn(this.#duck, sql, Int32Array));
  }

  async dense(name: string): Promise<DenseColumn> {
    const sql = this.#select(`coalesce(${identifier(name)}, 'nan')::FLOAT`);
    const values = await readColumn(this.#duck, sql, Float32Array);
    return { name, value: (row) => values[row] };
  }

  times(name: string): Promise<Float64Array> {
    return readColumn(this.#duck, this.#select(identifier(name)), Float64Array);
  }

  codes(name: string): Promise<Int32Array> {
    return readColumn(this.#duck, this.#select(identifier(name)), Int32Array);
  }

  async multi({ name, distinct = 0 }: ClickColumn): Promise<FeatureColumn> {
    const column = identifier(name);
    const offsets = offsetsOf(
      await readColumn(this.#duck, this.#select(`len(${column})::INTEGER`), Int32Array),
    );
    const codes = await readColumn(this.#duck, this.#select(`unnest(${column})`), Int32Array);
    return listFeature({ name, of: 'other', vocabulary: distinct + 1 }, offsets, codes);
  }
}

/** A multi-valued feature: the codes of row r stand at offsets[r] .. offsets[r + 1] - 1. */
export function listFeature(
  feature: Pick<FeatureColumn, 'name' | 'of' | 'vocabulary'>,
  offsets: Int32Array,
  codes: Int32Array,
): FeatureColumn {
  let width = 1;
  for (let row = 0; row + 1 < offsets.length; row++) width = Math.max(width, offsets[row + 1] - offsets[row]);
  return {
    ...feature,
    width,
    read: (row, target, at) => {
      target.set(codes.subarray(offsets[row], offsets[row + 1]), at);
      return offsets[row + 1] - offsets[row];
    },
  };
}
