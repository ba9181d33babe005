import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { type Numbers, readColumn } from '../columns.ts';
import { identifier, pathLiteral, withDuck } from '../duck.ts';
import { offsetsOf } from '../import/write.ts';
import { readSummary } from '../read.ts';
import type { ClickTable, DenseColumn, FeatureColumn } from './types.ts';

/**
 * The rows of a click log in memory: 4 bytes a row and column, 4 a value of a multi-valued one.
 * @throws UserError where the data set is missing, damaged, or none of labelled rows
 */
export async function openClicks(directory: string): Promise<ClickTable> {
  const { clicks, name, statistics } = readSummary(directory);
  if (!clicks) throw new UserError(`data set "${name}" has interactions, not the rows of a click log`);
  return withDuck(async (duck) => {
    const file = `read_parquet(${pathLiteral(join(directory, 'clicks.parquet'))})`;
    const read = <T extends Numbers>(sql: string, type: new (length: number) => T) =>
      readColumn(duck, `SELECT ${sql} FROM ${file}`, type);
    const features: FeatureColumn[] = [];
    const dense: DenseColumn[] = [];
    const labels: Uint8Array[] = [];
    const ids: { user: Int32Array | null; item: Int32Array | null } = { user: null, item: null };
    let times: Float64Array | null = null;
    for (const { name, role, distinct = 0 } of clicks.columns) {
      const column = identifier(name);
      if (role === 'label') labels.push(Uint8Array.from(await read(`${column}::INTEGER`, Int32Array)));
      else if (role === 'time') times = await read(column, Float64Array);
      else if (role === 'dense') {
        const values = await read(`coalesce(${column}, 'nan')::FLOAT`, Float32Array);
        dense.push({ name, value: (row) => values[row] });
      } else if (role === 'multi') {
        const offsets = offsetsOf(await read(`len(${column})::INTEGER`, Int32Array));
        const codes = await read(`unnest(${column})`, Int32Array);
        features.push(listFeature({ name, of: 'other', vocabulary: distinct + 1 }, offsets, codes));
      } else {
        const codes = await read(column, Int32Array);
        const owner = role === 'user' || role === 'item' ? role : null;
        const of = owner === null ? { of: 'other' as const } : { of: owner, follows: owner };
        features.push(singleFeature({ name, ...of, vocabulary: distinct + 1 }, (row) => codes[row]));
        if (owner !== null) ids[owner] = codes.map((code) => code - 1);
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
  });
}

/** A feature with one code a row. */
export function singleFeature(
  feature: Omit<FeatureColumn, 'width' | 'read'>,
  code: (row: number) => number,
): FeatureColumn {
  return {
    ...feature,
    width: 1,
    read: (row, target, at) => {
      target[at] = code(row);
      return 1;
    },
  };
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
