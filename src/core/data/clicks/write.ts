import { createHash, type Hash } from 'node:crypto';
import { readColumn, readTexts } from '../columns.ts';
import { type Duck, identifier, literal, pathLiteral } from '../duck.ts';
import { count } from '../raw-tables.ts';
import type { SideTable } from '../side.ts';
import type { Staging } from '../staging.ts';
import { datasetStatistics } from '../statistics.ts';
import type { DatasetStatistics } from '../types.ts';
import { writeSideTables } from '../write.ts';
import type { IngestedColumn } from './ingest.ts';
import type { ClickColumn, ClickStatistics } from './types.ts';

export interface ClickDescription {
  statistics: DatasetStatistics;
  clicks: ClickStatistics;
  fingerprint: string;
}

const CODED = ['user', 'item', 'categorical', 'multi'];
const isCoded = ({ role }: IngestedColumn) => CODED.includes(role);

/**
 * Writes clicks.parquet, one row a row in file order, and vocabulary.parquet, the values of the coded columns in the
 * order in which they are first seen. Columns that are empty, and further labels that are the same in every row, are
 * left out and named in the statistics.
 */
export async function writeClicks(
  duck: Duck,
  staging: Staging,
  ingested: readonly IngestedColumn[],
  onFraction: (fraction: number) => void,
): Promise<ClickDescription> {
  await duck.run('CREATE TABLE vocabulary ("column" VARCHAR, code INTEGER, value VARCHAR, rows INTEGER)');
  const coded = ingested.filter(isCoded);
  for (const [index, column] of coded.entries()) {
    await addVocabulary(duck, column);
    onFraction((0.6 * (index + 1)) / coded.length);
  }
  const { kept, leftOut } = await withoutEmpty(duck, ingested);
  await writeRows(duck, staging, kept);
  await duck.run(
    `COPY (SELECT * FROM vocabulary WHERE "column" IN (${kept.map(({ name }) => literal(name)).join(', ')}))
     TO ${literal(staging.path('vocabulary.parquet'))} (FORMAT parquet)`,
  );
  onFraction(0.8);
  const described = await describe(duck, staging, kept, leftOut);
  onFraction(1);
  return described;
}

/** An enum codes rows without sorting them, but its own making grows faster than its values. */
const ENUM_VALUES = 20_000;

/**
 * The values of a column and their codes from 1 on. What codes the rows is an enum of the values (`<column>_values`) or,
 * where there are many, a table of codes in the order of the rows (`<column>_codes`).
 */
async function addVocabulary(duck: Duck, { name, column, role }: IngestedColumn): Promise<void> {
  const values =
    role === 'multi'
      ? `SELECT unnest(${column}) AS v, generate_subscripts(${column}, 1) AS place, rowid AS line FROM clicks`
      : `SELECT ${column} AS v, 0 AS place, rowid AS line FROM clicks WHERE ${column} IS NOT NULL`;
  await duck.run(
    `INSERT INTO vocabulary SELECT ${literal(name)}, (row_number() OVER (ORDER BY first, place))::INTEGER, v, n FROM
     (SELECT v, min(line) AS first, arg_min(place, line) AS place, count(*)::INTEGER AS n FROM (${values}) GROUP BY v)`,
  );
  if (role !== 'multi' && (await vocabularySize(duck, { name })) > ENUM_VALUES) {
    await duck.run(
      `CREATE TABLE ${column}_codes AS SELECT code FROM
       (SELECT clicks.rowid AS line, coalesce(code, 0) AS code FROM clicks LEFT JOIN vocabulary
        ON "column" = ${literal(name)} AND value = ${column}) ORDER BY line`,
    );
    return;
  }
  await duck.run(
    `CREATE TYPE ${column}_values AS ENUM (SELECT value FROM vocabulary WHERE "column" = ${literal(name)} ORDER BY code)`,
  );
}

async function withoutEmpty(duck: Duck, ingested: readonly IngestedColumn[]) {
  const main = ingested.find(({ role }) => role === 'label');
  const kept: IngestedColumn[] = [];
  const leftOut: string[] = [];
  for (const column of ingested) {
    const { values, low, high } = await duck.row<{ values: bigint; low: unknown; high: unknown }>(
      `SELECT count(${column.column}) AS "values", min(${column.column}) AS low, max(${column.column}) AS high FROM clicks`,
    );
    const constant = column.role === 'label' && column !== main && low === high;
    if (values === 0n || (column.role === 'multi' && (await vocabularySize(duck, column)) === 0))
      leftOut.push(`${column.name}: no row has a value`);
    else if (constant) leftOut.push(`${column.name}: ${low} in every row`);
    else kept.push(column);
  }
  return { kept, leftOut };
}

function codeSql({ column, role }: IngestedColumn, tables: readonly string[]): string {
  if (tables.includes(`${column}_codes`)) return `${column}_codes.code`;
  if (role === 'multi') {
    return `coalesce(list_transform(${column}, lambda v: enum_code(v::${column}_values)::INTEGER + 1), [])`;
  }
  return `coalesce(enum_code(${column}::${column}_values)::INTEGER + 1, 0)`;
}

async function writeRows(duck: Duck, staging: Staging, columns: readonly IngestedColumn[]): Promise<void> {
  const tables = (await duck.rows<{ name: string }>('SELECT table_name AS name FROM duckdb_tables()')).map(
    ({ name }) => name,
  );
  const select = columns.map((column) => {
    const name = identifier(column.name);
    if (isCoded(column)) return `${codeSql(column, tables)} AS ${name}`;
    return column.role === 'label' ? `${column.column}::UTINYINT AS ${name}` : `${column.column} AS ${name}`;
  });
  const coded = tables.filter((name) => name.endsWith('_codes'));
  const from = ['clicks', ...coded].join(' POSITIONAL JOIN ');
  await duck.run(
    `COPY (SELECT ${select.join(', ')} FROM ${from}) TO ${literal(staging.path('clicks.parquet'))} (FORMAT parquet, PARQUET_VERSION v2)`,
  );
}

/**
 * Writes items.parquet and users.parquet of a click log: its own items and users in the order of their codes with their
 * side columns. Nothing without side files.
 */
export async function writeClickSides(
  duck: Duck,
  staging: Staging,
  columns: readonly IngestedColumn[],
  { items, users }: { items: SideTable | null; users: SideTable | null },
): Promise<void> {
  if (items === null && users === null) return;
  for (const part of ['user', 'item'] as const) {
    const name = columns.find(({ role }) => role === part)?.name ?? '';
    await duck.run(
      `CREATE TABLE ${part}_list AS SELECT value AS id, code - 1 AS dense, rows AS n FROM vocabulary WHERE "column" = ${literal(name)}`,
    );
  }
  await writeSideTables(duck, staging, items, users);
}

async function vocabularySize(duck: Duck, { name }: Pick<IngestedColumn, 'name'>): Promise<number> {
  return count(duck, `(SELECT 1 FROM vocabulary WHERE "column" = ${literal(name)})`);
}

async function describe(
  duck: Duck,
  staging: Staging,
  columns: readonly IngestedColumn[],
  leftOut: string[],
): Promise<ClickDescription> {
  const rows = await count(duck, 'clicks');
  const labels = columns.filter(({ role }) => role === 'label');
  const positives: number[] = [];
  for (const { column } of labels) {
    const { sum } = await duck.row<{ sum: number }>(`SELECT sum(${column}) AS sum FROM clicks`);
    positives.push(sum);
  }
  const described: ClickColumn[] = [];
  for (const column of columns) described.push(await describeColumn(duck, column));
  const time = columns.find(({ role }) => role === 'time');
  const counts = async (role: 'user' | 'item') => {
    const name = columns.find((column) => column.role === role)?.name ?? '';
    const sql = `SELECT rows FROM vocabulary WHERE "column" = ${literal(name)} ORDER BY code`;
    return readColumn(duck, sql, Int32Array);
  };
  const itemCounts = await counts('item');
  const statistics = datasetStatistics({
    userCounts: await counts('user'),
    itemCounts,
    catalogueItems: itemCounts.length,
    timeSpan: time ? await spanOf(duck, time) : null,
    hasRatings: false,
    hasTitles: false,
  });
  return {
    statistics: { ...statistics, interactions: rows },
    clicks: { rows, tasks: labels.map(({ name }) => name), positives, columns: described, leftOut },
    fingerprint: await fingerprint(duck, staging, columns),
  };
}

async function spanOf(duck: Duck, { column }: IngestedColumn): Promise<{ from: number; to: number }> {
  return duck.row(`SELECT min(${column}) AS "from", max(${column}) AS "to" FROM clicks`);
}

async function describeColumn(duck: Duck, column: IngestedColumn): Promise<ClickColumn> {
  const { name, role } = column;
  const c = column.column;
  const empty = role === 'multi' ? `coalesce(len(${c}), 0) = 0` : `${c} IS NULL`;
  const { missing } = await duck.row<{ missing: bigint }>(
    `SELECT count(*) FILTER (WHERE ${empty}) AS missing FROM clicks`,
  );
  const described: ClickColumn = { name, role, missing: Number(missing) };
  if (isCoded(column)) described.distinct = await vocabularySize(duck, column);
  if (role === 'multi') {
    const { mean } = await duck.row<{ mean: number }>(
      `SELECT avg(coalesce(len(${c}), 0)) AS mean FROM clicks`,
    );
    described.meanValues = mean;
  }
  if (role === 'dense') {
    const spread = await duck.row<{ min: number; mean: number; max: number }>(
      `SELECT min(${c}) AS "min", avg(${c}) AS "mean", max(${c}) AS "max" FROM clicks`,
    );
    Object.assign(described, spread);
  }
  return described;
}

/** sha256 (hex) over the columns, their roles, their vocabularies and the rows in order. */
async function fingerprint(
  duck: Duck,
  staging: Staging,
  columns: readonly IngestedColumn[],
): Promise<string> {
  const hash = createHash('sha256');
  hash.update('tessera click log 1\n');
  hash.update(JSON.stringify(columns.map(({ name, role }) => [name, role])));
  const file = `read_parquet(${pathLiteral(staging.path('clicks.parquet'))})`;
  for (const column of columns) {
    const name = identifier(column.name);
    if (isCoded(column)) {
      const values = `SELECT value FROM vocabulary WHERE "column" = ${literal(column.name)} ORDER BY code`;
      updateTexts(hash, await readTexts(duck, values));
    }
    if (column.role === 'multi') {
      hash.update(bytes(await readColumn(duck, `SELECT len(${name})::INTEGER FROM ${file}`, Int32Array)));
      hash.update(bytes(await readColumn(duck, `SELECT unnest(${name}) FROM ${file}`, Int32Array)));
    } else if (isCoded(column)) {
      hash.update(bytes(await readColumn(duck, `SELECT ${name} FROM ${file}`, Int32Array)));
    } else {
      const value = `coalesce(${name}, 'nan')::DOUBLE`;
      const sql = column.role === 'label' ? `${name}::DOUBLE` : value;
      hash.update(bytes(await readColumn(duck, `SELECT ${sql} FROM ${file}`, Float64Array)));
    }
  }
  return hash.digest('hex');
}

function updateTexts(hash: Hash, texts: readonly string[]): void {
  for (let from = 0; from < texts.length; from += 4096) {
    hash.update(JSON.stringify(texts.slice(from, from + 4096)));
  }
}

function bytes(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
