/** Reading delimited text in JavaScript: for the sniffer's sample and for showing bad rows. DuckDB reads the bulk. */

export interface Dialect {
  separator: string;
  /** Whether "…" protects separators and line ends. */
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

/** One record of a text and where it starts. */
export interface TextRecord {
  /** 1-based line of its first character. */
  line: number;
  /** Offset of its first character. */
  offset: number;
  text: string;
}

/** A quote that never closes makes the rest of a file one record: the splitter stops past this length. */
const LONGEST_RECORD = 32 * 2 ** 20;

/**
 * Cuts text into records, one pushed piece after the other, as DuckDB's CSV reader does: a quote opens only at the start
 * of a field, and line ends inside quotes belong to the record. Text is Latin-1 decoded, so that an offset is a byte.
 */
export class RecordSplitter {
  private readonly separator: string;
  private readonly quoted: boolean;
  private readonly emit: (record: TextRecord) => void;
  private pending = '';
  private line = 1;
  private offset = 0;
  private lost = false;

  constructor(dialect: Dialect, emit: (record: TextRecord) => void) {
    this.separator = dialect.separator;
    this.quoted = dialect.quoted;
    this.emit = emit;
  }

  push(piece: string): void {
    if (this.lost) return;
    this.pending += piece;
    let start = 0;
    for (;;) {
      const end = this.recordEnd(start);
      // A carriage return at the very end may be half of a line end that the next piece completes.
      if (end < 0 || (this.pending[end] === '\r' && end + 1 === this.pending.length)) break;
      start = this.take(start, end);
    }
    this.pending = this.pending.slice(start);
    this.lost = this.pending.length > LONGEST_RECORD;
  }

  end(): void {
    const length = this.pending.length;
    if (length === 0 || this.lost) return;
    const end = this.pending.endsWith('\r') && this.recordEnd(0) === length - 1 ? length - 1 : length;
    this.take(0, end);
    this.pending = '';
  }

  private take(start: number, end: number): number {
    const text = this.pending.slice(start, end);
    this.emit({ line: this.line, offset: this.offset, text });
    const next = end + (this.pending.startsWith('\r\n', end) ? 2 : 1);
    this.line += 1 + (this.quoted ? lineEnds(text) : 0);
    this.offset += next - start;
    return next;
  }

  /** Index of the line end that closes the record, or -1. */
  private recordEnd(start: number): number {
    const { pending } = this;
    let end = nextLineEnd(pending, start);
    if (!this.quoted || end < 0) return end;
    let at = start;
    while (end >= 0) {
      if (pending[at] === '"') {
        at = closingQuote(pending, at + 1);
        if (at < 0) return -1;
        if (at > end) end = nextLineEnd(pending, at);
        if (end < 0) return -1;
      }
      const separator = pending.indexOf(this.separator, at);
      if (separator < 0 || separator > end) return end;
      at = separator + this.separator.length;
    }
    return end;
  }
}

function nextLineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const carriage = text.slice(from, feed < 0 ? undefined : feed).indexOf('\r');
  return carriage < 0 ? feed : from + carriage;
}

/** Index just after the quote that closes, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at)) {
    if (text[at + 1] !== '"') return at + 1;
    at += 2;
  }
  return -1;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = nextLineEnd(text, 0); at >= 0; at = nextLineEnd(text, at)) {
    count++;
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return count;
}

/** The first records of a text; the last one is left out when the text was cut. */
export function firstRecords(text: string, dialect: Dialect, limit: number, cut: boolean): TextRecord[] {
  const records: TextRecord[] = [];
  const splitter = new RecordSplitter(dialect, (record) => {
    if (records.length < limit && record.text !== '') records.push(record);
  });
  splitter.push(text);
  if (!cut || records.length === 0) splitter.end();
  return records;
}
