/** The program's own log as it is shown, and as it is given to others. */
import { homedir, hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { LogQuery, ProgramLog } from '../../core/api/settings.ts';
import { LOG_LEVELS } from '../../core/files/log-words.ts';
import { LONGEST_LINE, OPENED } from '../../core/files/program-log.ts';
import { type ProgramLine, programLinesBack } from '../../core/files/program-log-lines.ts';
import { type NamedThing, standIns } from '../../core/stand-ins.ts';
import type { Store } from '../../core/store/store.ts';

/** Lines after which others have their turn: the hub's thread answers the window. */
const TURN = 500;

/** `startedAt`: when the program started, Unix milliseconds. */
export async function readLog(
  store: Store,
  { since, level, area, find, most, anonymous }: LogQuery,
  startedAt = performance.timeOrigin,
): Promise<ProgramLog> {
  const [from, least, text] = [
    since === 'start' ? startedAt : 0,
    LOG_LEVELS.indexOf(level),
    find.toLowerCase(),
  ];
  const log: ProgramLog = { lines: [], hasMore: false, warnings: 0, errors: 0 };
  let seen = 0;
  // A clock that is set back makes lines of this process look older than its start: they are its own up to its first.
  let isOwn = since === 'start';
  for await (const line of programLinesBack(store.home)) {
    const { pid, ...said } = line;
    if (line.time < from && !(isOwn && pid === process.pid)) break;
    if (pid === process.pid && line.text.startsWith(OPENED)) isOwn = false;
    if (++seen % TURN === 0) await setImmediate();
    if (line.level === 'warn') log.warnings++;
    if (line.level === 'error') log.errors++;
    if (LOG_LEVELS.indexOf(line.level) < least || (area !== null && line.area !== area)) continue;
    if (!line.text.toLowerCase().includes(text)) continue;
    if (log.lines.length < most) log.lines.push(said);
    else log.hasMore = true;
  }
  log.lines.reverse();
  return anonymous ? { ...log, lines: await withoutNames(store, log.lines) } : log;
}

/** What replaces the names of a home, of its machine and its user, and paths, in a line of at most `longest` characters. */
export const anonymousIn = (store: Store, longest = LONGEST_LINE): ((line: string) => string) =>
  standIns([...store.givenNames.all(), ...ofThisMachine(store.home)], longest);

async function withoutNames(store: Store, lines: readonly ProgramLine[]): Promise<ProgramLine[]> {
  const anonymous = anonymousIn(store);
  const changed: ProgramLine[] = [];
  for (const line of lines) {
    if (changed.length % TURN === 0) await setImmediate();
    changed.push({ ...line, text: anonymous(line.text) });
  }
  return changed;
}

/** Who uses this machine, what it is called, and the folders above the home, which may be anybody's names. */
function ofThisMachine(home: string): NamedThing[] {
  const folders: string[] = [];
  for (let at = home; at !== dirname(at); at = dirname(at)) folders.push(at, basename(at));
  return [
    { kind: 'user', names: [basename(homedir()), process.env.USER ?? process.env.USERNAME ?? ''] },
    { kind: 'host', names: [hostname()] },
    { kind: 'folder', names: folders.filter((name) => !ORDINARY.has(name)) },
  ];
}

/** Names of folders that tell nothing, and are words of the program. */
const ORDINARY = new Set(['home', 'Users', 'tessera', 'Tessera', 'data', 'Data', 'tmp', 'var', 'root']);
