import os from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes on the Ctrl-C that the terminal has already sent: so close together they are one press. */
const SAME_PRESS_MS = 400;

/** Hears Ctrl-C and its kin in place of dying of them. */
export class Interrupts {
  readonly #onPress: (count: number) => void;
  #count = 0;
  #last = 0;
  #first: NodeJS.Signals | null = null;

  /** `onPress` is told how often the user has asked by now. */
  constructor(onPress: (count: number) => void) {
    this.#onPress = onPress;
    for (const signal of SIGNALS) process.on(signal, this.#hear);
  }

  /** 128 + the number of the signal that came first, as shells do; null where none came. */
  get exitCode(): number | null {
    return this.#first === null ? null : 128 + os.constants.signals[this.#first];
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#hear);
  }

  readonly #hear = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#first !== null && now - this.#last < SAME_PRESS_MS) return;
    this.#first ??= signal;
    this.#last = now;
    this.#onPress(++this.#count);
  };
}
