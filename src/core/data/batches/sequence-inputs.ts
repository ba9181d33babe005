import { UserError } from '../../errors.ts';
import type { Interactions } from '../types.ts';

/** What a sequence model reads of a history besides the items. */
export interface SequenceColumns {
  /**
   * The time each position knows. "seen": of the interaction to predict, the request time of the HSTU and FuXi-alpha
   * papers; "hidden": of the position's own interaction. Left out: the model reads no times.
   */
  times?: 'seen' | 'hidden';
  /** The rating of each interaction. */
  ratings?: boolean;
  /** What the user did in each interaction, as bits. */
  actions?: boolean;
  /** Whose history it is. */
  users?: boolean;
}

/** Levels of ratings: half steps up to 10, and 0 for padding; what lies outside counts as the nearest. */
export const RATING_LEVELS = 21;

const MOST_SECONDS = 2 ** 31 - 1;

/**
 * Host inputs of histories, one a row: `ids` int32 [rows, length] (item + 1, oldest first, padded on the right with
 * 0) and `lengths` int32 [rows] (1 for empty rows). With times also `times` and `queryTimes` int32 [rows, length]:
 * seconds since the history's first interaction, of each interaction and as each position knows them. With ratings also
 * `ratings` int32 [rows, length], levels below RATING_LEVELS; with actions also `actions` int32 [rows, length], bits as in
 * ACTIONS; with users also `users` int32 [rows], 0 for empty rows.
 */
export class SequenceInputs {
  readonly arrays: Record<string, Int32Array>;
  readonly #length: number;
  readonly #columns: SequenceColumns;

  constructor(rows: number, length: number, columns: SequenceColumns) {
    this.#length = length;
    this.#columns = columns;
    const cells = () => new Int32Array(rows * length);
    this.arrays = { ids: cells(), lengths: new Int32Array(rows).fill(1) };
    if (columns.times) Object.assign(this.arrays, { times: cells(), queryTimes: cells() });
    if (columns.ratings) this.arrays.ratings = cells();
    if (columns.actions) this.arrays.actions = cells();
    if (columns.users) this.arrays.users = new Int32Array(rows);
  }

  /**
   * Writes the user's n interactions before index `end` into a row. Where times are seen, the last position knows the
   * time of the interaction at `end`, or of the user's last one where nothing follows.
   * @throws UserError where ratings or actions are read and the data set has none
   */
  write(row: number, data: Interactions, user: number, end: number, n: number): void {
    const { ids, lengths } = this.arrays;
    const at = row * this.#length;
    const start = end - n;
    for (let i = 0; i < n; i++) ids[at + i] = data.itemIds[start + i] + 1;
    lengths[row] = n;
    if (this.#columns.users) this.arrays.users[row] = user;
    if (this.#columns.ratings) this.#writeRatings(at, data.ratings, start, n);
    if (this.#columns.actions) this.#writeActions(at, data.actions, start, end);
    if (this.#columns.times && data.times && n > 0) {
      const own = data.times.subarray(start, Math.min(end + 1, data.offsets[user + 1]));
      this.#writeTimes(at, own, n);
    }
  }

  #writeRatings(at: number, ratings: Float32Array | null, start: number, n: number): void {
    if (!ratings) {
      throw new UserError(
        'the data set has no ratings for actions=rating; set actions=none, or import ratings',
      );
    }
    for (let i = 0; i < n; i++) {
      this.arrays.ratings[at + i] = Math.max(
        1,
        Math.min(RATING_LEVELS - 1, Math.round(2 * ratings[start + i])),
      );
    }
  }

  #writeActions(at: number, actions: Int32Array | null | undefined, start: number, end: number): void {
    if (!actions) {
      throw new UserError(
        'the data set has no feedback for actions=feedback; set actions=none, or import columns such as is_click',
      );
    }
    this.arrays.actions.set(actions.subarray(start, end), at);
  }

  /** own: the times of the n interactions, and of the one after them where there is one. */
  #writeTimes(at: number, own: Float64Array, n: number): void {
    const { times, queryTimes } = this.arrays;
    const ahead = this.#columns.times === 'seen' ? 1 : 0;
    const since = (index: number) => {
      const seconds = Math.round(own[Math.min(index, own.length - 1)] - own[0]);
      return Math.max(-MOST_SECONDS, Math.min(MOST_SECONDS, seconds));
    };
    for (let i = 0; i < n; i++) {
      times[at + i] = since(i);
      queryTimes[at + i] = since(i + ahead);
    }
  }
}
