import { messageOf } from '../../core/errors.ts';

/** After the start, when the window has what it needs. */
const FIRST_BACKUP_MS = 30_000;
const BACKUP_INTERVAL_MS = 24 * 3_600_000;

/** Has the database checked and backed up, a while after the start and once a day. */
export class Backups {
  readonly #make: () => Promise<void>;
  readonly #onProblem: (problem: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `make` checks and backs up where one is due, outside of this process; it rejects where the database is damaged. */
  constructor(make: () => Promise<void>, onProblem: (problem: string) => void) {
    this.#make = make;
    this.#onProblem = onProblem;
  }

  start(after = FIRST_BACKUP_MS): void {
    this.#timer = setTimeout(() => {
      this.#make().catch((error: unknown) => {
        if (this.#timer !== undefined) this.#onProblem(messageOf(error, 'window'));
      });
      this.start(BACKUP_INTERVAL_MS);
    }, after).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
