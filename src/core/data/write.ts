import { UserError } from '../errors.ts';
import { readColumn, readTexts } from './columns.ts';
import { type Duck, identifier, literal } from './duck.ts';
import { fingerprintOf } from './fingerprint.ts';
import { count, type Ingested } from './ingest.ts';
import type { ImportRequest } from './request.ts';
import type { SideTable } from './side.ts';
import type { Staging } from './staging.ts';
import { datasetStatistics } from './statistics.ts';
import type { DatasetStatistics } from './types.ts';

/**
 * Order in which original ids get their dense ids: whole numbers by value, then the rest by their UTF-8 bytes. It
 * depends on the ids alone, not on the order of rows.
 */
function idOrder(column: string): string {
  return `TRY_CAST(${column} AS HUGEINT) NULLS LAST, ${column}`;
}

/** Makes user_ids and item_ids (id, dense, n) out of "kept". Throws UserError when too little is left. */
export async function assignIds(duck: Duck): Promise<void> {
  for (const [table, column] of [
    ['user_ids', 'u'],
    ['item_ids', 'i'],
  ]) {
    await duck.run(
      `CREATE TABLE ${table} AS SELECT id, (row_number() OVER (ORDER BY ${idOrder('id')}) - 1)::INTEGER AS dense, n
       FROM (SELECT ${column} AS id, count(*)::INTEGER AS n FROM kept GROUP BY ${column})`,
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
  order.push('kept.row');
  await duck.run(
    `COPY (SELECT ${columns.join(', ')} FROM kept JOIN user_ids users ON users.id = kept.u
     JOIN item_ids items ON items.id = kept.i ORDER BY ${order.join(', ')})
     TO ${literal(staging.path('interactions.parquet'))} (FORMAT parquet)`,
    onFraction,
  );
}

/** Writes items.parquet and users.parquet: dense id, original id, number of interactions, side columns. */
export async function writeSideFiles(
  duck: Duck,
  staging: Staging,
  items: SideTable | null,
  users: SideTable | null,
) {
  const select = (side: SideTable | null) =>
    (side?.columns ?? []).map((name) => `, side.${identifier(name)}`).join('');
  await duck.run(
    `COPY (SELECT dense AS "user", ids.id, n AS interactions${select(users)} FROM user_ids ids
     ${users === null ? '' : 'LEFT JOIN user_side side ON side.id = ids.id'} ORDER BY dense)
     TO ${literal(staging.path('users.parquet'))} (FORMAT parquet)`,
  );
  if (items !== null) {
    await duck.run(
      `INSERT INTO item_ids SELECT id, ((SELECT count(*) FROM item_ids) + row_number() OVER (ORDER BY ${idOrder('id')}) - 1)::INTEGER, 0
       FROM item_side ANTI JOIN item_ids USING (id)`,
    );
  }
  await duck.run(
    `COPY (SELECT dense AS item, ids.id, n AS interactions${select(items)} FROM item_ids ids
     ${items === null ? '' : 'LEFT JOIN item_side side ON side.id = ids.id'} ORDER BY dense)
     TO ${literal(staging.path('items.parquet'))} (FORMAT parquet)`,
  );
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
  const interacted = 'SELECT %s FROM item_ids WHERE n > 0 ORDER BY dense';
  const userCounts = await counts(duck, 'SELECT n FROM user_ids ORDER BY dense');
  const itemCounts = await counts(duck, interacted.replace('%s', 'n'));
  const offsets = offsetsOf(userCounts);
  const total = offsets[offsets.length - 1];
  const file = literal(staging.path('interactions.parquet'));
  const sequences = await readColumn(duck, `SELECT item FROM read_parquet(${file})`, new Int32Array(total));
  const userIds = await readTexts(duck, 'SELECT id FROM user_ids ORDER BY dense');
  const itemIds = await readTexts(duck, interacted.replace('%s', 'id'));
  const fingerprint = fingerprintOf({ userIds, itemIds, offsets, sequences });
  const times = source.hasTime
    ? await readColumn(duck, `SELECT "time" FROM read_parquet(${file})`, new Float64Array(total))
    : null;
  const statistics = datasetStatistics({
    userCounts,
    itemCounts,
    catalogueItems: await count(duck, 'item_ids'),
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
