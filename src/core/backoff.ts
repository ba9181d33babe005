/** The wait when the cause may go away by itself. */
const PASSING_MS = 5_000;
/** The wait when the user has to fix something first, such as a refused key: it doubles each time. */
const ASKS_MS = { first: 15_000, longest: 600_000 };

/** How long to wait before the next try, in milliseconds. */
export class Backoff {
  #asksMs = ASKS_MS.first;

  after(isPassing: boolean): number {
    if (isPassing) return PASSING_MS;
    const ms = this.#asksMs;
    this.#asksMs = Math.min(2 * ms, ASKS_MS.longest);
    return ms;
  }

  /** Call it when a try has worked. */
  reset(): void {
    this.#asksMs = ASKS_MS.first;
  }
}
