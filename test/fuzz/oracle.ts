/** An independent count of what an import must account for: written for clarity, and sharing nothing with the importer. */
import { isUtf8 } from 'node:buffer';

export interface Dialect {
  kind: 'delimited' | 'sequences' | 'json';
  separator: string;
  quoted: boolean;
  header: boolean;
}

/** How many records a text has, its header left out. A record is a row or a bad row. */
export function countRecords(bytes: Buffer, { kind, separator, quoted, header }: Dialect): number {
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  if (kind === 'json') return text.split('\n').filter(isSomething).length;
  if (kind === 'sequences') return text.split(/\r\n|\n|\r/).filter(isSomething).length;
  const records = quoted
    ? countQuoted(text, Buffer.from(separator).toString('latin1'))
    : text.split(/\r\n|\n|\r/).filter((line) => line !== '').length;
  return Math.max(records - (header ? 1 : 0), 0);
}

/** Whether a line has more than blanks and control characters; NUL is something. */
const isSomething = (line: string) => [...line].some((sign) => sign === '\0' || sign > ' ');

/** Interactions of the sequence lines that can be read: every id after the first. */
export function countItems(bytes: Buffer): number {
  const lines = bytes
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split(/\r\n|\n|\r/);
  return (
    lines
      // A line that begins with a byte order mark is a bad row: two files were joined there.
      .filter((line) => !line.includes('\0') && !line.startsWith('\xef\xbb\xbf'))
      .filter((line) => isUtf8(Buffer.from(line, 'latin1')))
      .map((line) => line.split(/[ \t\f\r]+/).filter((id) => id !== '').length)
      .reduce((sum, ids) => sum + Math.max(ids - 1, 0), 0)
  );
}

const LONGEST = 2_000_000;

/** A well-formed record may have line ends in its quotes; of a malformed one only the first line counts. */
function countQuoted(text: string, separator: string): number {
  let records = 0;
  for (let at = 0; at < text.length; ) {
    const whole = recordEnd(text, at, separator);
    const end = whole !== null && whole - at <= LONGEST ? whole : lineEnd(text, at);
    if (end > at) records++;
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
  return records;
}

const endsAt = (text: string, at: number) => at >= text.length || text[at] === '\n' || text[at] === '\r';

/** Where the record that starts at `at` ends, or null where its quotes are malformed. */
function recordEnd(text: string, start: number, separator: string): number | null {
  for (let at = start; ; at += separator.length) {
    if (text[at] === '"') {
      const closed = afterQuotes(text, at + 1);
      if (closed === null) return null;
      at = closed;
      while (text[at] === ' ' && !text.startsWith(separator, at)) at++;
      if (!endsAt(text, at) && !text.startsWith(separator, at)) return null;
    } else {
      while (!endsAt(text, at) && !text.startsWith(separator, at)) at++;
    }
    if (endsAt(text, at)) return at;
  }
}

function afterQuotes(text: string, from: number): number | null {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1;
  }
  return null;
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (!endsAt(text, at)) at++;
  return at;
}
