import type { ActionName } from '../actions.ts';
import type { Duck } from '../duck.ts';
import type { RowColumn } from '../import/row-columns.ts';
import type { Staging } from '../import/staging.ts';
import type { BadRows } from './bad-rows.ts';

export interface IngestedInteractions extends BadRows {
  kind: 'interactions';
  hasRating: boolean;
  hasTime: boolean;
  /** Whether the times are whole seconds in 32 bits without sign; they are doubles otherwise. */
  wholeSeconds: boolean;
  /** Recorded as bits in the column a; no such column where there are none. */
  actions: readonly ActionName[];
  /** What describes an interaction, by columns f0, f1 … */
  events: readonly RowColumn[];
}

export interface IngestedClicks extends BadRows {
  kind: 'clicks';
  columns: RowColumn[];
}

/** What is known of the rows that were read. */
export type IngestedRows = IngestedInteractions | IngestedClicks;

export interface IngestContext {
  duck: Duck;
  staging: Staging;
  signal?: AbortSignal;
  /** Of all files, 0..1. */
  onFraction: (fraction: number) => void;
}

/** Makes two tables (id, n) of the users and the items of a relation. */
export async function countIds(duck: Duck, from: string, users: string, items: string): Promise<void> {
  await duck.run(`CREATE TABLE ${users} AS SELECT u AS id, count(*)::INTEGER AS n FROM ${from} GROUP BY u`);
  await duck.run(`CREATE TABLE ${items} AS SELECT i AS id, count(*)::INTEGER AS n FROM ${from} GROUP BY i`);
}

/** Rows of a table or view. */
export async function count(duck: Duck, table: string): Promise<number> {
  return Number((await duck.row<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`)).n);
}
