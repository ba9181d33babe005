/** What keeps a home in order while a hub has it open: backups, files that are behind, old trash and what earlier sessions left. */
import type { AnalystClient } from '../../core/api/analyst.ts';
import { messageOf } from '../../core/errors.ts';
import { logOften } from '../../core/files/program-log.ts';
import { writeFiles } from '../../core/store/files/write-files.ts';
import type { Store } from '../../core/store/store.ts';
import { removeLeftovers } from '../services/runs/leftovers.ts';
import { Backups } from './backups.ts';
import type { News } from './news.ts';
import { removeOldUploads } from './uploads.ts';

/** How long dropped files that were never imported are kept; the trash is counted in days too. */
const DAY_MS = 24 * 3_600_000;
/** When files of the home are tried again that could not be written. */
const WRITE_AGAIN_MS = 60_000;

export class Upkeep {
  readonly #store: Store;
  readonly #analyst: AnalystClient;
  readonly #news: News;
  readonly #backups: Backups;
  readonly #closing = new AbortController();
  #daily: NodeJS.Timeout | undefined;
  #isWriting = false;
  #writesAfter = 0;

  constructor(store: Store, analyst: AnalystClient, news: News) {
    this.#store = store;
    this.#analyst = analyst;
    this.#news = news;
    this.#backups = new Backups(
      () => analyst.internal.backUp({ now: false }),
      (problem) => news.notify('error', 'The database needs care', problem, null, 'store'),
    );
  }

  /** `uploads` is the folder of dropped files. */
  start(uploads: string): void {
    this.#backups.start();
    this.#inBackground('Leftovers could not be removed', () =>
      removeLeftovers(this.#store, this.#closing.signal),
    );
    // Only now: later a form or an import may still need them.
    this.#inBackground('Dropped files could not be removed', () =>
      removeOldUploads(uploads, Date.now() - DAY_MS),
    );
    this.#purgeTrash();
    this.#daily = setInterval(() => this.#purgeTrash(), DAY_MS).unref();
  }

  stop(): void {
    this.#closing.abort();
    clearInterval(this.#daily);
    this.#backups.stop();
  }

  /** What is small is written here, a little at a time; what may be large by the analyst, which also counts what runs lack. */
  async writeFiles(): Promise<void> {
    if (this.#isWriting || this.#closing.signal.aborted || Date.now() < this.#writesAfter) return;
    this.#isWriting = true;
    try {
      await writeFiles(this.#store, { within: 0, kept: false });
      if (this.#store.unwritten.next(['kept'], 0, 1).length > 0) await this.#analyst.internal.writeFiles();
      if (this.#store.rankMetrics.pending > 0) await this.#analyst.internal.countMetrics();
    } catch (error) {
      // It stays marked, and is tried again: on a full disk not every second.
      logOften('store', `files of the home could not be written: ${messageOf(error)}`);
      this.#writesAfter = Date.now() + WRITE_AGAIN_MS;
    } finally {
      this.#isWriting = false;
    }
  }

  /** At the start and daily, as a hub may run for weeks. */
  #purgeTrash(): void {
    this.#inBackground('The trash could not be emptied', async () => {
      // What is in it is kept for a day less from now on.
      const { isEmpty } = this.#store.trash;
      await this.#store.trash.purgeOld(Date.now(), this.#closing.signal);
      if (!isEmpty && !this.#closing.signal.aborted) this.#news.changed('trash');
    });
  }

  /** Does work that no call waits for; what goes wrong becomes a notice. */
  #inBackground(problem: string, work: () => Promise<void>): void {
    work().catch((error) => {
      if (!this.#closing.signal.aborted) this.#news.failed(problem, error, 'store');
    });
  }
}
