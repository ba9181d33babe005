/**
 * How the desktop program ends: open, then closing while the trainers stop with their checkpoints, then closed. Whatever
 * asks for the end again meanwhile waits with the first; whoever starts the program meanwhile gets it after the end.
 */
import { setTimeout as wait } from 'node:timers/promises';

/** Longer than a trainer may take to stop, with time to record its end. */
const MAX_CLOSING_MS = 25_000;

interface Preventable {
  preventDefault(): void;
}

export interface QuittingOptions {
  /** Stops everything that runs. */
  close(): Promise<void>;
  /** Asks the program to end: `beforeQuit` and `windowCloses` follow. */
  quit(): void;
  /** Starts the program again after it has ended. */
  relaunch(): void;
  /** Reports what went wrong while closing. */
  onProblem(error: unknown): void;
  longestMs?: number;
}

export class Quitting {
  readonly #options: QuittingOptions;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #again = false;

  constructor(options: QuittingOptions) {
    this.#options = options;
  }

  /** The program is about to end: it does once everything has stopped. */
  beforeQuit(event: Preventable): void {
    if (this.#state === 'closed') return;
    event.preventDefault();
    this.#begin();
  }

  /** A window is about to close. Where that ends the program, it stays to show what is being stopped. */
  windowCloses(event: Preventable, endsProgram: boolean): void {
    if (this.#state === 'closed' || (this.#state === 'open' && !endsProgram)) return;
    event.preventDefault();
    this.#begin();
  }

  /** Whether nobody has asked for the end. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Whether a window may be opened now; if not, the program starts again after its end. */
  mayOpen(): boolean {
    if (this.isOpen) return true;
    this.#again = true;
    return false;
  }

  #begin(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const { close, quit, relaunch, onProblem, longestMs = MAX_CLOSING_MS } = this.#options;
    Promise.race([close(), wait(longestMs)])
      .catch(onProblem)
      .finally(() => {
        this.#state = 'closed';
        if (this.#again) relaunch();
        quit();
      });
  }
}
