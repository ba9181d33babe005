import { z } from 'zod';
import { BEATEN, NOT_BEATEN, STOPPED_EARLY } from '../../training/standing.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { LogEntry } from '../types.ts';

/** Enough for any sane run, and a bound for one that warns at every step. */
export const LOG_LINES_KEPT = 5_000;
const MESSAGE_LENGTH_KEPT = 10_000;

const logRow = z.object({ time: z.number(), level: z.enum(['info', 'warn', 'error']), message: z.string() });

/** What a run's trainer said, newest lines kept. */
export class Logs extends StoreTables {
  append(run: string, entries: LogEntry[]): void {
    if (entries.length === 0) return;
    this.connection.transaction(() => {
      for (const { time, level, message } of entries.slice(-LOG_LINES_KEPT)) {
        const kept = message.slice(0, MESSAGE_LENGTH_KEPT);
        this.connection.insert('logs', { run, time, level, message: kept });
      }
      this.connection.run(
        `DELETE FROM logs WHERE run = @run AND id <=
           (SELECT id FROM logs WHERE run = @run ORDER BY id DESC LIMIT 1 OFFSET @kept)`,
        { run, kept: LOG_LINES_KEPT },
      );
    });
  }

  /** Whether a line that is kept begins so. */
  hasSaid(run: string, beginning: string): boolean {
    return this.#said(run, beginning) !== null;
  }

  /** That the run does not beat Popularity, in the words of its trainer; null where it does, or the trainer has said nothing. */
  standing(run: string): string | null {
    return this.hasSaid(run, BEATEN) ? null : this.#said(run, NOT_BEATEN);
  }

  /** Why its training ended before its last epoch, in the words of its trainer; null where it did not. */
  earlyEnd(run: string): string | null {
    return this.#said(run, STOPPED_EARLY);
  }

  #said(run: string, beginning: string): string | null {
    const begins = 'substr(message, 1, length(@beginning)) = @beginning';
    const sql = `SELECT time, level, message FROM logs WHERE run = @run AND ${begins} LIMIT 1`;
    return this.connection.rows(logRow, sql, { run, beginning })[0]?.message ?? null;
  }

  /** The newest lines, oldest of them first. */
  list(run: string, most = LOG_LINES_KEPT): LogEntry[] {
    const newest = 'SELECT * FROM logs WHERE run = @run ORDER BY id DESC LIMIT @most';
    const sql = `SELECT time, level, message FROM (${newest}) ORDER BY id`;
    return this.connection.rows(logRow, sql, { run, most });
  }
}
