import os from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shellQuote } from '../../core/reports/text.ts';
import type { Store } from '../../core/store/store.ts';
import type { Machine } from '../data-folder/choice.ts';
import { type FoundHome, findHome } from '../data-folder/home.ts';

/** What every command is given besides its own options. */
export interface Shell extends FoundHome {
  /** One JSON value on stdout in place of text. */
  json: boolean;
}

/** The options that every command has. */
export function shellOf(command: Command): Shell {
  const { home, json } = command.optsWithGlobals<{ home?: string; json?: boolean }>();
  return { ...findHome(home, thisMachine()), json: json ?? false };
}

/** How a command on this home begins, to be pasted into a terminal. */
export function commandLine(home: string): string {
  const usual = resolve(findHome(undefined, thisMachine()).home) === resolve(home);
  return usual ? program() : `${program()} --home ${shellQuote(home)}`;
}

/** What the place of data depends on. */
export function thisMachine(): Machine {
  return { env: process.env, platform: process.platform, userFolder: os.homedir() };
}

/** Opens the home's store for `work` and closes it after, however that ends. */
export async function withStore<T>(shell: Shell, work: (store: Store) => T | Promise<T>): Promise<T> {
  const { openStore } = await import('../../core/store/store.ts');
  const store = openStore(shell.home);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** Text to stdout, with a line break. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON value on one line to stdout; numbers that are not finite become null. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** The JSON value where `--json` was given, else the text. */
export function answer(shell: Shell, value: unknown, text: () => string): void {
  if (shell.json) printJson(value);
  else print(text());
}

/** How the user calls this program, for hints that can be pasted. */
export function program(): string {
  const script = process.env.npm_lifecycle_event;
  return script === 'tessera' || script === 'start' ? 'npm run -s tessera --' : 'tessera';
}
