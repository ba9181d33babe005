/** Rows of user, item, rank and score from arrays: lists of the best items, or scores of all of them. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type NamedArrays, readNpz } from '../../content/npz.ts';
import { readIdLines } from '../../content/vector-files.ts';
import { messageOf, UserError } from '../../errors.ts';
import { csvCell } from '../../files/csv.ts';
import { type NumberArray, readNpy } from '../../files/npy.ts';
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
  /** [users, items]; null where there are `indices`, whose order counts. */
  scores: NumberArray | null;
}

/**
 * The arrays of a file as rows of CSV. In lists, negative indices are places that the program left empty.
 * Throws UserError where users or items are not named, or shapes do not fit.
 */
export function arrayTable(path: string, ids: IdFiles): { columns: string[]; lines: Iterable<string> } {
  const arrays = arraysOf(path, ids);
  return { columns: ['user', 'item', arrays.indices ? 'rank' : 'score'], lines: linesOf(path, arrays) };
}

function* linesOf(path: string, { users, items, indices, scores }: Arrays): Generator<string> {
  const { data, shape } = (indices ?? scores) as NumberArray;
  const [, width] = shape;
  yield `user,item,${indices ? 'rank' : 'score'}\n`;
  for (const [row, user] of users.entries()) {
    let lines = '';
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column];
      const item = itemOf(path, indices ? value : column, items);
      if (item !== null) lines += `${csvCell(user)},${csvCell(item)},${indices ? column + 1 : value}\n`;
    }
    yield lines;
  }
}

function itemOf(path: string, index: number, items: string[] | null): string | null {
  if (index < 0) return null;
  if (items === null) return String(index);
  if (index in items) return items[index];
  throw new UserError(`${path}: there is no item ${index}; the items that it names are ${items.length}`);
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
    return found === undefined ? null : Array.isArray(found) ? found : Array.from(found.data, String);
  };
  const [users, items] = [texts('users'), texts('items')];
  if (users === null) throw nameless('users', `${path}: it does not say whose the rows are`);
  const matrices = Object.values(named).filter((array): array is NumberArray => dimensionsOf(array) === 2);
  const only = matrices.length === 1 ? matrices[0] : undefined;
  const whole = only && items !== null && only.shape[1] === items.length;
  const scores = (find('scores', 2) ?? (whole && find('indices', 2) === undefined ? only : undefined)) as
    | NumberArray
    | undefined;
  const indices = (find('indices', 2) ?? (only === scores ? undefined : only)) as NumberArray | undefined;
  const listed = indices === scores ? null : (indices ?? null);
  return checked(path, { users, items, indices: listed, scores: listed ? null : (scores ?? null) });
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
      `${path}: ${users.length} users, but an array of ${shape(main)}; one row a user is needed`,
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
