/** Reads the log of the program from its end on: its last lines are there at once, however long it is. */
import { type FileHandle, open } from 'node:fs/promises';
import { LOG_AREAS, LOG_LEVELS, type LogArea, type LogLevel } from './log-words.ts';
import { EARLIER_LOGS, programLogOf } from './program-log.ts';

export interface ProgramLine {
  /** Unix milliseconds. */
  time: number;
  level: LogLevel;
  area: LogArea;
  text: string;
}

interface WrittenLine extends ProgramLine {
  /** Of the process that wrote it. */
  pid: number;
}

const CHUNK = 64 * 1024;
/** Beyond as many bytes of one file nothing is read: the program itself writes less. */
const MOST_BYTES = 8 * 2 ** 20;

const LINE = new RegExp(`^(\\S+Z) (\\d+) (?:(${LOG_LEVELS.join('|')}) (${LOG_AREAS.join('|')}): )?(.+)$`);

/** Its lines, newest first, of the earlier files too; what is no line of it is left out. Files that are not there have none. */
export async function* programLinesBack(home: string): AsyncGenerator<WrittenLine> {
  const path = programLogOf(home);
  for (const name of [path, ...Array.from({ length: EARLIER_LOGS }, (_, at) => `${path}.${at + 1}`)])
    for await (const line of linesBack(name)) {
      const parsed = parse(line);
      if (parsed) yield parsed;
    }
}

/** Lines of earlier versions say neither level nor area. */
function parse(line: string): WrittenLine | null {
  const [, at, pid, level = 'info', area = 'program', text] = LINE.exec(line) ?? [];
  const time = Date.parse(at ?? '');
  if (text === undefined || Number.isNaN(time)) return null;
  return { time, level: level as LogLevel, area: area as LogArea, text, pid: Number(pid) };
}

async function* linesBack(path: string): AsyncGenerator<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return;
  try {
    yield* linesOf(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function* linesOf(file: FileHandle, size: number): AsyncGenerator<string> {
  // The beginning of a line, whose other half was read before; as bytes, as a letter may have several.
  let rest = Buffer.alloc(0);
  for (let end = size; end > Math.max(0, size - MOST_BYTES); ) {
    const from = Math.max(0, end - CHUNK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - from), 0, end - from, from);
    const bytes = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
    const first = from === 0 ? -1 : bytes.indexOf(10);
    const cut = from === 0 ? 0 : first < 0 ? bytes.length : first + 1;
    rest = bytes.subarray(0, cut);
    end = from;
    yield* bytes.toString('utf8', cut).split('\n').reverse();
  }
}
