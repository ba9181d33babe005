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
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { noRoomError } from '../files/durable.ts';
import { type Machine, thisMachine } from '../machine.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { runResult, type TrainerEvent, trainerEventSchema } from './events.ts';
import { frame, linesAt, NEWLINE, unframe, wholeLines } from './journal-lines.ts';
import { joinedRanks, MOST_USERS, partsOf, ranksSchema } from './parted-ranks.ts';

/** A process of which nothing is known: its journal's last change is its sign of life. */
const UNKNOWN_PROCESS: ProcessIdentity = { pid: 0, pidScope: '', startTime: '' };

const openedSchema = z.object({
  type: z.literal('opened'),
  time: z.number().optional(),
  /** Of this format. */
  version: z.literal(1),
  process: z
    .object({ pid: z.int().positive(), pidScope: z.string(), startTime: z.string() })
    .catch(UNKNOWN_PROCESS),
});

const failedSchema = z.object({
  type: z.literal('failed'),
  time: z.number(),
  outcome: z.enum(['failed', 'cancelled', 'stopped', 'out-of-memory', 'diverged']),
  /** In one line. */
  message: z.string().nullable(),
  /** The stack of the error, or more of what is known. */
  log: z.string().nullable(),
});

/** A result whose ranks stand in records before it, which begin at so many bytes of the journal. */
const partedResultSchema = z.object({
  type: z.literal('parted-result'),
  time: z.number(),
  result: runResult,
  ranksAt: z.array(z.int().nonnegative()),
});

const recordSchema = z.union([
  trainerEventSchema,
  openedSchema,
  failedSchema,
  ranksSchema,
  partedResultSchema,
]);

export type JournalRecord = z.output<typeof recordSchema>;

const requestSchema = z.enum(['stop', 'stopAfterEpoch', 'goOn']);

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

/** What a reader of a journal asks its trainer, which looks for it while it has no parent; `goOn` takes `stopAfterEpoch` back. */
export type JournalRequest = z.output<typeof requestSchema>;

const READ_BYTES = 4 * 2 ** 20;
/** Enough for some seconds of a training. */
const LATEST_BYTES = 2 ** 16;
/** Enough for the first record, whatever its process is called. */
const OPENED_BYTES = 2 ** 13;

const requestFile = (path: string) => `${path}.request`;

/** Appends to a new journal; the one process that trains has it. */
export class JournalWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #mostUsers: number;
  readonly #machine: Machine;
  #bytes = 0;

  /**
   * Throws EEXIST where there is one: this attempt has been given up, or is another process's. With `again`, the same attempt
   * goes on in another process, as a job does that was requeued. Ranks of more than `mostUsers` are written in parts.
   */
  constructor(path: string, { again = false, mostUsers = MOST_USERS, machine = thisMachine } = {}) {
    this.#machine = machine;
    this.#path = path;
    this.#mostUsers = mostUsers;
    this.#file = openSync(path, again ? 'a' : 'wx', 0o600);
    if (again) this.#bytes = this.#cutBroken();
    this.append([{ type: 'opened', time: machine.clock.now(), version: 1, process: machine.self }]);
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
    const lines: Buffer[] = [];
    for (const record of records) {
      const begun = lines.reduce((sum, { length }) => sum + length, this.#bytes);
      lines.push(...this.#lines(record, begun));
    }
    const bytes = Buffer.concat(lines);
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

  /** One, or of a result of very many users those of their ranks and then its own. `begun`: where they begin, in bytes. */
  #lines(record: JournalRecord, begun: number): Buffer[] {
    const folder = dirname(this.#path);
    if (record.type !== 'result') return [lineOf(record, folder)];
    const { result, time = this.#machine.clock.now() } = record;
    if (result.ranks.every(({ users }) => users.length <= this.#mostUsers)) return [lineOf(record, folder)];
    const lines: Buffer[] = [];
    const ranksAt: number[] = [];
    let at = begun;
    for (const ranks of result.ranks.flatMap((one) => partsOf(one, this.#mostUsers))) {
      const line = lineOf({ type: 'ranks', time, ranks }, folder);
      lines.push(line);
      ranksAt.push(at);
      at += line.length;
    }
    const parted = { ...result, ranks: [] };
    return [...lines, lineOf({ type: 'parted-result', time, result: parted, ranksAt }, folder)];
  }

  /** Makes what has been appended survive a power cut. */
  sync(): void {
    fsyncSync(this.#file);
  }

  /** What a reader has asked for, or null; "stop" where the journal is gone, and the run with it. */
  request(): JournalRequest | null {
    return fstatSync(this.#file).nlink === 0 ? 'stop' : requestIn(this.#path);
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
  for (const { line, start, end } of wholeLines(linesAt(path, offset, READ_BYTES))) {
    const record = whole(path, recordOf(line, dirname(path)));
    if (record === null) {
      const message = `the line at byte ${offset + start} of ${basename(path)} is damaged and was skipped`;
      part.events.push({ type: 'log', level: 'warn', message });
    } else if (record.type === 'failed') part.ending = record;
    else if (record.type !== 'opened' && record.type !== 'ranks') part.events.push(record);
    if (record?.type === 'result') {
      const { status: outcome } = record.result;
      part.ending = { outcome, message: null, log: null, time: record.time };
    }
    part.offset = offset + end;
  }
  return part;
}

/** A parted result with its ranks, as any other; null where these are damaged. Other records as they are. */
function whole(
  path: string,
  record: JournalRecord | null,
): Exclude<JournalRecord, { type: 'parted-result' }> | null {
  if (record?.type !== 'parted-result') return record;
  const { time, result, ranksAt } = record;
  const parts = ranksAt.flatMap((at) => {
    const bytes = linesAt(path, at, READ_BYTES);
    const part = recordOf(bytes.subarray(0, bytes.indexOf(NEWLINE)), dirname(path));
    return part?.type === 'ranks' ? [part.ranks] : [];
  });
  if (parts.length < ranksAt.length) return null;
  return { type: 'result', time, result: { ...result, ranks: joinedRanks(parts) } };
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

/** How far its trainer was when it last said so; null where that is not among the last that it told. */
export function lastProgress(path: string): Extract<TrainerEvent, { type: 'progress' }> | null {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const told = [...wholeLines(linesAt(path, Math.max(0, size - LATEST_BYTES), LATEST_BYTES))];
  for (const { line } of told.reverse()) {
    const record = line.includes('"progress"') ? recordOf(line, dirname(path)) : null;
    if (record?.type === 'progress') return record;
  }
  return null;
}

/** The process that writes the journal; null where none has begun to. */
export function writerOf(path: string): ProcessIdentity | null {
  const bytes = linesAt(path, 0, OPENED_BYTES, OPENED_BYTES);
  const end = bytes.indexOf(NEWLINE);
  const opened = end < 0 ? null : recordOf(bytes.subarray(0, end), dirname(path));
  return opened?.type === 'opened' ? opened.process : null;
}

/** Whether the process that writes the journal still runs. */
export function isWriterAlive(path: string, machine: Machine): boolean {
  const writer = writerOf(path);
  // Where the process cannot be looked at, the samples that it takes every few seconds are its signs of life.
  return writer !== null && machine.isAlive(writer, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

/** What a reader has asked of the journal's trainer, or null. */
export function requestIn(path: string): JournalRequest | null {
  try {
    return requestSchema.parse(readFileSync(requestFile(path), 'utf8'));
  } catch {
    return null;
  }
}

/** Makes sure that a trainer that has not begun its journal never will. */
export function giveUpJournal(path: string): void {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch {
    // It has begun, or its folder is gone.
  }
}

/** A record as a line. */
function lineOf(record: JournalRecord, folder: string): Buffer {
  const json = JSON.stringify(
    withPath(record, (path) => relative(folder, path)),
    (_key, value: unknown) => {
      if (value instanceof Int32Array) return { int32: base64Of(value) };
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    },
  );
  return frame(Buffer.from(json));
}

/** Null where the line is not what was written, or names a file that is not the run's. */
function recordOf(line: Buffer, folder: string): JournalRecord | null {
  const json = unframe(line);
  if (json === null) return null;
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
