import { createHash } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { bytesOf, type Numbers, readColumn, readColumns, textChunks } from '../columns.ts';
import { type Duck, identifier, literal, pathLiteral } from '../duck.ts';
import { ID_CHUNK } from '../fingerprint.ts';
import { count, type IngestedClicks } from '../formats/raw-tables.ts';
import { type ClickRole, columnError } from '../import/request.ts';
import type { RowColumn } from '../import/row-columns.ts';
import type { Sides } from '../import/side.ts';
import type { Staging } from '../import/staging.ts';
import { writeSideTables } from '../import/write.ts';
import { datasetStatistics } from '../statistics.ts';
import type { DatasetStatistics } from '../types.ts';
import type { ClickColumn, ClickStatistics } from './types.ts';

export interface ClickDescription {
  statistics: DatasetStatistics;
  clicks: ClickStatistics;
  fingerprint: string;
}

const CODED = ['user', 'item', 'categorical', 'multi'];
const isCoded = ({ role }: Pick<RowColumn, 'role'>) => CODED.includes(role);

/**
 * Writes clicks.parquet, one row a row in file order; vocabulary.parquet, the values of the coded columns in the order in
 * which they are first seen; and where items or users are described, their files. Columns that are empty, and further
 * labels that are the same in every row, are left out and named in the statistics. `source` is told in errors.
 * @throws UserError for a click log without rows, and for labels that are all the same
 */
export async function writeClicks(
  duck: Duck,
  staging: Staging,
  { columns: ingested, source }: Pick<IngestedClicks, 'columns'> & { source: string },
  sides: Sides,
  onFraction: (fraction: number) => void,
): Promise<ClickDescription> {
  onFraction(0);
  const rows = await count(duck, 'clicks');
  if (rows === 0) throw new UserError(`${source}: no rows in it; fetch or export it again`);
  if (rows >= 2 ** 31) throw new UserError(`${source}: ${rows} rows; at most ${2 ** 31 - 1} can be imported`);
  const facts = await factsOf(duck, ingested, rows);
  refuseOneLabel(source, ingested, facts);
  await duck.run('CREATE TABLE vocabulary ("column" VARCHAR, code INTEGER, value VARCHAR, rows INTEGER)');
  const coded = ingested.filter(isCoded);
  for (const [index, columns] of together(coded, rows).entries()) {
    await addVocabularies(duck, columns);
    onFraction((0.6 * Math.min(coded.length, (index + 1) * columns.length)) / coded.length);
  }
  const vocabularies = await vocabularySizes(duck);
  for (const column of coded) await addCodes(duck, column, vocabularies);
  const { kept, leftOut } = withoutEmpty(ingested, facts);
  await writeRows(duck, staging, kept);
  await duck.run(
    `COPY (SELECT * FROM vocabulary WHERE "column" IN (${kept.map(({ name }) => literal(name)).join(', ')}))
     TO ${literal(staging.path('vocabulary.parquet'))} (FORMAT parquet)`,
  );
  onFraction(0.8);
  const described = await describe(duck, staging, kept, { rows, leftOut, facts, vocabularies });
  await writeSides(duck, staging, ingested, sides);
  onFraction(1);
  return described;
}

/** Values that a statement over several columns handles at once; a wide log of few rows needs fewer statements. */
const VALUES_TOGETHER = 1e6;
const COLUMNS_TOGETHER = 100;

/** The columns in the parts that one statement handles. */
function together<T>(columns: readonly T[], rows: number): T[][] {
  const size = Math.max(1, Math.min(COLUMNS_TOGETHER, Math.floor(VALUES_TOGETHER / Math.max(1, rows))));
  return Array.from({ length: Math.ceil(columns.length / size) }, (_, at) =>
    columns.slice(at * size, (at + 1) * size),
  );
}

/** The values of columns and their codes from 1 on, in the order in which they are first seen. */
async function addVocabularies(duck: Duck, columns: readonly RowColumn[]): Promise<void> {
  const parts = columns.map(({ name, column, role }) => {
    const values =
      role === 'multi'
        ? `SELECT unnest(${column}) AS v, generate_subscripts(${column}, 1) AS place, rowid AS line FROM clicks`
        : `SELECT ${column} AS v, 0 AS place, rowid AS line FROM clicks WHERE ${column} IS NOT NULL`;
    return `SELECT ${literal(name)}, (row_number() OVER (ORDER BY first, place))::INTEGER, v, n FROM
      (SELECT v, min(line) AS first, arg_min(place, line) AS place, count(*)::INTEGER AS n FROM (${values}) GROUP BY v)`;
  });
  await duck.run(`INSERT INTO vocabulary ${parts.join(' UNION ALL ')}`);
}

/** Values by column name. */
async function vocabularySizes(duck: Duck): Promise<ReadonlyMap<string, number>> {
  const sizes = await duck.rows<{ name: string; n: bigint }>(
    'SELECT "column" AS name, count(*) AS n FROM vocabulary GROUP BY "column"',
  );
  return new Map(sizes.map(({ name, n }) => [name, Number(n)]));
}

/** An enum codes rows without sorting them, but its own making grows faster than its values. */
const ENUM_VALUES = 20_000;

/**
 * What codes the rows of a column: an enum of the values (`<column>_values`) or, where there are many, a table of codes
 * in the order of the rows (`<column>_codes`).
 */
async function addCodes(
  duck: Duck,
  { name, column, role }: RowColumn,
  vocabularies: ReadonlyMap<string, number>,
): Promise<void> {
  if (role !== 'multi' && (vocabularies.get(name) ?? 0) > ENUM_VALUES) {
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

/** What a column holds: rows with a value, and of numbers their range, mean and sum. */
interface ColumnFacts {
  present: number;
  low: number | null;
  high: number | null;
  mean: number | null;
  sum: number | null;
}

async function factsOf(
  duck: Duck,
  columns: readonly RowColumn[],
  rows: number,
): Promise<ReadonlyMap<string, ColumnFacts>> {
  const facts = new Map<string, ColumnFacts>();
  for (const part of together(columns, rows)) {
    const select = part.map(({ column: c, role }) => {
      const value =
        role === 'multi' ? `coalesce(len(${c}), 0)::DOUBLE` : isCoded({ role }) ? 'NULL::DOUBLE' : c;
      const present = role === 'multi' ? `count(*) FILTER (WHERE len(${c}) > 0)` : `count(${c})`;
      return `{'present': ${present}::DOUBLE, 'low': min(${value}), 'high': max(${value}), 'mean': avg(${value}), 'sum': sum(${value})} AS ${c}`;
    });
    const found = await duck.row<Record<string, ColumnFacts>>(`SELECT ${select.join(', ')} FROM clicks`);
    for (const { column } of part) facts.set(column, found[column]);
  }
  return facts;
}

const factsAt = (facts: ReadonlyMap<string, ColumnFacts>, { column }: RowColumn): ColumnFacts =>
  facts.get(column) ?? { present: 0, low: null, high: null, mean: null, sum: null };

function refuseOneLabel(
  source: string,
  ingested: readonly RowColumn[],
  facts: ReadonlyMap<string, ColumnFacts>,
): void {
  const label = ingested.find(({ role }) => role === 'label');
  if (label === undefined) return;
  const { low, high } = factsAt(facts, label);
  if (low !== high) return;
  throw columnError(
    `${source}: the label ${label.name} is ${low} in every row, so there is nothing to learn`,
    'name another column with --map label=COLUMN',
  );
}

function withoutEmpty(ingested: readonly RowColumn[], facts: ReadonlyMap<string, ColumnFacts>) {
  const main = ingested.find(({ role }) => role === 'label');
  const kept: RowColumn[] = [];
  const leftOut: string[] = [];
  for (const column of ingested) {
    const { present, low, high } = factsAt(facts, column);
    const constant = column.role === 'label' && column !== main && low === high;
    if (present === 0) leftOut.push(`${column.name}: no row has a value`);
    else if (constant) leftOut.push(`${column.name}: ${low} in every row`);
    else kept.push(column);
  }
  return { kept, leftOut };
}

function codeSql({ column, role }: RowColumn, tables: readonly string[]): string {
  if (tables.includes(`${column}_codes`)) return `${column}_codes.code`;
  if (role === 'multi') {
    return `coalesce(list_transform(${column}, lambda v: enum_code(v::${column}_values)::INTEGER + 1), [])`;
  }
  return `coalesce(enum_code(${column}::${column}_values)::INTEGER + 1, 0)`;
}

async function writeRows(duck: Duck, staging: Staging, columns: readonly RowColumn[]): Promise<void> {
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

/** Its own items and users in the order of their codes, with their side columns. Nothing without side files. */
async function writeSides(
  duck: Duck,
  staging: Staging,
  columns: readonly RowColumn[],
  { items, users }: Sides,
): Promise<void> {
  if (items === null && users === null) return;
  for (const part of ['user', 'item'] as const) {
    const name = columns.find(({ role }) => role === part)?.name ?? '';
    await duck.run(
      `CREATE TABLE ${part}_list AS SELECT value AS id, code - 1 AS dense, rows AS n FROM vocabulary WHERE "column" = ${literal(name)}`,
    );
  }
  await writeSideTables(duck, staging, { items, users });
}

interface Known {
  rows: number;
  leftOut: string[];
  facts: ReadonlyMap<string, ColumnFacts>;
  vocabularies: ReadonlyMap<string, number>;
}

async function describe(
  duck: Duck,
  staging: Staging,
  columns: readonly RowColumn[],
  { rows, leftOut, facts, vocabularies }: Known,
): Promise<ClickDescription> {
  const labels = columns.filter(({ role }) => role === 'label');
  const time = columns.find(({ role }) => role === 'time');
  const span = time && factsAt(facts, time);
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
    timeSpan: span ? { from: span.low ?? 0, to: span.high ?? 0 } : null,
    hasRatings: false,
    hasTitles: false,
  });
  const described = columns.map((column) =>
    describeColumn(column, rows, factsAt(facts, column), vocabularies.get(column.name) ?? 0),
  );
  const positives = labels.map((label) => factsAt(facts, label).sum ?? 0);
  return {
    statistics: { ...statistics, interactions: rows },
    clicks: { rows, tasks: labels.map(({ name }) => name), positives, columns: described, leftOut },
    fingerprint: await fingerprint(duck, staging, columns, rows),
  };
}

function describeColumn(
  column: RowColumn,
  rows: number,
  { present, low, high, mean }: ColumnFacts,
  distinct: number,
): ClickColumn {
  const { name, role } = column;
  const described: ClickColumn = { name, role: role as ClickRole, missing: rows - present };
  if (isCoded(column)) described.distinct = distinct;
  if (role === 'multi') described.meanValues = mean ?? 0;
  if (role === 'dense') Object.assign(described, { min: low, mean, max: high });
  return described;
}

/** sha256 (hex) over the columns, their roles, their vocabularies and the rows in order. */
async function fingerprint(
  duck: Duck,
  staging: Staging,
  columns: readonly RowColumn[],
  rows: number,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update('tessera click log 1\n');
  hash.update(JSON.stringify(columns.map(({ name, role }) => [name, role])));
  const file = `read_parquet(${pathLiteral(staging.path('clicks.parquet'))})`;
  for (const part of together(columns, rows)) {
    const plain = part.filter(({ role }) => role !== 'multi');
    const values = await valuesOf(duck, file, plain);
    for (const column of part) {
      const name = identifier(column.name);
      if (isCoded(column)) {
        const texts = `SELECT value FROM vocabulary WHERE "column" = ${literal(column.name)} ORDER BY code`;
        for await (const chunk of textChunks(duck, texts, ID_CHUNK)) hash.update(JSON.stringify(chunk));
      }
      if (column.role === 'multi') {
        hash.update(bytesOf(await readColumn(duck, `SELECT len(${name})::INTEGER FROM ${file}`, Int32Array)));
        hash.update(bytesOf(await readColumn(duck, `SELECT unnest(${name}) FROM ${file}`, Int32Array)));
      } else hash.update(bytesOf(values[plain.indexOf(column)]));
    }
  }
  return hash.digest('hex');
}

/** The values of columns with one value a row: codes, or numbers with NaN where there is none. */
function valuesOf(duck: Duck, file: string, columns: readonly RowColumn[]): Promise<Numbers[]> {
  if (columns.length === 0) return Promise.resolve([]);
  const select = columns.map((column) => {
    const name = identifier(column.name);
    if (isCoded(column)) return name;
    return column.role === 'label' ? `${name}::DOUBLE` : `coalesce(${name}, 'nan')::DOUBLE`;
  });
  const types = columns.map((column) => (isCoded(column) ? Int32Array : Float64Array));
  return readColumns<Numbers>(duck, `SELECT ${select.join(', ')} FROM ${file}`, types);
}
