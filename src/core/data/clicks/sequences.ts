import type { ClickData } from './open.ts';
import { rowsOfUsers, TRAIN } from './split.ts';

/** Rows of one user in order of time, as a model reads them together. Arrays are aligned. */
export interface RowSequence {
  /** Dense user, -1 where unknown. */
  user: number;
  /** Numbers of rows of the table. */
  rows: Int32Array;
  /** 1 for rows whose labels later ones may see, 0 for rows that only predict. */
  interactions: Uint8Array;
  /** Interactions of the sequence before the row. */
  positions: Int32Array;
  /** Of rows whose prediction is wanted their place among the requested ones, else -1; when training, 0 for those learnt from. */
  requested: Int32Array;
}

/** Rows that are predicted from one history. The arrays after `history` are aligned. */
export interface HistoryCandidates {
  /** Numbers of the rows before them, in order of time. */
  history: Int32Array;
  /** Numbers of the predicted rows. */
  rows: Int32Array;
  /** How many rows of the history each one sees: those before it. */
  positions: Int32Array;
  /** Their places among the requested ones. */
  requested: Int32Array;
}

/** A row of a group (`ClickTable.groupSize`), and how many interactions of its user come before it. */
interface Candidate {
  row: number;
  before: number;
  requested: number;
}

/**
 * Rows of a table as sequences of their users. A row is predicted from the at most `history` known rows of its user before
 * it, whatever else is in its sequence; when it is trained on, from at least half as many where there are so many.
 */
export class UserSequences {
  readonly #data: Pick<ClickData, 'table' | 'parts' | 'known'>;
  readonly #history: number;
  readonly #size: number;
  /** First rows of the groups of each user, in order of time; a row without a user is alone. */
  readonly #users: readonly (readonly number[])[];
  /** Of each group its user's index, and the known rows before it. */
  readonly #owner: Int32Array;
  readonly #before: Int32Array;
  /** Known rows of each user. */
  readonly #known: readonly Int32Array[];

  constructor(data: Pick<ClickData, 'table' | 'parts' | 'known'>, history: number) {
    this.#data = data;
    this.#history = history;
    const { rows, users, groupSize } = data.table;
    this.#size = groupSize;
    const owned = rowsOfUsers(data.table);
    for (let row = 0; row < rows; row += groupSize) if (!users || users[row] < 0) owned.push([row]);
    this.#users = owned;
    this.#owner = new Int32Array(rows / groupSize);
    this.#before = new Int32Array(rows / groupSize);
    this.#known = owned.map((userRows, user) => {
      const known: number[] = [];
      for (const row of userRows) {
        this.#owner[row / groupSize] = user;
        this.#before[row / groupSize] = known.length;
        if (data.known[row]) known.push(row);
      }
      return Int32Array.from(known);
    });
  }

  /** Groups of rows that a sequence of training covers: a full history and what comes after it. */
  get #window(): number {
    return this.#history + 1;
  }

  /**
   * Every training row is learnt from once. Where a user has more than a window, windows overlap by half, and a row is
   * learnt from in the first window (from the last one back) in whose later half it is.
   */
  training(): RowSequence[] {
    const { parts } = this.#data;
    const trains = (first: number) => parts.subarray(first, first + this.#size).includes(TRAIN);
    return this.#users.flatMap((ofUser) => {
      const groups = ofUser.filter(trains);
      const sequences: RowSequence[] = [];
      const stride = Math.ceil(this.#window / 2);
      let end = groups.length;
      for (; end > this.#window; end -= stride) {
        const from = end - this.#window;
        sequences.push(this.#trainingSequence(groups.slice(from, end), this.#window - stride));
      }
      if (end > 0) sequences.push(this.#trainingSequence(groups.slice(0, end), 0));
      return sequences;
    });
  }

  /** `learnt`: index of the first group that is learnt from. */
  #trainingSequence(groups: readonly number[], learnt: number): RowSequence {
    const { parts } = this.#data;
    const known: number[] = [];
    const candidates: Candidate[] = [];
    let context = 0;
    groups.forEach((first, at) => {
      for (let row = first + 1; at >= learnt && row < first + this.#size; row++) {
        if (parts[row] === TRAIN) candidates.push({ row, before: known.length, requested: 0 });
      }
      if (parts[first] !== TRAIN) return;
      known.push(first);
      if (at < learnt) context++;
    });
    return this.#merged(known, candidates, (at) => (at < context ? -1 : 0));
  }

  /** Every one of the rows as a candidate behind its history. Candidates of one user share a history where it is not too long for that. */
  predicting(rows: Int32Array): HistoryCandidates[] {
    const candidates = Array.from(rows, (row, requested): Candidate => {
      return { row, before: this.#before[Math.floor(row / this.#size)], requested };
    });
    const shared = Map.groupBy(candidates, ({ row, before }) => {
      const owner = this.#owner[Math.floor(row / this.#size)];
      return before <= this.#history ? `${owner}` : `${owner} ${before}`;
    });
    return Array.from(shared.values(), (all) => this.#behindHistory(all));
  }

  #behindHistory(candidates: readonly Candidate[]): HistoryCandidates {
    const last = Math.max(...candidates.map(({ before }) => before));
    const known = this.#known[this.#owner[Math.floor(candidates[0].row / this.#size)]];
    const from = Math.max(0, last - this.#history);
    return {
      history: known.slice(from, last),
      rows: Int32Array.from(candidates, ({ row }) => row),
      positions: Int32Array.from(candidates, ({ before }) => before - from),
      requested: Int32Array.from(candidates, ({ requested }) => requested),
    };
  }

  /** Known rows with the candidates between them; `requested` is of the known rows, by their place among them. */
  #merged(
    known: ArrayLike<number>,
    candidates: readonly Candidate[],
    requested: (at: number) => number,
  ): RowSequence {
    const length = known.length + candidates.length;
    const sequence = {
      rows: new Int32Array(length),
      interactions: new Uint8Array(length),
      positions: new Int32Array(length),
      requested: new Int32Array(length),
    };
    let place = 0;
    const put = (row: number, interaction: number, position: number, wanted: number) => {
      sequence.rows[place] = row;
      sequence.interactions[place] = interaction;
      sequence.positions[place] = position;
      sequence.requested[place++] = wanted;
    };
    let next = 0;
    for (let at = 0; at <= known.length; at++) {
      for (; next < candidates.length && candidates[next].before === at; next++) {
        put(candidates[next].row, 0, at, candidates[next].requested);
      }
      if (at < known.length) put(known[at], 1, at, requested(at));
    }
    const { users } = this.#data.table;
    return { user: users?.[sequence.rows[0]] ?? -1, ...sequence };
  }
}
