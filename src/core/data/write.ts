import { UserError } from '../errors.ts';
import { readColumn, readTexts } from './columns.ts';
import { type Duck, identifier, literal } from './duck.ts';
import { fingerprintOf } from './fingerprint.ts';
import { count, type Ingested } from './raw-tables.ts';
import type { ImportRequest } from './request.ts';
import type { SideTable } from './side.ts';
import type { Staging } from './staging.ts';
import { datasetStatistics } from './statistics.ts';
import type { DatasetStatistics } from './types.ts';

/**
 * Order in which original ids get their dense ids: whole numbers by value, then the rest by their UTF-8 bytes. It
 * depends on the ids alone, not on the order of rows.
 */
const ID_ORDER = 'TRY_CAST(id AS HUGEINT) NULLS LAST, id::VARCHAR';

/** Makes user_ids and item_ids (id, dense, n) for "kept". */
export async function assignIds(duck: Duck): Promise<void> {
  for (const [table, counts] of [
    ['user_ids', 'kept_u'],
    ['item_ids', 'kept_i'],
  ]) {
    await duck.run(
      `CREATE TABLE ${table} AS SELECT id, (row_number() OVER (ORDER BY ${ID_ORDER}) - 1)::INTEGER AS dense, n FROM ${counts}`,
    );
  }
}

/** Throws UserError, one line, for a data set nothing can be learnt or tested on. */
export async function refuseTooSmall(duck: Duck, source: string, filtered: boolean): Promise<void> {
  const hint = filtered ? '; loosen the filters (--min-user, --min-item, --min-rating, dates)' : '';
  const users = await count(duck, 'user_ids');
  const items = await count(duck, 'item_ids');
  if (users === 0)
    throw new UserError(`${source}: no interactions ${filtered ? `are left${hint}` : 'in it'}`);
  if (users === 1) throw new UserError(`${source}: only one user; at least two are needed${hint}`);
  if (items === 1) throw new UserError(`${source}: only one item; at least two are needed${hint}`);
  const { longest } = await duck.row<{ longest: number }>('SELECT max(n) AS longest FROM user_ids');
  if (longest < 3) {
    throw new UserError(
      `${source}: too few interactions: no user has 3, so nothing could be held out for tests${hint}`,
    );
  }
}

/** Writes interactions.parquet: user, item, rating?, time?, ordered by user, time and the rule for ties. */
export async function writeInteractions(
  duck: Duck,
  staging: Staging,
  request: ImportRequest,
  { hasRating, hasTime }: Ingested,
  onFraction: (fraction: number) => void,
): Promise<void> {
  const columns = ['users.dense AS "user"', 'items.dense AS item'];
  if (hasRating) columns.push('kept.r AS rating');
  if (hasTime) columns.push('kept.t AS "time"');
  const order = ['users.dense'];
  if (hasTime) order.push('kept.t');
  if (hasTime && request.ties === 'shuffle')
    order.push(`md5_number_lower(${literal(`${request.seed}:`)} || kept.row)`);
  // 2^32 rows are more than a data set can have; half as wide a key sorts faster.
  order.push('kept.row::UINTEGER');
  await duck.run(
    `COPY (SELECT ${columns.join(', ')} FROM kept JOIN user_ids users ON users.id = kept.u
     JOIN item_ids items ON items.id = kept.i ORDER BY ${order.join(', ')})
     TO ${literal(staging.path('interactions.parquet'))} (FORMAT parquet, PARQUET_VERSION v2)`,
    onFraction,
  );
}

/**
 * Writes items.parquet and users.parquet: dense id, original id, number of interactions, side columns. Items that only
 * the items file lists follow those with interactions, in the same order of ids.
 */
export async function writeSideFiles(
  duck: Duck,
  staging: Staging,
  items: SideTable | null,
  users: SideTable | null,
) {
  await duck.run('CREATE TABLE user_list AS SELECT id::VARCHAR AS id, dense, n FROM user_ids');
  await duck.run('CREATE TABLE item_list AS SELECT id::VARCHAR AS id, dense, n FROM item_ids');
  if (items !== null) {
    await duck.run(
      `INSERT INTO item_list SELECT id, ((SELECT count(*) FROM item_ids) + row_number() OVER (ORDER BY ${ID_ORDER}) - 1)::INTEGER, 0
       FROM item_side ANTI JOIN item_list USING (id)`,
    );
  }
  for (const [part, side] of [
    ['user', users],
    ['item', items],
  ] as const) {
    const columns = (side?.columns ?? []).map((name) => `, side.${identifier(name)}`).join('');
    const join = side === null ? '' : `LEFT JOIN ${part}_side side ON side.id = list.id`;
    await duck.run(
      `COPY (SELECT dense AS "${part}", list.id, n AS interactions${columns} FROM ${part}_list list ${join} ORDER BY dense)
       TO ${literal(staging.path(`${part}s.parquet`))} (FORMAT parquet)`,
    );
  }
}

export interface Described {
  statistics: DatasetStatistics;
  fingerprint: string;
  /** Rows beyond the first of the same user, item and time; null without times. */
  duplicates: number | null;
}

/** Statistics, fingerprint and repeats of what was written. */
export async function describeWritten(
  duck: Duck,
  staging: Staging,
  source: Ingested,
  items: SideTable | null,
): Promise<Described> {
  const userCounts = await counts(duck, 'SELECT n FROM user_ids ORDER BY dense');
  const itemCounts = await counts(duck, 'SELECT n FROM item_ids ORDER BY dense');
  const offsets = offsetsOf(userCounts);
  const total = offsets[offsets.length - 1];
  const file = literal(staging.path('interactions.parquet'));
  const sequences = await readColumn(duck, `SELECT item FROM read_parquet(${file})`, new Int32Array(total));
  const userIds = await readTexts(duck, 'SELECT id FROM user_list ORDER BY dense');
  const itemIds = await readTexts(duck, 'SELECT id FROM item_list WHERE n > 0 ORDER BY dense');
  const fingerprint = fingerprintOf({ userIds, itemIds, offsets, sequences });
  const times = source.hasTime
    ? await readColumn(duck, `SELECT "time" FROM read_parquet(${file})`, new Float64Array(total))
    : null;
  const statistics = datasetStatistics({
    userCounts,
    itemCounts,
    catalogueItems: await count(duck, 'item_list'),
    timeSpan: times && span(times),
    hasRatings: source.hasRating,
    hasTitles: items?.columns.includes('title') ?? false,
  });
  return { statistics, fingerprint, duplicates: times && countRepeats(offsets, sequences, times) };
}

async function counts(duck: Duck, sql: string): Promise<Int32Array> {
  const { n } = await duck.row<{ n: bigint }>(`SELECT count(*) AS n FROM (${sql})`);
  return readColumn(duck, sql, new Int32Array(Number(n)));
}

/** Compressed-row offsets [n + 1] of counts [n]. */
export function offsetsOf(perUser: Int32Array): Int32Array {
  const offsets = new Int32Array(perUser.length + 1);
  for (let user = 0; user < perUser.length; user++) offsets[user + 1] = offsets[user] + perUser[user];
  return offsets;
}

function span(times: Float64Array): { from: number; to: number } {
  let from = times[0];
  let to = times[0];
  for (const time of times) {
    if (time < from) from = time;
    if (time > to) to = time;
  }
  return { from, to };
}

/** Equal times of a user stand next to each other: only those are compared. */
function countRepeats(offsets: Int32Array, items: Int32Array, times: Float64Array): number {
  let repeats = 0;
  for (let user = 0; user + 1 < offsets.length; user++) {
    const end = offsets[user + 1];
    for (let start = offsets[user]; start < end; ) {
      let next = start + 1;
      while (next < end && times[next] === times[start]) next++;
      if (next - start > 1) repeats += next - start - new Set(items.subarray(start, next)).size;
      start = next;
    }
  }
  return repeats;
}
