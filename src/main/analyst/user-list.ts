/** Users of a data set to look at one by one. */

import { join } from 'node:path';
import type { UserOrder, UserRow, UsersRequest } from '../../core/api/datasets.ts';
import { readColumn } from '../../core/data/columns.ts';
import { literal, pathLiteral, withDuck } from '../../core/data/duck.ts';
import { openInteractions, readSummary } from '../../core/data/read.ts';
import { trainingCounts } from '../../core/data/splits/item-counts.ts';
import { COLD_BELOW } from '../../core/data/statistics.ts';
import { isRankKnown, leadingRows } from '../../core/evaluation/metrics.ts';
import type { Store } from '../../core/store/store.ts';
import type { Config } from '../../core/training/config.ts';
import { trainingPart } from '../../core/training/ranking/context.ts';
import { splitConfig } from '../../core/training/ranking/protocol.ts';

/** Ranks of a run by dense user id; a user without one is missing. */
type RankOf = ReadonlyMap<number, number>;

/**
 * Users whose id begins with the text, the exact one first, then in the requested order, with their ranks in each run.
 * Throws UserError if the files of the data set have been deleted.
 */
export async function userList(store: Store, request: UsersRequest): Promise<UserRow[]> {
  const { search, limit, order } = request;
  const folder = store.datasets.folder(store.datasets.find(request.dataset).id);
  readSummary(folder);
  const ranks = request.runs.map((run) => rankOf(store, run));
  const file = `read_parquet(${pathLiteral(join(folder, 'users.parquet'))})`;
  const matches = `starts_with(lower(id), lower(${literal(search)}))`;
  const orders: Partial<Record<UserOrder, string>> = {
    longest: 'interactions DESC',
    shortest: 'interactions',
    random: 'random()',
  };
  const sorted = orders[order];
  return withDuck(async (duck) => {
    const select = (where: string, most: number) =>
      duck.rows<{ user: number; id: string; interactions: number }>(
        `SELECT "user", id, interactions FROM ${file} WHERE ${where}
         ORDER BY (id = ${literal(search)}) DESC, ${sorted ?? orders.longest}, "user" LIMIT ${most}`,
      );
    const row = ({ user, id, interactions }: Awaited<ReturnType<typeof select>>[number]): UserRow => ({
      id,
      interactions: Number(interactions),
      ranks: ranks.map((known) => known.get(user) ?? null),
    });
    if (sorted !== undefined) return (await select(matches, limit)).map(row);
    const weights =
      order === 'cold' ? await coldness(folder, splitOf(store, request.runs)) : disagreement(ranks);
    const candidates = await readColumn(duck, `SELECT "user" FROM ${file} WHERE ${matches}`, Int32Array);
    const weight = (user: number) => weights.get(user) ?? 0;
    const first = [...candidates.filter((user) => weights.has(user))]
      .sort((a, b) => weight(b) - weight(a) || a - b)
      .slice(0, limit);
    if (first.length === 0) return [];
    const found = new Map(
      (await select(`"user" IN (${first.join(', ')})`, limit)).map((one) => [one.user, one]),
    );
    return first.flatMap((user) => found.get(user) ?? []).map(row);
  });
}

function rankOf(store: Store, run: string): RankOf {
  const stored = store.ranks.read(run, 'test');
  if (stored === null) return new Map();
  // Beyond the end of lists there is no rank.
  const known = [...leadingRows(stored)].filter(([, row]) => isRankKnown(stored, row));
  return new Map(known.map(([user, row]) => [user, stored.ranks[row]]));
}

/** How far apart the reciprocal ranks of the test item are, of users whom every run has ranked differently. */
function disagreement(ranks: readonly RankOf[]): Map<number, number> {
  const [first = new Map<number, number>(), ...others] = ranks;
  const spreads = new Map<number, number>();
  for (const [user, rank] of first) {
    const all = [rank, ...others.map((known) => known.get(user))];
    const known = all.filter((one) => one !== undefined);
    const spread = 1 / Math.min(...known) - 1 / Math.max(...known);
    if (known.length === all.length && spread > 0) spreads.set(user, spread);
  }
  return spreads;
}

/** How the first of the runs holds out, as config keys. */
function splitOf(store: Store, ids: readonly string[]): Config {
  for (const run of store.runs.named(ids))
    if (run.kind !== 'imported' && run.protocol && run.protocol.task === undefined)
      return splitConfig(run.protocol);
  return {};
}

/** Of users whose test item is cold, how few training interactions it has: the fewer, the higher. */
async function coldness(folder: string, config: Config): Promise<Map<number, number>> {
  const { data, split, trainEnd } = trainingPart(await openInteractions(folder), config);
  const counts = trainingCounts(data, trainEnd, data.items);
  return new Map(
    Array.from(
      split.usersWithTargets(),
      (user) => [user, counts[data.itemIds[split.testIndex(user)]]] as const,
    )
      .filter(([, count]) => count < COLD_BELOW)
      .map(([user, count]) => [user, COLD_BELOW - count]),
  );
}
