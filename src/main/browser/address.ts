/** Where the window of a home is, and what lets a browser in: kept for the next session in the user's own folder, never in the home. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../core/files/durable.ts';
import { parseJson } from '../../core/files/json.ts';
import { logLine } from '../../core/files/program-log.ts';
import type { Store } from '../../core/store/store.ts';
import { choiceFile, type Environment } from '../data-folder/choice.ts';

/** One process of a home keeps the address; another one that serves the same home has one of its own for its session. */
const LOCK = 'browser-address';
const FOLDER = 'windows';

const secret = z.string().regex(/^[\w-]{43}$/);
const addressSchema = z.object({
  /** Which home it is of, and where that is. */
  id: z.string(),
  home: z.string(),
  port: z.int().min(1).max(65_535),
  /** The path of the window, without its slashes. */
  path: secret,
  /** What the cookie of a browser is. */
  session: secret,
});
type Stored = z.output<typeof addressSchema>;

/** What a browser has to know. */
export type Secrets = Pick<Stored, 'path' | 'session'>;

export const newSecret = () => randomBytes(32).toString('base64url');
export const newSecrets = (): Secrets => ({ path: newSecret(), session: newSecret() });

/** The address of a home's window, from session to session. */
export class Address {
  readonly #store: Store;
  readonly #folder: string;
  readonly #file: string;
  /** Whether this process is the one that keeps it. */
  readonly #isKept: boolean;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#folder = join(dirname(choiceFile(environment)), FOLDER);
    const name = createHash('sha256').update(store.key).digest('hex').slice(0, 32);
    this.#file = join(this.#folder, `${name}.json`);
    this.#isKept = !store.isReadOnly && store.locks.acquire(LOCK);
  }

  /** Whether what is written is there in the next session. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** That of the session before; null where there was none, or where anybody else may know or have changed it. */
  read(): (Secrets & { port: number }) | null {
    if (!this.#isKept) return null;
    return ownFile(this.#file) ?? this.#moved();
  }

  /** Where it cannot be written, it is good for this session alone. */
  write(port: number, secrets: Secrets): void {
    if (!this.#isKept) return;
    const { home, id } = this.#store;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeDurably(this.#file, [Buffer.from(`${JSON.stringify({ id, home, port, ...secrets })}\n`)]);
    } catch (error) {
      logLine('program', `the address of the window could not be saved: ${String(error)}`, 'warn');
    }
  }

  close(): void {
    if (this.#isKept) this.#store.locks.release(LOCK);
  }

  /** That of the home before its folder was moved. */
  #moved(): Stored | null {
    const { id, home } = this.#store;
    for (const name of filesIn(this.#folder)) {
      const file = join(this.#folder, name);
      const found = ownFile(file);
      if (found === null || found.id !== id || found.home === home || existsSync(found.home)) continue;
      rmSync(file, { force: true });
      return found;
    }
    return null;
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null where a file is not whole, not this user's, or open to others. */
function ownFile(file: string): Stored | null {
  try {
    const { mode, uid } = lstatSync(file);
    const isOwn = process.platform === 'win32' || ((mode & 0o077) === 0 && uid === process.getuid?.());
    return isOwn && lstatSync(file).isFile()
      ? (addressSchema.safeParse(parseJson(readFileSync(file, 'utf8'))).data ?? null)
      : null;
  } catch {
    return null;
  }
}
