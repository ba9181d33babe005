/**
 * Journals that other programs write. What is valid is taken, and what is not is named; one bad record loses itself alone.
 * They are read in parts, as nobody knows how much there is. docs/journal.md has the rules.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { ProcessIdentity } from '../process-identity.ts';
import type { TrainerEvent } from './events.ts';
import { type ForeignRun, foreignEvent, foreignRun, type Skip } from './foreign-records.ts';
import { type JournalPart, writerOf } from './journal.ts';
import { linesAt, NEWLINE, unframe, wholeLines } from './journal-lines.ts';

/** Read at once: some ten milliseconds of work. */
const PART_BYTES = 2 ** 18;
/** Enough for most first records. */
const HEAD_BYTES = 2 ** 16;
/** A line that is longer is skipped. */
const MOST_BYTES = 2 ** 24;
/** Things of one part that are named. */
const MOST_NAMED = 20;
/** The beginning of a line that says what a run is. */
const RUN_LINE = /^\d+ [0-9a-f]{8} \{.{0,1000}"type": ?"run"/s;

/** What another program says of its run, and what of that could not be taken. */
export interface ForeignHead {
  process: ProcessIdentity;
  run: ForeignRun;
  skipped: string[];
}

/** A look at the first two records; null where the journal is of another kind, or not begun. */
export function foreignHeadOf(path: string): ForeignHead | null {
  const process = writerOf(path);
  const began = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (process === null || began === undefined) return null;
  const skipped: string[] = [];
  const skip: Skip = (what, why) => void skipped.push(`Skipped ${what}: ${why}`);
  for (let wanted = HEAD_BYTES; ; wanted = MOST_BYTES) {
    const bytes = linesAt(path, 0, wanted, wanted);
    const [, second] = wholeLines(bytes);
    if (second) {
      const record = jsonOf(second.line);
      if (record?.type !== 'run') return null;
      return { process, run: foreignRun(record, began, skip), skipped };
    }
    if (bytes.length < wanted) return null;
    if (wanted < MOST_BYTES) continue;
    if (!RUN_LINE.test(bytes.toString('latin1', bytes.indexOf(NEWLINE) + 1, HEAD_BYTES))) return null;
    skip('what the run is', 'its line is longer than 16 MB');
    return { process, run: foreignRun({}, began, () => {}), skipped };
  }
}

export interface ForeignPart extends JournalPart {
  /** There was nothing behind it but a line that is not whole. */
  isLast: boolean;
}

/** What is behind an offset, a quarter of a megabyte or one line of it. At the end of the journal, the offset stays. */
export function readForeignPart(path: string, offset: number): ForeignPart {
  const bytes = linesAt(path, offset, PART_BYTES, MOST_BYTES);
  const part: ForeignPart = { events: [], ending: null, offset, isLast: bytes.length < PART_BYTES };
  const notes = new Notes(path);
  if (bytes.length === MOST_BYTES && !bytes.includes(NEWLINE)) {
    notes.add('lines longer than 16 MB', offset);
    return { ...part, events: notes.events, offset: offset + bytes.length };
  }
  for (const { line, start, end } of wholeLines(bytes)) {
    const record = jsonOf(line);
    if (record === null) notes.add('damaged lines', offset + start);
    else if (record.type !== 'opened' && record.type !== 'run') {
      const { event, ending } = foreignEvent(record, notes.skip);
      if (event) part.events.push(event);
      part.ending = ending ?? part.ending;
    }
    part.offset = offset + end;
  }
  return { ...part, events: [...part.events, ...notes.events] };
}

/** The record in a line; null where it is damaged, or no object. */
function jsonOf(line: Buffer): Record<string, unknown> | null {
  try {
    const json = unframe(line);
    return json && (JSON.parse(json.toString('utf8')) as Record<string, unknown>);
  } catch {
    return null;
  }
}

/** What could not be taken, each kind once. */
class Notes {
  readonly events: TrainerEvent[] = [];
  readonly #file: string;
  readonly #named = new Set<string>();

  constructor(path: string) {
    this.#file = basename(path);
  }

  readonly skip: Skip = (what, why) => this.#note(`Skipped ${what}`, why);

  /** Lines, of which one begins at a byte. */
  add(lines: string, byte: number): void {
    this.#note(`Skipped ${lines}`, `the first at byte ${byte} of ${this.#file}`);
  }

  #note(once: string, why: string): void {
    if (this.#named.has(once) || this.#named.size === MOST_NAMED) return;
    this.#named.add(once);
    this.events.push({ type: 'log', level: 'warn', message: `${once}: ${why}`, once });
  }
}
