import { rmSync, statSync } from 'node:fs';
import type {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBMaterializedResult,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../errors.ts';
import { type NoRoomAdvice, noRoomError } from '../files/durable.ts';
import { totalMemory } from '../memory.ts';

/** DuckDB's own budget; what it does not count brings the process to a few hundred MiB more. */
const MEMORY_LIMIT_BYTES = Math.min(3 * 2 ** 30, Math.floor(totalMemory() * 0.6));
const PROGRESS_INTERVAL_MS = 200;
/** Files of fewer bytes are about one piece of DuckDB's work: further threads would only look for some of it. */
const ONE_THREAD_BYTES = 2 ** 20;
/** Rows of a chunk of DuckDB's. */
const CHUNK_ROWS = 2048;

/** Two hundred files, which most processes that could read a data set never need. */
const loaded = () => import('@duckdb/node-api');

export type Row = Record<string, unknown>;

interface DuckOptions {
  /** Where DuckDB may spill; without it nothing is spilled. */
  temporaryDirectory?: string;
  signal?: AbortSignal;
  /** All files that are read, where they are known; some may be missing. */
  reads?: readonly string[];
  /** What to do where the disk has no room. Default: import again. */
  advice?: NoRoomAdvice;
}

/** A SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A file to read as a SQL string literal: DuckDB takes "*", "?" and "[" of a path for a pattern, unless in brackets. */
export function pathLiteral(path: string): string {
  return literal(path.replaceAll(/[*?[]/g, '[$&]'));
}

/** A quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An in-memory DuckDB with a memory limit, cancelled through an AbortSignal. Close it after use. */
export class Duck {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly options: DuckOptions;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, options: DuckOptions) {
    this.instance = instance;
    this.connection = connection;
    this.options = options;
  }

  static async open(options: DuckOptions = {}): Promise<Duck> {
    const { DuckDBInstance } = await loaded();
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.floor(MEMORY_LIMIT_BYTES / 2 ** 20)}MiB`,
      temp_directory: options.temporaryDirectory ?? '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      ...(options.reads && bytesOf(options.reads) < ONE_THREAD_BYTES ? { threads: '1' } : {}),
    });
    const duck = new Duck(instance, await instance.connect(), options);
    await duck.run("SET TimeZone = 'UTC'");
    // A statement tells how far it is only where its bar is on, from the start, and drawn by nobody.
    await duck.run('SET enable_progress_bar = true');
    await duck.run('SET enable_progress_bar_print = false');
    await duck.run('SET progress_bar_time = 0');
    return duck;
  }

  /**
   * Runs one statement; `onFraction` hears how much of it is done, 0..1.
   * Throws CancelledError when the signal fires and UserError when the disk has no room or the memory budget is full.
   */
  async run(sql: string, onFraction?: (fraction: number) => void): Promise<DuckDBMaterializedResult> {
    const { signal } = this.options;
    throwIfCancelled(signal);
    const interrupt = () => this.connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    const timer = onFraction && setInterval(() => this.report(onFraction), PROGRESS_INTERVAL_MS);
    try {
      return await this.connection.run(sql);
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      throw this.translate(error);
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', interrupt);
    }
  }

  /** All rows of a query as objects; 64-bit integers come as bigint. */
  async rows<T extends Row>(sql: string): Promise<T[]> {
    return (await (await this.run(sql)).getRowObjectsJS()) as T[];
  }

  /** The only row of a query. */
  async row<T extends Row>(sql: string): Promise<T> {
    return (await this.rows<T>(sql))[0];
  }

  /** Adds rows to a table with columns of these types. Throws CancelledError when the signal fires. */
  async append(
    table: string,
    types: readonly DuckDBType[],
    rows: AsyncIterable<readonly DuckDBValue[]>,
  ): Promise<void> {
    const { DuckDBDataChunk } = await loaded();
    const appender = await this.connection.createAppender(table);
    const chunk = DuckDBDataChunk.create(types);
    let waiting: (readonly DuckDBValue[])[] = [];
    const write = () => {
      throwIfCancelled(this.options.signal);
      chunk.reset();
      chunk.setRows(waiting);
      appender.appendDataChunk(chunk);
      waiting = [];
    };
    try {
      for await (const row of rows) if (waiting.push(row) === CHUNK_ROWS) write();
      if (waiting.length > 0) write();
    } finally {
      appender.closeSync();
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private report(onFraction: (fraction: number) => void): void {
    const { percentage } = this.connection.progress;
    if (percentage >= 0) onFraction(Math.min(percentage / 100, 1));
  }

  private translate(error: unknown): unknown {
    const message = messageOf(error);
    const noRoom = noRoomAt(error, this.options.temporaryDirectory ?? '.', this.options.advice);
    if (noRoom) return noRoom;
    if (/^Out of Memory Error/.test(message)) {
      return new UserError(`not enough memory for this import: ${firstLine(message)}`);
    }
    return error;
  }
}

/** A DuckDB for as long as `use` takes; what it spilled is removed. */
export async function withDuck<T>(use: (duck: Duck) => Promise<T>, options: DuckOptions = {}): Promise<T> {
  const duck = await Duck.open(options);
  try {
    return await use(duck);
  } finally {
    duck.close();
    const { temporaryDirectory } = options;
    if (temporaryDirectory !== undefined) rmSync(temporaryDirectory, { recursive: true, force: true });
  }
}

function bytesOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0];
}

const IMPORT_ADVICE: NoRoomAdvice = {
  fix: {
    cli: 'free some space or choose another home with --home, then import again',
    window: 'free some space or choose another data folder, then import again',
  },
  again: 'import again',
};

function noRoomAt(error: unknown, path: string, advice = IMPORT_ADVICE): UserError | null {
  // The hidden folder of a running import or export says nothing to its reader.
  return noRoomError(error, path.replace(/[\\/]\.(importing-|[^\\/]*\.partial).*$/, ''), advice);
}

/** Turns "no space left" of Node's own file calls into the same clear line. */
export function asNoRoom(error: unknown, directory: string): unknown {
  return error instanceof UserError ? error : (noRoomAt(error, directory) ?? error);
}
