/**
 * What the program itself goes through, in a file of the home that a user can send: starts and ends of processes, and errors that
 * nobody sees. It never has paths, arguments, scripts or secrets.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LogArea, LogLevel } from './log-words.ts';

/** Bytes of a file, and how many earlier ones are kept. */
const LARGEST = 2 ** 20;
export const EARLIER_LOGS = 2;
const OFTEN_MS = 3_600_000;
/** Characters of one line. */
export const LONGEST_LINE = 2_000;

/** Absolute, from a user's folder on, or in quotes as in the errors of Node. Addresses of the web are none. */
const PATHS =
  /(['"])[^'"\n]*[\\/][^'"\n]*\1|(^|[\s(=,;'"`[{<|]|:(?=[\\/][^\\/]))(?:~[^\s/\\]*|[A-Za-z]:|file:\/\/)?[\\/][^\s'"),;]*/g;

let file: string | null = null;
const often = new Map<string, { since: number; times: number }>();

/** How the first line of a process that opens a home begins. */
export const OPENED = 'opened: ';

/** Where the log of a home lies. */
export const programLogOf = (home: string) => join(home, 'logs', 'tessera.log');

/** From now on this process writes into the log of this home. */
export function keepProgramLog(home: string): void {
  file = programLogOf(home);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch {
    // Whoever opens the home says what is wrong with it.
  }
}

/** Writes a line, where this process keeps a log. Never throws. */
export function logLine(area: LogArea, text: string, level: LogLevel = 'info'): void {
  if (file === null) return;
  // Its name may have spaces, as those of people have.
  const home = homedir();
  const short = home.length > 1 ? text.replaceAll(home, '~') : text;
  const said = short.replace(PATHS, '$2…').replace(/\s+/g, ' ').slice(0, LONGEST_LINE);
  try {
    makeRoom(file);
    appendFileSync(file, `${new Date().toISOString()} ${process.pid} ${level} ${area}: ${said}\n`, {
      mode: 0o600,
    });
  } catch {
    // A disk that is full, or a home that is gone, is told of elsewhere.
  }
}

/** A warning of what may happen every few seconds: a line the first time, and then one an hour that says how often. */
export function logOften(area: LogArea, text: string): void {
  const known = often.get(text);
  if (known === undefined) {
    often.set(text, { since: Date.now(), times: 0 });
    logLine(area, text, 'warn');
    return;
  }
  known.times++;
  if (Date.now() - known.since < OFTEN_MS) return;
  logLine(area, `${text}: ${known.times} times more`, 'warn');
  often.set(text, { since: Date.now(), times: 0 });
}

function makeRoom(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < LARGEST) return;
  for (let at = EARLIER_LOGS; at > 0; at--) {
    const from = at === 1 ? path : `${path}.${at - 1}`;
    if (statSync(from, { throwIfNoEntry: false })) renameSync(from, `${path}.${at}`);
  }
}
