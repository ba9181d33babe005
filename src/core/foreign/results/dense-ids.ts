/** The ids of the imported files, and the dense ones of the data set. */
import { join } from 'node:path';
import { identifier, pathLiteral } from '../../data/duck.ts';
import { readItemIds, readUserIds } from '../../data/read.ts';
import { UserError } from '../../errors.ts';

export type IdKind = 'users' | 'items';

/** Of both kinds, the dense id of each. */
export type DenseIds = Record<IdKind, ReadonlyMap<string, number>>;

/** SQL of the file with the ids of a kind. */
export const idFile = (datasetDir: string, kind: IdKind) =>
  `read_parquet(${pathLiteral(join(datasetDir, `${kind}.parquet`))})`;

/** SQL of the column of the dense ids of a kind. */
export const denseColumn = (kind: IdKind) => identifier(kind.slice(0, -1));

export async function readDenseIds(datasetDir: string): Promise<DenseIds> {
  const placed = (ids: readonly string[]) => new Map(ids.map((id, dense) => [id, dense]));
  return { users: placed(await readUserIds(datasetDir)), items: placed(await readItemIds(datasetDir)) };
}

/** A file none of whose ids of one kind is known; `isKnown` answers for another id. */
export function strangeIds(
  path: string,
  kind: IdKind,
  id: string,
  isKnown: (id: string) => boolean,
): UserError {
  const whole = /^(-?\d+)\.0+$/.exec(id)?.[1];
  const advice =
    whole !== undefined && isKnown(whole)
      ? `"${whole}" is, and "${id}" looks like a float: write ids as whole numbers or as text`
      : 'write the ids of the imported files, and not those that your program numbers by itself';
  return new UserError(`${path}: none of its ${kind} is in the data set ("${id}" is not); ${advice}`);
}
