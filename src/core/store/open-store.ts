import { resolve } from 'node:path';
import { isFull } from './db/connection.ts';
import { openConnection } from './db/open.ts';
import { takeInForeignRuns } from './others/foreign-runs.ts';
import { settleLostRuns } from './runs/lost-runs.ts';
import { Store } from './store.ts';

/**
 * Opens the store of a home, creating it where there is none, takes in the runs that other programs have begun there, and ends
 * those whose processes have ended; `onSettled` gets their ids. Throws UserError where the database cannot be used; the message
 * says why.
 */
export function openStore(home: string, onSettled?: (runs: string[]) => void): Store {
  const folder = resolve(home);
  const store = new Store(folder, openConnection(folder));
  try {
    store.rankMetrics.mark();
    takeInForeignRuns(store);
    const settled = settleLostRuns(store);
    onSettled?.(settled);
  } catch (error) {
    // Lists open all the same, and deleting makes room.
    if (!isFull(error)) throw error;
  }
  return store;
}
