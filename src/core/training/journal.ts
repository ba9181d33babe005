/**
 * The journal of an attempt at a run: all that its trainer told of it, in one file that is only appended to, beside its
 * checkpoints. Whoever hosts the run reads it from an offset, and may be gone for as long as it likes.
 *
 * A line is the length of its JSON in bytes, the JSON's CRC-32 in eight hexadecimal digits, and the JSON, with spaces
 * between. The first record says which process writes; a `result` or `failed` is the last one. docs/journal.md has all of it.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { noRoomError } from '../files/durable.ts';
import { nameSchema } from '../names.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from '../process-identity.ts';
import { type TrainerEvent, trainerEventSchema } from './events.ts';

const openedSchema = z.object({
  type: z.literal('opened'),
  time: z.number(),
  /** Of this format. */
  version: z.literal(1),
  process: z.object({ pid: z.number(), pidScope: z.string(), startTime: z.string() }),
});

const failedSchema = z.object({
  type: z.literal('failed'),
  time: z.number(),
  outcome: z.enum(['failed', 'cancelled', 'out-of-memory']),
  /** In one line. */
  message: z.string().nullable(),
  /** The stack of the error, or more of what is known. */
  log: z.string().nullable(),
});

/** What a run is that another program trains: the second record of its journal. */
const foreignRunSchema = z.object({
  type: z.literal('run'),
  time: z.number(),
  /** That trains it, such as "PyTorch 2.6". */
  program: nameSchema,
  /** Default: the model, else the program. */
  name: nameSchema.optional(),
  model: nameSchema.optional(),
  /** As that program calls it. */
  dataset: nameSchema.optional(),
  seed: z.int().optional(),
  config: z.record(z.string(), z.json()).optional(),
});

const recordSchema = z.union([trainerEventSchema, openedSchema, failedSchema, foreignRunSchema]);

export type JournalRecord = z.output<typeof recordSchema>;
export type ForeignRun = z.output<typeof foreignRunSchema>;

const requestSchema = z.enum(['stop', 'stopAfterEpoch']);

/** How a trainer ended. */
export interface Ending {
  outcome: 'completed' | z.output<typeof failedSchema>['outcome'];
  /** Why, in one line, or null. */
  message: string | null;
  /** More of it, for the log of the run. */
  log: string | null;
  /** Unix milliseconds. */
  time?: number;
}

/** What a reader of a journal asks its trainer, which looks for it while it has no parent. */
export type JournalRequest = z.output<typeof requestSchema>;

const READ_BYTES = 4 * 2 ** 20;
/** Enough for the first record. */
const OPENED_BYTES = 2 ** 10;
/** Most of what a run's config may have. */
const HEAD_BYTES = 2 ** 20;
const NEWLINE = 0x0a;
const FRAME = /^(\d+) ([0-9a-f]{8}) $/;

const requestFile = (path: string) => `${path}.request`;

/** Appends to a new journal; the one process that trains has it. */
export class JournalWriter {
  readonly #path: string;
  readonly #file: number;
  #bytes = 0;

  /**
   * Throws EEXIST where there is one: this attempt has been given up, or is another process's. With `again`, the same attempt
   * goes on in another process, as a job does that was requeued.
   */
  constructor(path: string, { again = false } = {}) {
    this.#path = path;
    this.#file = openSync(path, again ? 'a' : 'wx', 0o600);
    if (again) this.#bytes = this.#cutBroken();
    this.append([{ type: 'opened', time: Date.now(), version: 1, process: ownIdentity() }]);
    this.sync();
  }

  /** Removes a last line that an earlier process did not get to the end of. Returns what remains, in bytes. */
  #cutBroken(): number {
    let whole = 0;
    for (const { offset } of readToEnd(this.#path, 0)) whole = offset;
    ftruncateSync(this.#file, whole);
    return whole;
  }

  /** Returns the journal's length in bytes. A record is in it whole or not at all. */
  append(records: readonly JournalRecord[]): number {
    const bytes = Buffer.concat(records.map((record) => frame(record, dirname(this.#path))));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      const advice = { fix: 'free some space and resume the run', again: 'resume the run' };
      throw noRoomError(error, dirname(this.#path), advice) ?? error;
    }
    this.#bytes += bytes.length;
    return this.#bytes;
  }

  /** Makes what has been appended survive a power cut. */
  sync(): void {
    fsyncSync(this.#file);
  }

  /** What a reader has asked for, or null; "stop" where the journal is gone, and the run with it. */
  request(): JournalRequest | null {
    if (fstatSync(this.#file).nlink === 0) return 'stop';
    try {
      return requestSchema.parse(readFileSync(requestFile(this.#path), 'utf8'));
    } catch {
      return null;
    }
  }

  close(): void {
    this.sync();
    closeSync(this.#file);
  }
}

/** Asks the trainer that writes the journal. */
export function writeRequest(path: string, request: JournalRequest): void {
  writeFileSync(requestFile(path), request, { mode: 0o600 });
}

export interface JournalPart {
  /** What the trainer told. */
  events: TrainerEvent[];
  /** How it ended, where it has. */
  ending: Ending | null;
  /** Where the next part begins, in bytes. */
  offset: number;
}

/**
 * What is behind an offset, some megabytes of it at most. A last line that is not whole is left for later; one that is damaged
 * in the middle is passed over, and a warning is in its place.
 */
export function readJournal(path: string, offset: number): JournalPart {
  const part: JournalPart = { events: [], ending: null, offset };
  const bytes = linesAt(path, offset);
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const record = unframe(bytes.subarray(start, end), dirname(path));
    if (record === null) {
      const message = `the line at byte ${offset + start} of ${basename(path)} is damaged and was passed over`;
      part.events.push({ type: 'log', level: 'warn', message });
    } else if (record.type === 'failed') part.ending = record;
    else if (record.type !== 'opened' && record.type !== 'run') part.events.push(record);
    if (record?.type === 'result' || record?.type === 'finished') {
      const outcome = record.type === 'result' ? record.result.status : 'completed';
      part.ending = { outcome, message: null, log: null, time: record.time };
    }
    start = end + 1;
  }
  return { ...part, offset: offset + start };
}

/** Reads on to the end of the journal as it is now; the last part has the ending, where there is one. */
export function* readToEnd(path: string, offset: number): Generator<JournalPart> {
  for (let at = offset; ; ) {
    const part = readJournal(path, at);
    if (part.offset === at) return;
    at = part.offset;
    yield part;
  }
}

/** The process that writes the journal; null where none has begun to. */
export function writerOf(path: string): ProcessIdentity | null {
  const [line] = linesAt(path, 0, OPENED_BYTES).toString('latin1').split('\n', 1);
  const opened = unframe(Buffer.from(line, 'latin1'), dirname(path));
  return opened?.type === 'opened' ? opened.process : null;
}

/** What another program writes of its run: the head of its journal; null where the journal is of another kind, or not begun. */
export function foreignRunOf(path: string): { process: ProcessIdentity; run: ForeignRun } | null {
  const [opened, run] = linesAt(path, 0, HEAD_BYTES)
    .toString('latin1')
    .split('\n', 2)
    .map((line) => unframe(Buffer.from(line, 'latin1'), dirname(path)));
  return opened?.type === 'opened' && run?.type === 'run' ? { process: opened.process, run } : null;
}

/** Whether the process that writes the journal still runs. */
export function isWriterAlive(path: string): boolean {
  const writer = writerOf(path);
  // Where the process cannot be looked at, the samples that it takes every few seconds are its signs of life.
  return writer !== null && isAlive(writer, statSync(path).mtimeMs);
}

/** Makes sure that a trainer that has not begun its journal never will. */
export function giveUpJournal(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch {
    // It has begun, or its folder is gone.
  }
}

/** At least one whole line where there is one, else nothing. */
function linesAt(path: string, offset: number, first = READ_BYTES): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    for (let wanted = first; ; wanted *= 2) {
      const bytes = Buffer.alloc(Math.min(wanted, Math.max(0, fstatSync(file).size - offset)));
      const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
      if (read.length < wanted || read.includes(NEWLINE)) return read;
    }
  } finally {
    closeSync(file);
  }
}

/** A record as a line. */
function frame(record: JournalRecord, folder: string): Buffer {
  const json = Buffer.from(
    JSON.stringify(
      withPath(record, (path) => relative(folder, path)),
      (_key, value: unknown) => {
        if (value instanceof Int32Array) return { int32: base64Of(value) };
        return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
      },
    ),
  );
  const sum = crc32(json).toString(16).padStart(8, '0');
  return Buffer.concat([Buffer.from(`${json.length} ${sum} `), json, Buffer.from('\n')]);
}

/** Null where the line is not what was written, or names a file that is not the run's. */
function unframe(line: Buffer, folder: string): JournalRecord | null {
  const start = line.indexOf('{');
  const [, length, sum] = FRAME.exec(line.toString('latin1', 0, start)) ?? [];
  const json = line.subarray(start);
  if (Number(length) !== json.length || Number.parseInt(sum, 16) !== crc32(json)) return null;
  try {
    const record = recordSchema.parse(
      JSON.parse(json.toString('utf8'), (_key, value: unknown) =>
        isIntegers(value) ? integersOf(value.int32) : value,
      ),
    );
    return withPath(record, (path) => {
      if (isAbsolute(path) || path.split(/[/\\]/).includes('..'))
        throw new Error(`${path} is not of the run`);
      return join(folder, path);
    });
  } catch {
    return null;
  }
}

/** A checkpoint's path is relative in the journal, whose folder may be carried elsewhere. */
function withPath(record: JournalRecord, change: (path: string) => string): JournalRecord {
  if (record.type !== 'checkpoint') return record;
  return { ...record, checkpoint: { ...record.checkpoint, path: change(record.checkpoint.path) } };
}

function isIntegers(value: unknown): value is { int32: string } {
  return typeof value === 'object' && value !== null && 'int32' in value && typeof value.int32 === 'string';
}

/** Little-endian, as every machine that this runs on keeps them. */
function base64Of(values: Int32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function integersOf(base64: string): Int32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
