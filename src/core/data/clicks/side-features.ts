import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathLiteral, withDuck } from '../duck.ts';
import type { SideRole, SideRoles } from '../import/request.ts';
import { readSummary } from '../read.ts';
import { listFeature } from './read.ts';
import type { ClickTable, DenseColumn, FeatureColumn } from './types.ts';

/** Text with more different values hardly says what the id does not say, such as a zip code or an address. */
const MAX_VALUES = 1000;
/** Numbers with at most so many different values are categories, such as an age band. */
const MAX_CODES = 100;
const NOT_SIDE = new Set(['item', 'user', 'id', 'interactions', 'title']);

type Columns = Pick<ClickTable, 'dense' | 'features'>;

/** A table with the side columns of its items and users, as far as the data set has some. */
export async function withSideFeatures(directory: string, table: ClickTable): Promise<ClickTable> {
  const { side } = readSummary(directory);
  let joined = table;
  for (const [part, ids] of [
    ['item', table.items],
    ['user', table.users],
  ] as const) {
    if (ids) joined = joinedColumns(joined, part, await sideFeatures(directory, part, ids, side?.[part]));
  }
  return joined;
}

/** The names of the side columns beside columns with the names `logNames`, read without any row. */
export async function sideNames(directory: string, logNames: readonly string[]): Promise<string[]> {
  const { side } = readSummary(directory);
  const names: string[] = [];
  for (const part of ['item', 'user'] as const) {
    const found = namesOf(await sideFeatures(directory, part, new Int32Array(0), side?.[part]));
    const taken = [...logNames, ...names];
    names.push(...found.map((name) => ownName(name, part, taken)));
  }
  return names;
}

const namesOf = ({ dense, features }: Columns) => [...dense, ...features].map(({ name }) => name);

function ownName(name: string, part: 'item' | 'user', taken: readonly string[]): string {
  return taken.includes(name) ? `${part}_${name}` : name;
}

/** Columns of a name that is taken get their owner's in front: user_name. */
function joinedColumns(table: ClickTable, part: 'item' | 'user', side: Columns): ClickTable {
  const taken = namesOf(table);
  const renamed = <T extends { name: string }>(column: T) => ({
    ...column,
    follows: part,
    name: ownName(column.name, part, taken),
  });
  return {
    ...table,
    dense: [...table.dense, ...side.dense.map(renamed)],
    features: [...table.features, ...side.features.map(renamed)],
  };
}

/**
 * The side columns of a data set's items or users as features of rows; `ids` is the dense item or user of each row, -1
 * where unknown. They take memory for the items and users alone. Where the data set does not say what its columns mean,
 * text with "|" is multi-valued, and numbers with many different values stay numbers.
 */
async function sideFeatures(
  directory: string,
  part: 'item' | 'user',
  ids: Int32Array,
  roles: SideRoles | undefined,
): Promise<Columns> {
  const path = join(directory, `${part}s.parquet`);
  if (!existsSync(path)) return { dense: [], features: [] };
  return withDuck(async (duck) => {
    const rows = await duck.rows(`SELECT * FROM read_parquet(${pathLiteral(path)}) ORDER BY "${part}"`);
    const names = Object.keys(rows[0] ?? {}).filter((name) => !NOT_SIDE.has(name));
    const dense: DenseColumn[] = [];
    const features: FeatureColumn[] = [];
    for (const name of names) {
      const values = rows.map((row) => row[name]);
      const role = roles?.[name] ?? roleOfValues(values);
      // One value throughout says nothing.
      if (new Set(values.filter((value) => value !== null)).size < 2) continue;
      if (role === 'dense') dense.push(denseColumn(name, values, ids));
      else if (role !== 'ignore') features.push(codedColumn(name, values, ids, role === 'multi'));
    }
    return { dense, features };
  });
}

/** Of a column that no import gave a role. */
function roleOfValues(values: readonly unknown[]): SideRole {
  const numbers = values.every((value) => value === null || typeof value === 'number');
  if (numbers) return new Set(values).size > MAX_CODES ? 'dense' : 'categorical';
  return values.some((value) => String(value).includes('|')) ? 'multi' : 'categorical';
}

function denseColumn(name: string, values: readonly unknown[], ids: Int32Array): DenseColumn {
  const cells = Float32Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
  return { name, value: (row) => (ids[row] < 0 ? Number.NaN : cells[ids[row]]) };
}

function codedColumn(
  name: string,
  values: readonly unknown[],
  ids: Int32Array,
  several: boolean,
): FeatureColumn {
  const codes = new Map<string, number>();
  const offsets = new Int32Array(values.length + 1);
  const flat: number[] = [];
  values.forEach((value, at) => {
    const text = value === null ? '' : String(value).trim();
    const parts = several ? [...new Set(text.split('|').map((part) => part.trim()))] : [text];
    for (const part of parts) {
      if (part === '') continue;
      const code = codes.get(part) ?? codes.size + 1;
      codes.set(part, code);
      flat.push(code);
    }
    offsets[at + 1] = flat.length;
  });
  const column = listFeature(
    { name, of: 'other', vocabulary: codes.size + 1 },
    offsets,
    Int32Array.from(flat),
  );
  return {
    ...column,
    values: [...codes.keys()],
    ...(codes.size > MAX_VALUES ? { wide: true } : {}),
    read: (row, target, at) => {
      if (ids[row] >= 0)
        return several ? column.read(ids[row], target, at) : single(column, ids[row], target, at);
      if (!several) target[at] = 0;
      return several ? 0 : 1;
    },
  };
}

/** One value, code 0 where it is missing. */
function single(column: FeatureColumn, id: number, target: Int32Array, at: number): number {
  if (column.read(id, target, at) === 0) target[at] = 0;
  return 1;
}
