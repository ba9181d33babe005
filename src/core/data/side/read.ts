/** The columns of a data set that side features can be made of, and their values as codes. */
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { ACTIONS } from '../actions.ts';
import { textChunks } from '../columns.ts';
import { type Duck, identifier, literal, pathLiteral, withDuck } from '../duck.ts';
import type { SideRole } from '../import/request.ts';
import { readSummary } from '../read.ts';
import type { SideColumn } from './types.ts';

/** Of a list that is longer the first ones count. */
export const MOST_VALUES = 16;
/** Numbers with at most so many different values are categories, such as an age band. */
const MOST_CODES = 100;
/** Texts that are read at once. */
const CHUNK = 100_000;
/** Columns of the files that tell nothing besides the ids, or are no feature of one interaction. */
const INTERNAL: Record<SideColumn['of'], readonly string[]> = {
  item: ['item', 'id', 'interactions'],
  event: ['user', 'item', 'time', 'actions'],
};
const FILES = { item: 'items', event: 'interactions' } as const;

interface Offered {
  name: string;
  of: SideColumn['of'];
  /** The value of a row as text. */
  sql: string;
  /** What it means; left out where nobody said. */
  role?: SideRole;
  /** Whether the file keeps it as numbers. */
  numbers: boolean;
}

/** The names that `sideFeatures` knows in a data set: columns of events, then of items. */
export async function readSideColumnNames(directory: string): Promise<string[]> {
  return withDuck(async (duck) => (await offered(duck, directory)).map(({ name }) => name));
}

/**
 * Columns of items and events by name, with a code for every value. A list joined by "|" has several.
 * @throws UserError where the data set has no column of a name
 */
export async function readSideColumns(directory: string, names: readonly string[]): Promise<SideColumn[]> {
  return withDuck(async (duck) => {
    const there = await offered(duck, directory);
    const columns: SideColumn[] = [];
    for (const name of names) {
      const column = there.find((one) => one.name === name);
      if (!column)
        throw unknownColumn(
          readSummary(directory).name,
          name,
          there.map((one) => one.name),
        );
      columns.push(await codesOf(duck, directory, column));
    }
    return columns;
  });
}

/** One line that says which columns there are. */
export function unknownColumn(
  dataset: string,
  name: string,
  there: readonly string[],
  model?: string,
): UserError {
  const known = there.length > 0 ? `it has ${there.join(', ')}` : 'it has none';
  return new UserError({
    code: 'bad-config',
    ...(model === undefined ? {} : { model }),
    field: 'sideFeatures',
    problem: `data set "${dataset}" has no column "${name}" of items or events; ${known}`,
  });
}

const fileOf = (directory: string, of: SideColumn['of']) =>
  `read_parquet(${pathLiteral(join(directory, `${FILES[of]}.parquet`))})`;

async function offered(duck: Duck, directory: string): Promise<Offered[]> {
  const { side, options } = readSummary(directory);
  const columns: Offered[] = [];
  for (const part of ['event', 'item'] as const) {
    const described = await duck.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM ${fileOf(directory, part)}`,
    );
    for (const { column_name: column, column_type: type } of described) {
      if (INTERNAL[part].includes(column)) continue;
      const taken = columns.some(({ name }) => name === column);
      columns.push({
        name: taken ? `${part}_${column}` : column,
        of: part,
        sql: `${identifier(column)}::VARCHAR`,
        role: side?.[part]?.[column],
        numbers: ['DOUBLE', 'FLOAT'].includes(type),
      });
    }
    if (part === 'event' && options.actions)
      columns.push({ name: 'feedback', of: part, sql: FEEDBACK, role: 'multi', numbers: false });
  }
  return columns;
}

/** The names of what the user did, joined by "|". */
const FEEDBACK = `concat_ws('|', ${ACTIONS.map(
  ({ name, bit }) => `CASE WHEN actions & ${bit} > 0 THEN ${literal(name)} END`,
).join(', ')})`;

async function codesOf(duck: Duck, directory: string, { name, of, sql, role, numbers }: Offered) {
  const { statistics } = readSummary(directory);
  const rows = of === 'item' ? statistics.catalogueItems : statistics.interactions;
  const order = of === 'item' ? ' ORDER BY item' : '';
  const texts = textChunks(duck, `SELECT coalesce(${sql}, '') FROM ${fileOf(directory, of)}${order}`, CHUNK);
  const codes = new Map<string, number>();
  const single = new Int32Array(rows);
  /** Of the rows with several values. */
  const further = new Map<number, number[]>();
  let row = 0;
  let width = 1;
  for await (const chunk of texts) {
    for (const text of chunk) {
      const values = partsOf(text, role, numbers);
      const found = values.map((value) => codes.get(value) ?? codes.set(value, codes.size + 1).size);
      if (found.length > 1) further.set(row, found);
      width = Math.max(width, found.length);
      single[row++] = found[0] ?? 0;
    }
  }
  if (row !== rows) throw new UserError(`${directory}: the data set is damaged; import it again`);
  const isNumeric = numbers && (role === 'dense' || (role === undefined && codes.size > MOST_CODES));
  return sorted({
    name,
    of,
    width,
    codes: widened(single, width, further),
    values: [...codes.keys()],
    numbers: isNumeric,
  });
}

/** The values of one row, each once. */
function partsOf(text: string, role: SideRole | undefined, numbers: boolean): string[] {
  const several = role === 'multi' || (role === undefined && !numbers);
  const parts = several ? text.split('|').map((part) => part.trim()) : [text.trim()];
  const missing = (part: string) => part === '' || (numbers && part === 'nan');
  const values = parts
    .filter((part) => !missing(part))
    .map((part) => (numbers ? String(Number(part)) : part));
  return [...new Set(values)].slice(0, MOST_VALUES);
}

function widened(single: Int32Array, width: number, further: ReadonlyMap<number, number[]>): Int32Array {
  if (width === 1) return single;
  const codes = new Int32Array(single.length * width);
  for (const [row, code] of single.entries()) codes[row * width] = code;
  for (const [row, found] of further) codes.set(found, row * width);
  return codes;
}

/** The same with its values in ascending order, so that codes do not depend on that of the rows. */
function sorted(column: SideColumn): SideColumn {
  const { values, codes, numbers } = column;
  const order = [...values.keys()].sort((a, b) =>
    numbers ? Number(values[a]) - Number(values[b]) : values[a] < values[b] ? -1 : 1,
  );
  const next = new Int32Array(values.length + 1);
  for (const [place, value] of order.entries()) next[value + 1] = place + 1;
  return { ...column, codes: codes.map((code) => next[code]), values: order.map((at) => values[at]) };
}
