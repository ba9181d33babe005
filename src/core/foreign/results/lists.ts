/** Lists of recommendations as every reader gives them. */
import type { ResultColumns } from './columns.ts';

/** The list of a user, no item twice. */
export interface UserList {
  /** Dense ids; -1 for one that the data set does not have. */
  items: Int32Array;
  /** Of each item, the largest best; equal ones are ties. Of a list without numbers they fall by one from place to place. */
  scores: Float64Array;
}

export interface ResultLists {
  /** Dense ids, ascending, of those who have a list. */
  users: Int32Array;
  /** The list of the user at a place of `users`; one in which nobody looks for an order is in any. */
  list(at: number): UserList;
}

/** How many of the users behind a count are told. */
export const FIRST_USERS = 20;

/** The first users behind each count that is one of users, or stands for some: their ids. */
export type UsersBehind = Partial<
  Record<
    | 'unknownUsers'
    | 'unknownItems'
    | 'doubledRows'
    | 'disagreeing'
    | 'withList'
    | 'withoutList'
    | 'untested'
    | 'shorter'
    | 'withHistory'
    | 'missed',
    string[]
  >
>;

/** What a file holds besides. */
export interface ReadFacts {
  /** "csv", "trec", … */
  format: string;
  columns: ResultColumns;
  rows: number;
  /** Users of the file whom the data set does not have; their rows are left out. */
  unknownUsers: number;
  /** Items of the file that the data set does not have; they keep their places. */
  unknownItems: number;
  /** Rows of an item that is better placed in the same list; they are left out. */
  doubledRows: number;
  /** Rows that cannot be read, where their user leaves them out. */
  unreadRows?: number;
  /** Users whose ranks disagree with the scores beside them, which count. */
  disagreeing?: number;
}
