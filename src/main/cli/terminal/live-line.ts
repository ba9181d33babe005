import type { WriteStream } from 'node:tty';

const INTERVAL_MS = 80;

/** One line of a terminal, rewritten in place. */
export class LiveLine {
  readonly #stream: WriteStream;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;
  #text: ((width: number) => string) | null = null;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Shows a text made for the terminal's width. Of several calls in quick succession only the last is drawn. */
  show(text: (width: number) => string): void {
    this.#text = text;
    this.#timer ??= setTimeout(() => this.#draw(), INTERVAL_MS);
  }

  /** Clears the line, so that permanent text can follow. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#text = null;
    if (this.#shown) this.#stream.write('\r\u001b[K');
    this.#shown = false;
  }

  #draw(): void {
    this.#timer = undefined;
    // One column is left free: a full line would wrap on some terminals.
    const text = this.#text?.((this.#stream.columns || 80) - 1);
    if (text === undefined) return;
    // The rest of the old text is erased in the same write, so that nothing flickers.
    this.#stream.write(`\r${text}\u001b[K`);
    this.#shown = true;
  }
}
