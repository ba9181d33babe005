import { type Fix, UserError } from '../../errors.ts';
import { readColumn, textChunks } from '../columns.ts';
import { type Duck, identifier, literal, pathLiteral } from '../duck.ts';
import { fingerprintOf, ID_CHUNK } from '../fingerprint.ts';
import { count, type IngestedInteractions } from '../formats/raw-tables.ts';
import { datasetStatistics } from '../statistics.ts';
import type { DatasetStatistics } from '../types.ts';
import type { ImportRequest } from './request.ts';
import { ownName, type RowColumn } from './row-columns.ts';
import type { Sides, SideTable } from './side.ts';
import type { Staging } from './staging.ts';

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

/** Throws UserError, one line, for a data set nothing can be learnt or tested on, and for one too large for 32-bit offsets. */
export async function refuseUnusable(duck: Duck, source: string, filtered: boolean): Promise<void> {
  const loosen = {
    cli: 'loosen the filters (--min-user, --min-item, --min-rating, dates)',
    window: 'loosen the filters',
  };
  const refuse = (problem: string, fix: Fix | undefined = filtered ? loosen : undefined) =>
    new UserError({ code: 'nothing-left', problem: `${source}: ${problem}`, fix });
  const users = await count(duck, 'user_ids');
  const items = await count(duck, 'item_ids');
  if (users === 0) {
    throw filtered
      ? refuse('no interactions are left')
      : refuse('no interactions in it', 'fetch or export it again');
  }
  if (users === 1) throw refuse('only one user; at least two are needed');
  if (items === 1) throw refuse('only one item; at least two are needed');
  const { longest, total } = await duck.row<{ longest: number; total: bigint }>(
    'SELECT max(n) AS longest, sum(n)::BIGINT AS total FROM user_ids',
  );
  if (total >= 2n ** 31n)
    throw new UserError(`${source}: ${total} interactions; at most ${2 ** 31 - 1} can be imported`);
  if (longest < 3) {
    throw refuse('too few interactions: no user has 3, so nothing could be held out for tests');
  }
}

/** Dictionaries of near-unique values (items, times) cost a third of the writing and make the file larger. */
const PARQUET_OPTIONS =
  'FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 5000, WRITE_BLOOM_FILTER false';

/**
 * Writes interactions.parquet: user, item, rating?, time?, actions? and what describes them, ordered by user, time and the rule for ties.
 * Returns the first and the last time, or null without times.
 */
export async function writeInteractions(
  duck: Duck,
  staging: Staging,
  request: ImportRequest,
  { hasRating, hasTime, wholeSeconds, actions, events }: IngestedInteractions,
  onFraction: (fraction: number) => void,
): Promise<DatasetStatistics['timeSpan']> {
  const times = hasTime ? await timesOf(duck, wholeSeconds) : null;
  const columns = ['users.dense AS "user"', 'items.dense AS item'];
  if (hasRating) columns.push('kept.r AS rating');
  if (times !== null) columns.push(`kept.t::${times.sortType} AS "time"`);
  if (actions.length > 0) columns.push('kept.a AS actions');
  for (const { column, role, own } of namedEvents(events)) {
    const value = role === 'multi' ? `array_to_string(kept.${column}, '|')` : `kept.${column}`;
    columns.push(`${value} AS ${identifier(own)}`);
  }
  const order = ['users.dense'];
  if (times !== null) order.push(`kept.t::${times.sortType}`);
  if (times !== null && request.ties === 'shuffle') {
    order.push(`md5_number_lower(${literal(`${request.seed}:`)} || kept.row)`);
  }
  // A data set has fewer than 2^32 rows; a key half as wide sorts faster.
  order.push('kept.row::UINTEGER');
  await duck.run(
    `COPY (SELECT ${columns.join(', ')} FROM kept JOIN user_ids users ON users.id = kept.u
     JOIN item_ids items ON items.id = kept.i ORDER BY ${order.join(', ')})
     TO ${literal(staging.path('interactions.parquet'))} (${PARQUET_OPTIONS})`,
    onFraction,
  );
  return times && { from: times.from, to: times.to };
}

/** What describes interactions, each with its name in interactions.parquet. */
export function namedEvents(events: readonly RowColumn[]): (RowColumn & { own: string })[] {
  const taken = new Set(['user', 'item', 'rating', 'time', 'actions', 'feedback']);
  return events.map((event) => ({ ...event, own: ownName(event.name, taken) }));
}

/** The span of the times, and the narrowest type that sorts them: whole seconds up to the year 2106 fit 32 bits. */
async function timesOf(
  duck: Duck,
  wholeSeconds: boolean,
): Promise<{ from: number; to: number; sortType: 'UINTEGER' | 'DOUBLE' }> {
  const { from, to, whole } = await duck.row<{ from: number; to: number; whole: boolean }>(
    `SELECT min(t) AS "from", max(t) AS "to", ${wholeSeconds || 'bool_and(t = floor(t))'} AS whole FROM kept`,
  );
  return { from, to, sortType: whole && from >= 0 && to < 2 ** 32 ? 'UINTEGER' : 'DOUBLE' };
}

/**
 * Writes items.parquet and users.parquet: dense id, original id, number of interactions, side columns. Items that only
 * the items file lists follow those with interactions, in the same order of ids.
 */
export async function writeSideFiles(duck: Duck, staging: Staging, sides: Sides): Promise<void> {
  await duck.run('CREATE TABLE user_list AS SELECT id::VARCHAR AS id, dense, n FROM user_ids');
  await duck.run('CREATE TABLE item_list AS SELECT id::VARCHAR AS id, dense, n FROM item_ids');
  if (sides.items !== null) {
    await duck.run(
      `INSERT INTO item_list SELECT id, ((SELECT count(*) FROM item_ids) + row_number() OVER (ORDER BY ${ID_ORDER}) - 1)::INTEGER, 0
       FROM item_side ANTI JOIN item_list USING (id)`,
    );
  }
  await writeSideTables(duck, staging, sides);
}

/** Writes items.parquet and users.parquet from user_list and item_list (id, dense, n) and the side tables. */
export async function writeSideTables(duck: Duck, staging: Staging, sides: Sides): Promise<void> {
  for (const part of ['user', 'item'] as const) {
    const side = sides[`${part}s`];
    const columns = (side?.columns ?? []).map((name) => `, side.${identifier(name)}`).join('');
    const join = side === null ? '' : `LEFT JOIN ${part}_side side ON side.id = list.id`;
    await duck.run(
      `COPY (SELECT dense AS "${part}", list.id, n AS interactions${columns} FROM ${part}_list list ${join} ORDER BY dense)
       TO ${literal(staging.path(`${part}s.parquet`))} (FORMAT parquet)`,
    );
  }
}

export interface DatasetDescription {
  statistics: DatasetStatistics;
  fingerprint: string;
  /** Rows beyond the first of the same user, item and time; null without times. */
  duplicates: number | null;
}

/** Statistics, fingerprint and repeats of what was written. */
export async function describeWritten(
  duck: Duck,
  staging: Staging,
  source: IngestedInteractions,
  items: SideTable | null,
  timeSpan: DatasetStatistics['timeSpan'],
): Promise<DatasetDescription> {
  const userCounts = await readColumn(duck, 'SELECT n FROM user_ids ORDER BY dense', Int32Array);
  const itemCounts = await readColumn(duck, 'SELECT n FROM item_ids ORDER BY dense', Int32Array);
  const offsets = offsetsOf(userCounts);
  const file = `read_parquet(${pathLiteral(staging.path('interactions.parquet'))})`;
  let ties: Promise<Int32Array> | null = null;
  const sequences = await readColumn(duck, `SELECT item FROM ${file}`, Int32Array, () => {
    if (source.hasTime) ties = readColumn(duck, tiesSql(file), Int32Array);
  });
  const tied: Int32Array | null = await ties;
  const fingerprint = await fingerprintOf({
    userIds: textChunks(duck, 'SELECT id FROM user_list ORDER BY dense', ID_CHUNK),
    itemIds: textChunks(duck, 'SELECT id FROM item_list WHERE n > 0 ORDER BY dense', ID_CHUNK),
    offsets,
    sequences,
  });
  const statistics = datasetStatistics({
    userCounts,
    itemCounts,
    catalogueItems: await count(duck, 'item_list'),
    timeSpan,
    hasRatings: source.hasRating,
    hasTitles: items?.columns.includes('title') === true && (await hasTitle(duck, staging)),
    ...(items && {
      described: await count(duck, '(SELECT 1 FROM item_list SEMI JOIN item_side USING (id) WHERE n > 0)'),
    }),
  });
  return { statistics, fingerprint, duplicates: tied && countRepeats(offsets, sequences, tied) };
}

/** Whether any item with interactions has a title: a column of them may be empty throughout, and ids may match nothing. */
async function hasTitle(duck: Duck, staging: Staging): Promise<boolean> {
  const items = `read_parquet(${pathLiteral(staging.path('items.parquet'))})`;
  const titled = await duck.rows(
    `SELECT 1 FROM ${items} WHERE trim(title) <> '' AND interactions > 0 LIMIT 1`,
  );
  return titled.length > 0;
}

/** 0-based rows that have the time of the row before. */
function tiesSql(file: string): string {
  return `SELECT place FROM (SELECT (row_number() OVER () - 1)::INTEGER AS place, "time" = lag("time") OVER () AS tied FROM ${file}) WHERE tied`;
}

/** Compressed-row offsets [n + 1] of counts [n]. */
export function offsetsOf(perUser: Int32Array): Int32Array {
  const offsets = new Int32Array(perUser.length + 1);
  for (let user = 0; user < perUser.length; user++) offsets[user + 1] = offsets[user] + perUser[user];
  return offsets;
}

/** Rows beyond the first of the same item, user and time. `ties` are the rows that have the time of the row before. */
function countRepeats(offsets: Int32Array, items: Int32Array, ties: Int32Array): number {
  const tied = new Uint8Array(items.length);
  for (const row of ties) tied[row] = 1;
  let repeats = 0;
  for (let user = 0; user + 1 < offsets.length; user++) {
    const end = offsets[user + 1];
    for (let start = offsets[user]; start < end; ) {
      let next = start + 1;
      while (next < end && tied[next] === 1) next++;
      if (next - start > 1) repeats += next - start - new Set(items.subarray(start, next)).size;
      start = next;
    }
  }
  return repeats;
}
