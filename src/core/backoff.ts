/** Between tries of what may pass by itself. */
const PASSING_MS = 5_000;
/** Between tries of what its user has to mend first, such as a key that is refused; each wait is twice the one before. */
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

  /** It has worked. */
  reset(): void {
    this.#asksMs = ASKS_MS.first;
  }
}
