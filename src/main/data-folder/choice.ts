/** The data folder that was chosen in Settings, stored outside of any data folder. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { writeDurably } from '../../core/files/durable.ts';

/** What decides where the data folder is. */
export interface Environment {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  userFolder: string;
}

export function currentEnvironment(): Environment {
  return { env: process.env, platform: process.platform, userFolder: os.homedir() };
}

/** A move in its renaming stage; the next start finishes it. */
const moveSchema = z.object({
  /** Where the entries are: the home itself, or its checked copy on the new disk. */
  from: z.string(),
  to: z.string(),
  /** The home that was copied, to be emptied afterwards; null if `from` is the home. */
  copied: z.string().nullable(),
  /** The process that renames; one that ended has left the rest to the next start. Earlier versions did not note it. */
  by: z.object({ pid: z.number(), pidScope: z.string(), startTime: z.string() }).optional(),
});
export type PendingMove = z.output<typeof moveSchema>;

const choiceSchema = z.object({
  /** Null for the default folder. */
  home: z.string().nullable(),
  move: moveSchema.nullable().default(null),
});
export type HomeChoice = z.output<typeof choiceSchema>;

/** Where the operating system keeps the user's settings. */
export function choiceFile({ env, platform, userFolder }: Environment): string {
  const file = 'data-folder.json';
  if (platform === 'darwin') return join(userFolder, 'Library', 'Preferences', 'Tessera', file);
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA || join(userFolder, 'AppData', 'Local'), 'Tessera', file);
  }
  const shared = env.XDG_CONFIG_HOME;
  return join(shared && isAbsolute(shared) ? shared : join(userFolder, '.config'), 'tessera', file);
}

/** Throws UserError if the file exists but cannot be read. */
export function readChoice(file: string): HomeChoice {
  if (!existsSync(file)) return { home: null, move: null };
  try {
    return choiceSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? 'its content is not as Tessera writes it' : messageOf(error);
    throw new UserError({
      code: 'bad-home',
      problem: `${file} cannot be read (${why})`,
      fix: {
        cli: 'delete it for the default data folder, or name one with --home',
        window: 'delete it for the default data folder',
      },
    });
  }
}

export function writeChoice(file: string, choice: HomeChoice): void {
  mkdirSync(dirname(file), { recursive: true });
  writeDurably(file, [Buffer.from(`${JSON.stringify(choice, null, 2)}\n`)]);
}

/** Makes a folder the data folder of later sessions. Throws UserError where the choice cannot be written. */
export function storeChoice(home: string, environment: Environment): void {
  const file = choiceFile(environment);
  try {
    writeChoice(file, { home, move: null });
  } catch (error) {
    throw new UserError(`${file} could not be written, so the choice cannot be stored: ${messageOf(error)}`);
  }
}
