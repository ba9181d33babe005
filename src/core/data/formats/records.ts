/** The records of a text file, read by this program itself beside DuckDB: counted, and checked one by one. */
import { isUtf8 } from 'node:buffer';
import { appendFileSync, closeSync, createReadStream, openSync } from 'node:fs';
import { throwIfCancelled } from '../../errors.ts';
import { isObject, isTooDeep, MAX_JSON_DEPTH, parseJson } from '../../files/json.ts';
import { clip } from '../../names.ts';
import { asNoRoom } from '../duck.ts';
import type { PlannedFile } from '../import/plan-types.ts';
import type { SniffedFile } from './sniff.ts';
import { RecordSplitter, splitFields, type TextRecord } from './text.ts';

const CHUNK_BYTES = 2 ** 20;
/** Bytes of the longest record; DuckDB's own limits are a little above. */
const MAX_RECORD_BYTES = { delimited: 2_000_000, json: 16_000_000, sequences: 16_000_000, parquet: 0 };
const FEED = Buffer.from('\n');

type TextFile = Pick<SniffedFile, 'kind' | 'dialect'>;

/**
 * Calls `use` with every record of a plain text file until it returns false. The header is one of them.
 * @returns whether the text began with a byte order mark
 */
export async function eachRecord(
  file: TextFile,
  path: string,
  use: (record: TextRecord) => boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  let wanted = true;
  const splitter = new RecordSplitter(
    file.dialect,
    (record) => {
      if (wanted && (file.kind === 'delimited' || !isBlank(record))) wanted = use(record);
    },
    { feedOnly: file.kind === 'json', longest: MAX_RECORD_BYTES[file.kind] },
  );
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    throwIfCancelled(signal);
    splitter.push(chunk as Buffer);
    if (!wanted) break;
  }
  splitter.end();
  return splitter.marked;
}

function isBlank({ bytes, start, end }: TextRecord): boolean {
  for (let at = start; at < end; at++) if (bytes[at] > 0x20 || bytes[at] === 0) return false;
  return true;
}

/**
 * Records of a file without its header, and whether DuckDB can read it as it is: no flaw, no mark before
 * JSON, no deep JSON, no half an object at its end, no NUL in sequences.
 */
export async function countRecords(file: PlannedFile, path: string, signal?: AbortSignal) {
  let records = 0;
  let flawless = true;
  let whole = true;
  const count = (record: TextRecord) => {
    records++;
    whole = endsObject(record);
    flawless &&= record.flaw === null && !isMarked(record) && !(file.kind === 'json' && mayBeTooDeep(record));
    // DuckDB ends a line at a NUL, and the number of lines does not show it.
    if (file.kind === 'sequences') flawless &&= !record.bytes.subarray(record.start, record.end).includes(0);
    return true;
  };
  const marked = await eachRecord(file, path, count, signal);
  // DuckDB puts the rest of an object at the end of the file anywhere among the others.
  if (file.kind === 'json' && (marked || !whole)) flawless = false;
  return { records: Math.max(records - (file.header ? 1 : 0), 0), flawless };
}

/** Whether it begins with a byte order mark, as where two files were joined: the mark would become part of an id. */
const isMarked = ({ bytes, start, end }: TextRecord) =>
  end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;

function endsObject({ bytes, start, end }: TextRecord): boolean {
  let last = end - 1;
  while (last > start && bytes[last] <= 0x20) last--;
  return bytes[last] === 0x7d;
}

/** A quick look at the brackets of a JSON line. */
function mayBeTooDeep({ bytes, start, end }: TextRecord): boolean {
  let brackets = 0;
  for (let at = start; at < end; at++) if (bytes[at] === 0x5b || bytes[at] === 0x7b) brackets++;
  return brackets > MAX_JSON_DEPTH;
}

/** A record that can be no row. */
export interface Malformed {
  /** 1-based line of the file. */
  line: number;
  problem: string;
}

/**
 * Copies the records that can be rows to `target`, one after the other with "\n" between them and without the header.
 * @returns how many were copied, how many were not, and the first `shown` of those
 */
export async function copyRecords(
  file: PlannedFile,
  path: string,
  target: string,
  shown: number,
  signal?: AbortSignal,
): Promise<{ kept: number; malformed: number; examples: Malformed[] }> {
  const result = { kept: 0, malformed: 0, examples: [] as Malformed[] };
  let header = file.header;
  const isRow = (record: TextRecord) => {
    if (header) {
      header = false;
      return false;
    }
    const problem = recordProblem(file, record);
    if (problem === null) result.kept++;
    else if (result.malformed++ < shown) result.examples.push({ line: record.line, problem });
    return problem === null;
  };
  await writeRecords(file, path, target, isRow, signal);
  return result;
}

/** Writes the records that are `wanted` to `target`, with "\n" behind each. */
export async function writeRecords(
  file: TextFile,
  path: string,
  target: string,
  wanted: (record: TextRecord) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const parts: Buffer[] = [];
  let held = 0;
  const out = openSync(target, 'w');
  const flush = () => {
    appendFileSync(out, Buffer.concat(parts.splice(0)));
    held = 0;
  };
  const copy = (record: TextRecord) => {
    if (!wanted(record)) return true;
    parts.push(record.bytes.subarray(record.start, record.end), FEED);
    held += record.end - record.start;
    if (held >= CHUNK_BYTES) flush();
    return true;
  };
  try {
    await eachRecord(file, path, copy, signal);
    flush();
  } catch (error) {
    throw asNoRoom(error, target);
  } finally {
    closeSync(out);
  }
}

/** Why a record is malformed, whatever its values; null for a record that can be a row. */
export function recordProblem(file: PlannedFile, textRecord: TextRecord): string | null {
  const { bytes, start, end, flaw } = textRecord;
  if (isMarked(textRecord)) return 'a byte order mark in the middle of the file: two files were joined here';
  if (flaw === 'quote') return 'a quote that is not closed, or text after a closing quote';
  if (flaw === 'long') return 'the line is too long';
  const record = bytes.subarray(start, end);
  if (!isUtf8(record)) return 'bytes that are not UTF-8 (for Latin-1 text choose the encoding latin-1)';
  if (file.kind === 'sequences') return record.includes(0) ? 'a NUL character' : null;
  const text = record.toString();
  if (file.kind === 'json') {
    if (isTooDeep(text)) return `values nested more than ${MAX_JSON_DEPTH} deep`;
    return isObject(parseJson(text)) ? null : `not a JSON object: "${clip(text)}"`;
  }
  const fields = splitFields(text, file.dialect);
  const expected = file.columns.length;
  // Empty fields past the last column are a habit of some programs, and mean nothing.
  if (fields.slice(expected).some((field) => field !== ''))
    return `more columns than the ${expected} expected`;
  return fields.length < expected ? `fewer columns than the ${expected} expected` : null;
}
