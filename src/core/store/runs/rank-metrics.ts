/** Metrics that follow from ranks, for runs whose results were stored before the program knew them. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { rankMetricNames, withRankMetrics } from '../../evaluation/metrics.ts';
import { versionOf } from '../../plugins/ids.ts';
import { real } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { Ranks } from './ranks.ts';

const runRow = z.object({ run: z.string() });
const countRow = z.object({ count: z.number() });
const metricRow = z.object({ name: z.string(), value: real });

export class RankMetrics extends StoreTables {
  readonly #ranks: Ranks;

  constructor(connection: Connection, ranks: Ranks) {
    super(connection);
    this.#ranks = ranks;
  }

  /** Call when a home is opened: where the program knows other metrics than the last one, every run with ranks is looked at again. */
  mark(): void {
    if (this.connection.readOnly) return;
    // Those of plug-ins are counted when the plug-in is agreed to.
    const names = rankMetricNames()
      .filter((name) => versionOf(name) === null)
      .join(' ');
    const isKnown = 'SELECT names FROM counted_metrics WHERE names = ?';
    if (this.connection.get(isKnown, names) !== undefined) return;
    this.connection.transaction(() => {
      this.connection.run('DELETE FROM counted_metrics');
      this.connection.insert('counted_metrics', { names });
      this.markAll();
    });
  }

  /** Every run with ranks is to be looked at again. */
  markAll(): void {
    this.connection.run('INSERT OR IGNORE INTO uncounted_runs (run) SELECT DISTINCT run FROM ranks');
  }

  /** Runs that are still to be looked at. */
  get pending(): number {
    if (this.connection.readOnly) return 0;
    return this.connection.first(countRow, 'SELECT count(*) AS count FROM uncounted_runs')?.count ?? 0;
  }

  /** Adds what is missing, run by run, and lets others on in between. */
  async count(signal?: AbortSignal): Promise<void> {
    if (this.connection.readOnly) return;
    for (let run = this.#next(); run !== null && !signal?.aborted; run = this.#next()) {
      this.#count(run);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #next(): string | null {
    return this.connection.first(runRow, 'SELECT run FROM uncounted_runs LIMIT 1')?.run ?? null;
  }

  #count(run: string): void {
    const sql = 'SELECT name, value FROM run_metrics WHERE run = ?';
    const kept = this.connection
      .rows(metricRow, sql, run)
      .map(({ name, value }): [string, number] => [name, value]);
    const known = new Set(kept.map(([name]) => name));
    // The ranks are read before others have to wait.
    const all = this.#all(Object.fromEntries(kept), run);
    this.connection.transaction(() => {
      for (const [name, value] of Object.entries(all))
        if (!known.has(name)) this.connection.insert('run_metrics', { run, name, value });
      this.connection.run('DELETE FROM uncounted_runs WHERE run = ?', run);
    });
  }

  #all(kept: Record<string, number>, run: string): Record<string, number> {
    try {
      return withRankMetrics(kept, this.#ranks.withoutLists(run));
    } catch (error) {
      // Ranks that are damaged give no more than there is, and keep no other run waiting.
      if (error instanceof UserError) return kept;
      throw error;
    }
  }
}
