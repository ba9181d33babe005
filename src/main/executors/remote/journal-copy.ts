import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type JournalPart, readToEnd } from '../../../core/training/journal.ts';

/** The journal of a training on another machine, as far as it is here: a file beside what that training made. */
export class JournalCopy {
  readonly #path: string;
  readonly #onPart: (part: JournalPart) => void;
  /** How much of it is copied, and how much of that is whole lines that are read. */
  #copied: number;
  #read: number;

  constructor(path: string, offset: number, onPart: (part: JournalPart) => void) {
    this.#path = path;
    this.#copied = offset;
    this.#read = offset;
    this.#onPart = onPart;
  }

  /** Where the next part begins, in bytes. */
  get offset(): number {
    return this.#copied;
  }

  /** Its trainer has been started again, and has cut a line that an earlier one did not get to the end of. */
  again(): void {
    this.#copied = this.#read;
  }

  /**
   * What it has there from an offset on. `whole`: how long it is there. Returns whether that was the last of it. A half line at its
   * end is asked for anew: a trainer that is started again cuts it at some time.
   */
  add(bytes: Buffer, offset: number, whole: number): boolean {
    if (whole < this.#copied) this.again();
    // What was asked before it was started again is asked anew.
    if (offset !== this.#copied) return false;
    if (bytes.length > 0) this.#write(bytes);
    const isAll = this.#copied >= whole;
    if (isAll) this.again();
    return isAll;
  }

  #write(bytes: Buffer): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    closeSync(openSync(this.#path, 'a', 0o600));
    const copy = openSync(this.#path, 'r+');
    try {
      // At the place where they are there: another program may copy the same. A disk that is nearly full takes a part.
      for (let done = 0; done < bytes.length; )
        done += writeSync(copy, bytes, done, bytes.length - done, this.#copied + done);
      ftruncateSync(copy, this.#copied + bytes.length);
    } finally {
      closeSync(copy);
    }
    this.#copied += bytes.length;
    this.readOn();
  }

  /** Hands on what is here: at first, what an earlier host has copied. */
  readOn(): void {
    for (const part of readToEnd(this.#path, this.#read)) {
      this.#read = part.offset;
      this.#onPart(part);
    }
    this.#copied = Math.max(this.#copied, this.#read);
  }
}
