/** Tables of a query that are no tables of the database: what its columns of bytes hold, and published numbers. */
import type Database from 'better-sqlite3';
import { WHOLE } from '../../evaluation/types.ts';
import { decodePoints } from '../runs/chunks.ts';

/** Numbers of 32 bits in a column of bytes. */
function integersOf(blob: unknown): Int32Array {
  return blob instanceof Uint8Array ? new Int32Array(blob.slice().buffer) : new Int32Array();
}

/** Source, venue, data set, model, metric, value, split, protocol, link. */
export type PublishedRows = () => Iterable<(string | number | null)[]>;

/** NULL stands for what is not a number. */
const real = (value: number) => (Number.isNaN(value) ? null : value);

/** `published`: rows of published numbers, which the store does not know; asked for where a query reads them. */
export function addTables(database: Database.Database, published: PublishedRows = () => []): void {
  database.table('rank_rows', {
    columns: ['user', 'target', 'rank', 'known', 'history'],
    parameters: ['users', 'targets', 'ranks', 'histories', 'lengths', 'longest'],
    *rows(...columns: unknown[]) {
      const [users, targets, ranks, histories, lengths] = columns.slice(0, 5).map(integersOf);
      // No row fits an argument that is NULL.
      const longest = Number(columns[5]) < 0 ? WHOLE : Number(columns[5]);
      for (const [at, user] of users.entries()) {
        const known = lengths[at] ?? longest;
        yield [user, targets[at], ranks[at], known === WHOLE ? null : known, histories[at]];
      }
    },
  });
  database.table('point_rows', {
    columns: ['step', 'epoch', 'time', 'value'],
    parameters: ['points'],
    *rows(points: unknown) {
      const { steps, epochs, times, values } = decodePoints(points as Uint8Array);
      for (const [at, step] of steps.entries())
        yield [BigInt(step), real(epochs[at]), real(times[at]), real(values[at])];
    },
  });
  database.table('published_rows', {
    columns: ['source', 'venue', 'dataset', 'model', 'metric', 'value', 'split', 'protocol', 'link'],
    *rows() {
      yield* published();
    },
  });
}
