import type { Command } from 'commander';
import { cleanLines } from '../../core/documents/writers/text.ts';
import type { Store } from '../../core/store/store.ts';
import { currentEnvironment } from '../data-folder/choice.ts';
import { type FoundHome, findHome } from '../data-folder/home.ts';
import { reportError } from './errors.ts';

/** What every command is given besides its own options. */
export interface CommandContext extends FoundHome {
  /** One JSON value on stdout in place of text. */
  json: boolean;
}

/** The options that every command has. */
export function contextOf(command: Command): CommandContext {
  const { home, json } = command.optsWithGlobals<{ home?: string; json?: boolean }>();
  return { ...findHome(home, currentEnvironment()), json: json ?? false };
}

/** The stores of a process that answers many commands, by their homes; null in one that answers one. */
let kept: Map<string, Store> | null = null;

/** Lets the commands of this process, which only read, share their stores. */
export function keepStoresOpen(): void {
  kept = new Map();
}

/** Opens the home's store for `work` and closes it after, however that ends. */
export async function withStore<T>(
  context: CommandContext,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const [{ openStore }, { explainFailure }] = await Promise.all([
    import('../../core/store/open-store.ts'),
    import('../../core/store/db/check.ts'),
  ]);
  await loadPlugins(context);
  if (kept !== null) {
    const opened = kept.get(context.home) ?? openStore(context.home);
    kept.set(context.home, opened);
    try {
      return await work(opened);
    } catch (error) {
      throw explainFailure(error, context.home);
    }
  }
  let store: Store | null = null;
  let hasChanged = false;
  let writing: NodeJS.Timeout | undefined;
  try {
    store = openStore(context.home);
    const opened = store;
    await countMetrics(opened);
    const before = store.changes();
    writing = setInterval(() => void writeFiles(opened, 0), WRITE_EVERY_MS).unref();
    const done = await work(store);
    hasChanged = store.changes() > before;
    await readOn(store);
    return done;
  } catch (error) {
    throw explainFailure(error, context.home);
  } finally {
    clearInterval(writing);
    if (store !== null) await writeFiles(store, hasChanged ? WRITE_WITHIN_MS : LOOK_WITHIN_MS);
    store?.close();
    if (hasChanged) await backUp(context.home);
  }
}

/** Those that this user has agreed to in the home. */
export async function loadPlugins({ home }: CommandContext): Promise<void> {
  const { loadAgreed } = await import('../plugins/load-agreed.ts');
  await loadAgreed(home, (line) => process.stderr.write(`tessera: ${cleanLines(line)}\n`));
}

/** So many runs take some seconds. */
const MANY_RUNS = 500;

/** A table, a query or an export has the metrics of today for runs of yesterday. */
async function countMetrics({ rankMetrics }: Store): Promise<void> {
  const { pending } = rankMetrics;
  if (pending > MANY_RUNS)
    process.stderr.write(`tessera: counting the metrics that are new for ${pending} runs, once\n`);
  await rankMetrics.count().catch(() => undefined);
}

/** Before a command ends, it reads on for a moment in what other programs have written of runs that are over. */
const READ_ON_MS = 500;

async function readOn(store: Store): Promise<void> {
  const { hasMoreToRead, settleLostRuns } = await import('../../core/store/runs/lost-runs.ts');
  try {
    for (const since = Date.now(); Date.now() - since < READ_ON_MS && hasMoreToRead(store); )
      settleLostRuns(store);
  } catch {
    // The next one reads it.
  }
}

/** A run says what it is in its folder while it is trained, too; what is left over is written by the next command. */
const WRITE_EVERY_MS = 1_000;
const WRITE_WITHIN_MS = 2_000;
/** Of a command that changes nothing, which may be the first of a home that has no such files yet. */
const LOOK_WITHIN_MS = 200;

/** What was asked for is done, whatever comes of this: what could not be written stays marked. */
async function writeFiles(store: Store, within: number): Promise<void> {
  const files = await import('../../core/store/files/write-files.ts');
  await files.writeFiles(store, { within }).catch(() => undefined);
}

/** Where no window does it. */
async function backUp(home: string): Promise<void> {
  const { backUpAfterCommand } = await import('../../core/store/db/backup.ts');
  await backUpAfterCommand(home).catch((error: unknown) => reportError(error));
}

/** Text to stdout, with a line break; nothing of what it quotes is obeyed by a terminal. */
export function print(text: string): void {
  process.stdout.write(`${cleanLines(text)}\n`);
}

/** One JSON value on one line to stdout; numbers that are not finite become null. */
export function printJson(value: unknown): void {
  process.stdout.write(`${jsonLine(value)}\n`);
}

/** What JSON leaves as it is and a terminal obeys is escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a command prints: with --json the value, else the text. */
export type Answer = readonly [value: unknown, text: string];

export function printAnswer({ json }: CommandContext, [value, text]: Answer): void {
  if (json) printJson(value);
  else print(text);
}
