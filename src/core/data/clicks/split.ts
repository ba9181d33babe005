import { UserError } from '../../errors.ts';
import { Random } from '../../math/random.ts';
import { timeCuts } from '../splits/time-cuts.ts';
import type { ClickTable } from './types.ts';

export const TRAIN = 0;
export const VALID = 1;
export const TEST = 2;
/** For rows in no part. */
export const UNUSED = 3;

/** The rows of a part, ascending. */
export function rowsOfPart(parts: Uint8Array, part: number): Int32Array {
  const rows = new Int32Array(parts.reduce((sum, rowPart) => sum + (rowPart === part ? 1 : 0), 0));
  let count = 0;
  parts.forEach((rowPart, row) => {
    if (rowPart === part) rows[count++] = row;
  });
  return rows;
}

export interface ClickSplit {
  kind: 'random' | 'time' | 'last' | 'day-parts';
  /** Shares of the rows (random, time). */
  valid: number;
  test: number;
  seed: number;
  /** Share of the items whose rows are taken out of training and validation. */
  hiddenItems: number;
}

/** DLRM's released code cuts Criteo's week of clicks into seven parts, in file order, and trains on six. */
const DAYS = 7;
const TRAINING_DAYS = 6;

/**
 * The part of every row, [rows].
 *
 * random: a seeded shuffle of the rows (of the groups, where sampled negatives stand behind their positive).
 * time: the last rows in time are the test, those before them the validation; equal times stay in one part.
 * last: the last row of each user tests and the one before it validates, as in leave-last-out; users with fewer than
 * three rows, and rows without a user, only train. Rows of a user are in order of time, equal times in that of the file.
 * day-parts: seven equal parts in file order; six are for training, the first half of the last tests, the second validates.
 * @throws UserError where times or users are missing, or a part would be empty
 */
export function splitRows(table: ClickTable, split: ClickSplit): Uint8Array {
  const parts = new Uint8Array(table.rows);
  if (split.kind === 'time') splitByTime(table, split, parts);
  else if (split.kind === 'last') splitLastOut(table, parts);
  else if (split.kind === 'day-parts') splitByDay(parts);
  else splitAtRandom(table, split, parts);
  if (split.hiddenItems > 0) hideItems(table, split, parts);
  for (const [part, name] of [
    [TRAIN, 'training'],
    [VALID, 'validation'],
    [TEST, 'test'],
  ] as const) {
    if (!parts.includes(part)) {
      throw new UserError(
        `the split leaves no row for ${name}: ${table.rows} rows; change split, validShare or testShare`,
      );
    }
  }
  return parts;
}

function splitAtRandom(
  { rows, groupSize }: ClickTable,
  { valid, test, seed }: ClickSplit,
  parts: Uint8Array,
) {
  const groups = Math.ceil(rows / groupSize);
  const order = new Random(seed, 0, 'split').order(groups);
  const tests = Math.round(groups * test);
  const held = tests + Math.round(groups * valid);
  order.forEach((group, at) => {
    parts.fill(at < tests ? TEST : at < held ? VALID : TRAIN, group * groupSize, (group + 1) * groupSize);
  });
}

function splitByTime({ times, rows }: ClickTable, { valid, test }: ClickSplit, parts: Uint8Array) {
  if (!times) throw new UserError('the data set has no times for split=time; set split=random or day-parts');
  const { validFrom, testFrom } = timeCuts(times, { valid, test });
  for (let row = 0; row < rows; row++) {
    parts[row] = times[row] >= testFrom ? TEST : times[row] >= validFrom ? VALID : TRAIN;
  }
}

function splitLastOut({ rows, users, times, groupSize }: ClickTable, parts: Uint8Array): void {
  if (!users) throw new UserError('the data set has no user column for split=last; set split=random or time');
  for (const userRows of rowsOfUsers({ rows, users, times, groupSize })) {
    if (userRows.length < 3) continue;
    const [valid, test] = userRows.slice(-2);
    parts.fill(VALID, valid, valid + groupSize).fill(TEST, test, test + groupSize);
  }
}

/**
 * For each user the groups of rows, each named by its first row, in order of time; rows of equal time, or without times, in
 * the file's order. Rows without a user are left out.
 */
export function rowsOfUsers({
  rows,
  users,
  times,
  groupSize,
}: Pick<ClickTable, 'rows' | 'users' | 'times' | 'groupSize'>): number[][] {
  const owned = new Map<number, number[]>();
  for (let row = 0; users && row < rows; row += groupSize) {
    if (users[row] < 0) continue;
    const userRows = owned.get(users[row]);
    if (userRows) userRows.push(row);
    else owned.set(users[row], [row]);
  }
  if (times) for (const userRows of owned.values()) userRows.sort((a, b) => times[a] - times[b] || a - b);
  return [...owned.values()];
}

function splitByDay(parts: Uint8Array): void {
  const train = Math.floor((parts.length * TRAINING_DAYS) / DAYS);
  const test = train + Math.ceil((parts.length - train) / 2);
  parts.fill(TEST, train, test).fill(VALID, test);
}

/** Items hidden from training, by their dense ids. */
export function hiddenItems(itemCount: number, { hiddenItems: share, seed }: ClickSplit): Uint8Array {
  const hidden = new Uint8Array(itemCount);
  const order = new Random(seed, 0, 'hidden-items').order(itemCount);
  for (const item of order.subarray(0, Math.round(itemCount * share))) hidden[item] = 1;
  return hidden;
}

function hideItems({ items, itemCount }: ClickTable, split: ClickSplit, parts: Uint8Array): void {
  if (!items) throw new UserError('the data set has no item column for hiddenItems; set hiddenItems=0');
  const hidden = hiddenItems(itemCount, split);
  for (let row = 0; row < parts.length; row++) {
    if (parts[row] !== TEST && items[row] >= 0 && hidden[items[row]] === 1) parts[row] = UNUSED;
  }
}
