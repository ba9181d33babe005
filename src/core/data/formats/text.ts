/** Reading delimited text in JavaScript: for the sniffer's sample, for bad rows, and to count records independently of DuckDB. */

export interface Dialect {
  separator: string;
  /** Whether "…" protects separators and line ends; then the separator is one character. */
  quoted: boolean;
}

/** The fields of one record. A doubled quote inside quotes is one quote. */
export function splitFields(record: string, { separator, quoted }: Dialect): string[] {
  if (!quoted) return record.split(separator);
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length) {
    let field = '';
    if (record[at] === '"') {
      at++;
      while (at < record.length && !(record[at] === '"' && record[at + 1] !== '"')) {
        if (record[at] === '"') at++;
        field += record[at++];
      }
      at++;
    }
    const end = record.indexOf(separator, at);
    fields.push(field + record.slice(at, end < 0 ? undefined : end));
    if (end < 0) break;
    at = end + separator.length;
  }
  return fields;
}

/** Why a record cannot be cut into fields: text after a closing quote or a quote that is not closed; or its length. */
export type Flaw = 'quote' | 'long';

/** One record, which lies in `bytes` from `start` to `end`; those are only valid during the call. */
export interface TextRecord {
  bytes: Buffer;
  start: number;
  end: number;
  /** 1-based line of its first byte. */
  line: number;
  flaw: Flaw | null;
}

interface SplitterOptions {
  /** Whether \n alone ends a record, and not \r. */
  feedOnly?: boolean;
  /** Bytes of the longest record that is no flaw. */
  longest?: number;
}

const QUOTE = 0x22;
const FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

// Where in a record the splitter is.
const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
const AFTER_QUOTE = 3;
/** In what is left of a record that is given already. */
const SKIPPED = 4;

/**
 * Cuts UTF-8 text into records, one pushed chunk after the other, as DuckDB's CSV reader does: a quote opens only at the
 * start of a field, and line ends inside quotes belong to the record. Empty lines are no records. A flawed quote costs
 * one line and no more: reading goes on in the next one. Time is linear, and memory bounded by the longest record.
 */
export class RecordSplitter {
  readonly #separator: Buffer;
  readonly #quoted: boolean;
  readonly #feedOnly: boolean;
  readonly #longest: number;
  readonly #emit: (record: TextRecord) => void;
  readonly #record: TextRecord = { bytes: Buffer.alloc(0), start: 0, end: 0, line: 1, flaw: null };
  /** 1 for bytes that can mean something, by byte. */
  readonly #special = new Uint8Array(256);
  #state = FIELD_START;
  #at = 0;
  /** Lines that began inside the record, and where the first of them begins, or -1. */
  #innerLines = 0;
  #secondLine = -1;
  #begun = false;
  /** Whether the text began with a byte order mark, which belongs to no record. */
  marked = false;

  constructor(dialect: Dialect, emit: (record: TextRecord) => void, options: SplitterOptions = {}) {
    this.#separator = Buffer.from(dialect.separator);
    this.#quoted = dialect.quoted;
    this.#feedOnly = options.feedOnly ?? false;
    this.#longest = options.longest ?? 2 ** 30;
    this.#emit = emit;
    const special = this.#quoted ? [FEED, RETURN, QUOTE, this.#separator[0]] : [FEED, RETURN];
    for (const byte of special) this.#special[byte] = 1;
  }

  push(chunk: Buffer): void {
    const record = this.#record;
    const rest = record.bytes.subarray(record.start);
    record.bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at -= record.start;
    if (this.#secondLine >= 0) this.#secondLine -= record.start;
    record.start = 0;
    this.#scan(false);
  }

  end(): void {
    this.#scan(true);
    const record = this.#record;
    while (record.start < record.bytes.length) {
      if (this.#state === QUOTED) this.#fail('quote');
      else this.#finish(record.bytes.length, record.bytes.length);
      this.#scan(true);
    }
  }

  /** Looks at every byte whose successors, as far as they matter, are there. */
  #scan(final: boolean): void {
    const record = this.#record;
    const { bytes } = record;
    if (!this.#begun) {
      if (bytes.length < BYTE_ORDER_MARK.length && !final) return;
      this.#begun = true;
      if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) {
        this.marked = true;
        this.#at = record.start = BYTE_ORDER_MARK.length;
      }
    }
    const ahead = Math.max(1, this.#separator.length - 1);
    const limit = final ? bytes.length : bytes.length - ahead;
    do {
      this.#walk(bytes, limit);
    } while (!final && this.#refuseLong());
  }

  #walk(bytes: Buffer, limit: number): void {
    const special = this.#special;
    while (this.#at < limit) {
      if (this.#state !== AFTER_QUOTE) {
        let at = this.#at;
        while (at < limit && special[bytes[at]] === 0) at++;
        if (this.#state === FIELD_START && at > this.#at) this.#state = PLAIN;
        this.#at = at;
        if (at === limit) return;
      }
      this.#step(bytes, bytes[this.#at]);
    }
  }

  #step(bytes: Buffer, byte: number): void {
    if (byte === FEED || (byte === RETURN && !this.#feedOnly)) {
      const next = this.#at + (byte === RETURN && bytes[this.#at + 1] === FEED ? 2 : 1);
      if (this.#state === QUOTED) this.#enterLine(next);
      else this.#finish(this.#at, next);
      return;
    }
    if (!this.#quoted || this.#state === SKIPPED) {
      this.#at++;
      return;
    }
    if (this.#state === QUOTED) {
      if (byte !== QUOTE) this.#at++;
      else if (bytes[this.#at + 1] === QUOTE) this.#at += 2;
      else {
        this.#state = AFTER_QUOTE;
        this.#at++;
      }
      return;
    }
    if (byte === this.#separator[0] && this.#isSeparator(bytes)) {
      this.#state = FIELD_START;
      this.#at += this.#separator.length;
    } else if (this.#state === AFTER_QUOTE) {
      if (byte === SPACE) this.#at++;
      else this.#fail('quote');
    } else {
      this.#state = this.#state === FIELD_START && byte === QUOTE ? QUOTED : PLAIN;
      this.#at++;
    }
  }

  #isSeparator(bytes: Buffer): boolean {
    const { length } = this.#separator;
    return length === 1 || this.#separator.equals(bytes.subarray(this.#at, this.#at + length));
  }

  #enterLine(next: number): void {
    if (this.#secondLine < 0) this.#secondLine = next;
    this.#innerLines++;
    this.#at = next;
  }

  /** The record ends; the next one starts at `next`. */
  #finish(end: number, next: number): void {
    const record = this.#record;
    const length = end - record.start;
    if (this.#state !== SKIPPED && length > 0) this.#give(end, length > this.#longest ? 'long' : null);
    record.line += 1 + this.#innerLines;
    this.#restart(next);
  }

  /** The first line of the record is bad, and the second one is looked at by itself. */
  #fail(flaw: Flaw): void {
    const { bytes } = this.#record;
    if (this.#secondLine >= 0) {
      let end = this.#secondLine - 1;
      if (bytes[end] === FEED && bytes[end - 1] === RETURN) end--;
      this.#give(end, flaw);
      this.#record.line++;
      this.#restart(this.#secondLine);
      return;
    }
    this.#give(this.#state === QUOTED ? bytes.length : this.#at, flaw);
    if (this.#at >= bytes.length) this.#restart(bytes.length);
    this.#state = SKIPPED;
  }

  /** Ends a record that has grown too long; true if there is more to look at. */
  #refuseLong(): boolean {
    if (this.#state === SKIPPED) {
      // Nothing of it is needed any more.
      this.#record.start = this.#at;
      return false;
    }
    if (this.#at - this.#record.start <= this.#longest) return false;
    this.#fail(this.#state === QUOTED ? 'quote' : 'long');
    return true;
  }

  #give(end: number, flaw: Flaw | null): void {
    const record = this.#record;
    record.end = end;
    record.flaw = flaw;
    this.#emit(record);
  }

  #restart(next: number): void {
    this.#at = this.#record.start = next;
    this.#state = FIELD_START;
    this.#innerLines = 0;
    this.#secondLine = -1;
  }
}

/** The first records of a text; the last one is left out when the text was cut. */
export function firstRecords(text: string, dialect: Dialect, limit: number, cut: boolean): string[] {
  const records: string[] = [];
  const splitter = new RecordSplitter(dialect, ({ bytes, start, end }) => {
    if (records.length < limit) records.push(bytes.toString('utf8', start, end));
  });
  splitter.push(Buffer.from(text));
  if (!cut || records.length === 0) splitter.end();
  return records;
}
