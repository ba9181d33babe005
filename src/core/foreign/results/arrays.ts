/** Lists from arrays of NumPy: the best items of each user, or scores of all items. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type NamedArrays, readNpz } from '../../content/npz.ts';
import { readIdLines } from '../../content/vector-files.ts';
import { messageOf, UserError } from '../../errors.ts';
import { type NumberArray, numberText, readNpy } from '../../files/npy.ts';
import { type DenseIds, type IdKind, strangeIds } from './dense-ids.ts';
import type { ReadFacts, ResultLists, UserList } from './lists.ts';
import type { IdFiles } from './request.ts';

/** Names under which programs keep each array. */
const NAMES = {
  users: ['users', 'user', 'user_ids', 'user_id', 'uids'],
  items: ['items', 'item', 'item_ids', 'item_id', 'iids'],
  scores: ['scores', 'score', 'predictions', 'ratings'],
  indices: ['indices', 'index', 'topk', 'top_k', 'top', 'recommendations', 'items', 'ids'],
} as const;

interface Arrays {
  users: string[];
  /** Of the columns of `scores`, or what `indices` count; null where `indices` are ids. */
  items: string[] | null;
  /** [users, length] best first; null where `scores` are of all items. */
  indices: NumberArray | null;
  /** [users, items]; or [users, length] beside `indices`, which they then order. */
  scores: NumberArray | null;
}

export const hasArrays = (path: string) => /^\.np[yz]$/i.test(extname(path));

/**
 * The lists of a file of arrays. In lists, negative indices are places that the program left empty. Throws UserError where users or
 * items are not named or named twice, where a score is no number, or shapes do not fit.
 */
export function arrayLists(
  path: string,
  ids: IdFiles,
  dense: DenseIds,
  ascending: boolean,
): { lists: ResultLists; facts: ReadFacts } {
  const arrays = arraysOf(path, ids);
  const { users, items, indices, scores } = arrays;
  const rowOf = placesOf(path, 'users', users, dense);
  if (items) placesOf(path, 'items', items, dense);
  if (scores) refuseNoNumbers(path, users, scores);
  const sign = ascending ? -1 : 1;
  const { list, ...counts } = indices
    ? listsIn(path, { ...arrays, indices }, dense, new Set(rowOf.values()), sign)
    : scoresIn(arrays, dense, sign);
  const known = [...rowOf].sort(([a], [b]) => a - b);
  return {
    lists: { users: Int32Array.from(known, ([user]) => user), list: (at) => list(known[at][1]) },
    facts: {
      format: extname(path).slice(1).toLowerCase(),
      columns: { user: 'user', item: 'item', ...(scores ? { score: 'score' } : { rank: 'rank' }) },
      ...{ unknownUsers: users.length - rowOf.size, disagreeing: 0, ...counts },
    },
  };
}

/** The rows of the ids that the data set has, by their dense ids. Throws UserError where it has none, or one stands twice. */
function placesOf(path: string, kind: IdKind, ids: readonly string[], dense: DenseIds): Map<number, number> {
  const places = new Map<number, number>();
  for (const [row, id] of ids.entries()) {
    const found = dense[kind].get(id);
    if (found === undefined) continue;
    if (places.has(found))
      throw new UserError(`${path}: "${id}" stands twice among its ${kind}; write one row for each`);
    places.set(found, row);
  }
  if (places.size === 0 && ids.length > 0) throw strangeIds(path, kind, ids[0], (id) => dense[kind].has(id));
  return places;
}

function refuseNoNumbers(
  path: string,
  users: readonly string[],
  { data, shape: [, width] }: NumberArray,
): void {
  const at = data.findIndex((value) => Number.isNaN(value));
  if (at >= 0)
    throw new UserError(
      `${path}: a score of user "${users[Math.floor(at / width)]}" is not a number (nan), column ${(at % width) + 1}; leave such users out or write -inf`,
    );
}

/** What is in the rows of users, and the list of each. */
interface Rows extends Pick<ReadFacts, 'rows' | 'unknownItems' | 'doubledRows'> {
  list(row: number): UserList;
}

/** Scores of all items. */
function scoresIn({ users, items, scores }: Arrays, dense: DenseIds, sign: number): Rows {
  const { data, shape } = scores as NumberArray;
  const [, width] = shape;
  const columns = Int32Array.from(items ?? [], (id) => dense.items.get(id) ?? -1);
  return {
    ...{
      rows: users.length * width,
      unknownItems: columns.filter((item) => item < 0).length,
      doubledRows: 0,
    },
    list: (row) => {
      const own = Float64Array.from(data.subarray(row * width, (row + 1) * width));
      return { items: columns, scores: sign < 0 ? own.map((score) => -score) : own };
    },
  };
}

/** The best items of each user; where scores stand beside them, these order. */
function listsIn(
  path: string,
  { users, items, indices, scores }: Arrays & { indices: NumberArray },
  dense: DenseIds,
  known: ReadonlySet<number>,
  sign: number,
): Rows {
  const [, width] = indices.shape;
  const lists = new Map<number, UserList>();
  const unknown = new Set<string>();
  let [rows, doubledRows, isKnown] = [0, 0, false];
  for (const row of users.keys()) {
    const [places, before] = [new Map<string, number>(), rows];
    for (let at = row * width; at < (row + 1) * width; at++) {
      const index = indices.data[at];
      if (index < 0) continue;
      const id = items ? items[index] : numberText(indices, at);
      if (id === undefined)
        throw new UserError(
          `${path}: item index ${index} is out of range: the file names ${items?.length} items`,
        );
      rows++;
      if (!places.has(id)) places.set(id, at);
    }
    if (!known.has(row)) continue;
    doubledRows += rows - before - places.size;
    for (const id of places.keys()) {
      if (dense.items.has(id)) isKnown = true;
      else unknown.add(id);
    }
    lists.set(row, {
      items: Int32Array.from(places.keys(), (id) => dense.items.get(id) ?? -1),
      scores: Float64Array.from(places.values(), (at) => (scores ? sign * scores.data[at] : -at)),
    });
  }
  if (!isKnown) throw strangeIds(path, 'items', [...unknown][0] ?? '', (id) => dense.items.has(id));
  return { rows, doubledRows, unknownItems: unknown.size, list: (row) => lists.get(row) as UserList };
}

function arraysOf(path: string, ids: IdFiles): Arrays {
  const named = read(path);
  const find = (role: keyof typeof NAMES, dimensions: 1 | 2) =>
    NAMES[role].flatMap((name) =>
      Object.entries(named).filter(
        ([key, array]) => key.toLowerCase() === name && dimensionsOf(array) === dimensions,
      ),
    )[0]?.[1];
  const texts = (role: 'users' | 'items') => {
    const file = ids[role];
    const found = file === null ? find(role, 1) : readIdLines(file);
    if (found === undefined) return null;
    return Array.isArray(found) ? found : Array.from(found.data, (_, at) => numberText(found, at));
  };
  const [users, items] = [texts('users'), texts('items')];
  if (users === null) throw nameless('users', `${path}: it has no user ids for its rows`);
  const matrices = Object.values(named).filter((array): array is NumberArray => dimensionsOf(array) === 2);
  const only = matrices.length === 1 ? matrices[0] : undefined;
  const whole = only && items !== null && only.shape[1] === items.length;
  const scores = (find('scores', 2) ?? (whole && find('indices', 2) === undefined ? only : undefined)) as
    | NumberArray
    | undefined;
  const indices = (find('indices', 2) ?? (only === scores ? undefined : only)) as NumberArray | undefined;
  return checked(path, { users, items, indices: indices ?? null, scores: scores ?? null });
}

function read(path: string): NamedArrays {
  try {
    if (extname(path).toLowerCase() === '.npz') return readNpz(path);
    return { array: readNpy(readFileSync(path), path) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); write it again`);
  }
}

const dimensionsOf = (array: NumberArray | string[]) => (Array.isArray(array) ? 1 : array.shape.length);

function checked(path: string, arrays: Arrays): Arrays {
  const { users, items, indices, scores } = arrays;
  const main = indices ?? scores;
  const shape = (array: NumberArray) => `[${array.shape.join(', ')}]`;
  if (main === null)
    throw new UserError(`${path}: no array of two dimensions is called "scores" or "indices"`);
  if (main.shape[0] !== users.length)
    throw new UserError(
      `${path}: ${users.length} users, but an array of ${shape(main)}; one row per user is needed`,
    );
  if (indices && scores && shape(indices) !== shape(scores))
    throw new UserError(
      `${path}: lists of ${shape(indices)} and scores of ${shape(scores)}; write a score for each item of a list, or one of the two arrays`,
    );
  if (indices === null && items?.length !== main.shape[1])
    throw nameless('items', `${path}: scores of ${shape(main)}, and ${items?.length ?? 'no'} items`);
  return arrays;
}

function nameless(role: keyof IdFiles, problem: string): UserError {
  const add = `add an array "${role}" with one id a ${role === 'users' ? 'row' : 'column'}, or`;
  const fix = {
    cli: `${add} name a file of ids with --${role}`,
    window: `${add} choose the ids of the ${role}`,
  };
  return new UserError({ code: 'invalid', problem, fix });
}
