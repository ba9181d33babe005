import os from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm forwards the Ctrl-C that the terminal has already sent: signals this close together count as one press. */
const DOUBLE_PRESS_MS = 400;

/** Handles Ctrl-C and similar signals instead of exiting. */
export class Interrupts {
  readonly #onPress: (count: number, signal: NodeJS.Signals) => void;
  #count = 0;
  #last = 0;
  #first: NodeJS.Signals | null = null;

  /** `onPress` receives the number of presses so far, and what was pressed. */
  constructor(onPress: (count: number, signal: NodeJS.Signals) => void) {
    this.#onPress = onPress;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** 128 + the number of the first signal; null if there was none. */
  get exitCode(): number | null {
    return this.#first === null ? null : 128 + os.constants.signals[this.#first];
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#first !== null && now - this.#last < DOUBLE_PRESS_MS) return;
    this.#first ??= signal;
    this.#last = now;
    this.#onPress(++this.#count, signal);
  };
}
