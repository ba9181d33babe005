import type { CountProgress, ImportCount } from '../../core/api/datasets.ts';
import { Duck } from '../../core/data/duck.ts';
import { badRowText } from '../../core/data/formats/bad-rows.ts';
import { count, type IngestedClicks, type IngestedInteractions } from '../../core/data/formats/raw-tables.ts';
import { filterRows } from '../../core/data/import/filter.ts';
import { type ReadFiles, readFiles } from '../../core/data/import/import.ts';
import { filesOf, planImport } from '../../core/data/import/plan.ts';
import { type ImportRequest, withPreset } from '../../core/data/import/request.ts';
import { Staging } from '../../core/data/import/staging.ts';
import { throwIfCancelled } from '../../core/errors.ts';
import type { WorkContext } from '../workers/progress.ts';

/** The files, read once and ready for any filter. */
interface Session {
  key: string;
  duck: Duck;
  staging: Staging;
  files: ReadFiles;
  total: { users: number; items: number; interactions: number };
  odd: Pick<ImportCount, 'repeats' | 'tied'>;
}

const IDLE_MS = 5 * 60_000;
/** Groups of every row take longer than reading it: of more rows the import counts them, which sorts them anyway. */
const MOST_ODD_ROWS = 5_000_000;
/** A question about the same files usually follows immediately. */
const PATIENCE_MS = 1_000;

/**
 * Counts what an import would keep. The files of the latest request stay in their own DuckDB, so that
 * a changed filter does not read them again; they are dropped after five idle minutes. Reading stops when nobody has
 * waited for it for a while.
 */
export class ImportCounter {
  #session: Session | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #waiting = 0;
  #reading: AbortController | null = null;
  /** Progress listeners: everyone who waits, because files read for one request serve the next. */
  readonly #listeners = new Set<(progress: CountProgress) => void>();
  readonly #patienceMs: number;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** Throws UserError for bad input or filters, as the import itself would, and CancelledError. */
  count(
    home: string,
    request: ImportRequest,
    { signal, onProgress = () => {} }: WorkContext<CountProgress>,
  ): Promise<ImportCount> {
    this.#waiting++;
    this.#listeners.add(onProgress);
    signal?.addEventListener('abort', () => this.#leave(), { once: true });
    const answer = this.#turn.then(async () => {
      throwIfCancelled(signal);
      clearTimeout(this.#idle);
      try {
        const session = await this.#open(home, request);
        throwIfCancelled(signal);
        onProgress({ phase: 'filter', fraction: 0 });
        return await countFiltered(session, withPreset(request));
      } finally {
        this.#listeners.delete(onProgress);
        this.#idle = setTimeout(() => this.#close(), IDLE_MS).unref();
      }
    });
    this.#turn = answer.then(
      () => !signal?.aborted && this.#leave(),
      () => !signal?.aborted && this.#leave(),
    );
    return answer;
  }

  #leave(): void {
    this.#waiting--;
    const abortUnwatched = () => {
      if (this.#waiting === 0) this.#reading?.abort();
    };
    setTimeout(abortUnwatched, this.#patienceMs).unref();
  }

  async #open(home: string, request: ImportRequest): Promise<Session> {
    const { paths, map, kind, separator, header, encoding, timeUnit } = request;
    const key = JSON.stringify([home, paths, map, kind, separator, header, encoding, timeUnit]);
    if (this.#session?.key === key) return this.#session;
    this.#close();
    const plan = await planImport(paths, request);
    const staging = new Staging(home, 'preview');
    const reading = new AbortController();
    this.#reading = reading;
    const { signal } = reading;
    let duck: Duck | null = null;
    try {
      duck = await Duck.open({ temporaryDirectory: staging.scratch(), signal, reads: filesOf(plan) });
      const files = await readFiles(plan, request, { duck, staging, signal }, (at) => this.#report(at));
      this.#report({ phase: 'count', fraction: 0 });
      const { rows } = files;
      const clicks = rows.kind === 'clicks';
      const total = await (clicks ? countClicks(duck, rows) : countTable(duck, 'source'));
      const quick = !clicks && total.interactions <= MOST_ODD_ROWS;
      const odd = quick ? await countOdd(duck, rows) : { repeats: null, tied: null };
      this.#session = { key, duck, staging, files, total, odd };
      return this.#session;
    } catch (error) {
      duck?.close();
      staging.remove();
      throw error;
    } finally {
      this.#reading = null;
    }
  }

  #report(progress: CountProgress): void {
    for (const listener of this.#listeners) listener(progress);
  }

  #close(): void {
    this.#session?.duck.close();
    this.#session?.staging.remove();
    this.#session = null;
  }
}

/** Filters inside a transaction that is rolled back, because filtering drops the tables it reads. */
async function countFiltered(
  { duck, files: { rows, items, bad, mixed }, total, odd }: Session,
  request: ImportRequest,
): Promise<ImportCount> {
  const badRowExamples = bad.examples.map(badRowText);
  const badRowPlaces = bad.examples.map(({ file, line }) => ({ file, line }));
  const read = { source: total, badRows: bad.badRows, badRowExamples, badRowPlaces, mixed, ...odd };
  // The rows of a click log are counted as they are; filters are for interactions.
  if (rows.kind === 'clicks') return { ...total, described: null, ...read };
  await duck.run('BEGIN');
  try {
    await filterRows(duck, request, rows);
    const kept = await countTable(duck, 'kept');
    const known = '(SELECT DISTINCT i::VARCHAR AS id FROM kept) SEMI JOIN item_side USING (id)';
    return { ...kept, described: items && (await count(duck, known)), ...read };
  } finally {
    await duck.run('ROLLBACK');
  }
}

async function countClicks(duck: Duck, { columns }: IngestedClicks): Promise<Session['total']> {
  const distinct = async (role: 'user' | 'item') => {
    const column = columns.find((known) => known.role === role)?.column;
    return column === undefined ? 0 : count(duck, `(SELECT DISTINCT ${column} FROM clicks)`);
  };
  return {
    users: await distinct('user'),
    items: await distinct('item'),
    interactions: await count(duck, 'clicks'),
  };
}

/** What the order of a history, and what is held out of it, may hang on. */
async function countOdd(duck: Duck, { hasTime }: IngestedInteractions): Promise<Session['odd']> {
  if (!hasTime) {
    const pairs = '(SELECT count(*) AS n FROM source GROUP BY u, i)';
    const row = await duck.row<{ repeats: number }>(`SELECT sum(n - 1)::DOUBLE AS repeats FROM ${pairs}`);
    return { repeats: row.repeats ?? 0, tied: null };
  }
  const moments =
    'SELECT sum(n) AS n, sum(n - 1) AS repeats FROM (SELECT u, t, count(*) AS n FROM source GROUP BY u, i, t) GROUP BY u, t';
  const row = await duck.row<{ repeats: number | null; tied: number | null }>(
    `SELECT sum(repeats)::DOUBLE AS repeats, (sum(n) FILTER (n > 1))::DOUBLE AS tied FROM (${moments})`,
  );
  return { repeats: row.repeats ?? 0, tied: row.tied ?? 0 };
}

async function countTable(duck: Duck, table: string) {
  const row = await duck.row<{ users: bigint; items: bigint; interactions: bigint }>(
    `SELECT count(DISTINCT u) AS users, count(DISTINCT i) AS items, count(*) AS interactions FROM ${table}`,
  );
  return {
    users: Number(row.users),
    items: Number(row.items),
    interactions: Number(row.interactions),
  };
}
