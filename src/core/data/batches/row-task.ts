import type { Random } from '../../math/random.ts';

/** A training row as a task finds it, and as it leaves it. */
export interface TaskRow {
  /** Its interactions, item + 1 each, oldest first, without padding; 0 where a special token stands. */
  ids: Int32Array;
  /** 1 + the number of the special token at each position, else 0. */
  special: Int32Array;
}

/** What training rows are asked to predict, where that is not the next item at every position. */
export interface RowTask {
  /** Positions of a row after the interactions before its last target, in training and in scoring: 1 where that place is its own. */
  readonly added: 0 | 1;
  /** The most questions of a row with this many positions. */
  questions(length: number): number;
  /** Prepares a row, and returns the positions whose items are to be predicted. `random` is the row's own, another one every epoch. */
  ask(row: TaskRow, random: Random): ArrayLike<number>;
}

/** What a task asks the rows of one micro-batch. */
export class Questions {
  /** Of a row. */
  readonly most: number;
  readonly arrays: { special: Int32Array; asked: Int32Array };
  readonly #task: RowTask;
  readonly #length: number;

  constructor(task: RowTask, { rows, length }: { rows: number; length: number }) {
    this.#task = task;
    this.#length = length;
    this.most = task.questions(length);
    this.arrays = { special: new Int32Array(rows * length), asked: new Int32Array(rows * this.most) };
  }

  /** Asks a row of n positions, whose ids it may change, and returns the positions of the row that it asks for. */
  ask(row: number, ids: Int32Array, n: number, random: Random): ArrayLike<number> {
    const { special, asked } = this.arrays;
    const start = row * this.#length;
    const [ownIds, ownSpecial] = [ids, special].map((all) => all.subarray(start, start + n));
    const positions = this.#task.ask({ ids: ownIds, special: ownSpecial }, random);
    for (let i = 0; i < positions.length; i++) asked[row * this.most + i] = start + positions[i];
    return positions;
  }
}
