/** What `tessera sql` reads: a view a kind of thing, which stays as it is when the tables behind it change. */
import Database from 'better-sqlite3';
import { z } from 'zod';
import { splitFields } from '../../data/splits/index.ts';
import { messageOf, UserError } from '../../errors.ts';
import { SOURCE_KEYS } from '../../training/sources.ts';
import { StoreTables } from './store-tables.ts';
import { addTables, type PublishedRows } from './view-tables.ts';

const utc = (column: string) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${column} / 1000, 'unixepoch') AS ${column}`;

/** Fields of a protocol, as its JSON has them. */
const PROTOCOL_FIELDS = [
  ...[
    'dataset',
    'split',
    'target',
    'targets',
    'candidates',
    'historyFilter',
    'rankTies',
    'ties',
    'testHistory',
    'selection',
  ],
  ...Object.keys(splitFields).filter((key) => key !== 'split'),
  ...['trainUsers', 'version'],
];

function fieldOfProtocol(field: string): string {
  const column = field.replaceAll(/[A-Z]/g, '_$&').toLowerCase();
  return `json_extract(protocol, '$.${field}') AS ${column}`;
}

/** Without what is in the trash. Times are ISO 8601 in UTC. */
export const VIEWS: Record<string, { about: string; sql: string }> = {
  runs: {
    about: 'runs of every kind: own, external (measured here from lists) and imported (told by a tracker)',
    sql: `SELECT id, name, kind, program, model, dataset_name AS dataset, seed, status, message, device, place, ${utc('created_at')},
      ${utc('started_at')}, ${utc('ended_at')}, epochs, selected_epoch, seconds, peak_memory, energy, list_seconds, parameters,
      protocol_fingerprint AS protocol,
      (SELECT projects.name FROM main.projects WHERE projects.id = runs.project) AS project, starred, archived, notes
      FROM main.runs WHERE deleted_at IS NULL`,
  },
  metrics: {
    about:
      'final metrics of runs; stated = 1 where another program reported it and nothing was measured here',
    sql: `SELECT run, name AS metric, value, 0 AS stated FROM main.run_metrics WHERE run IN (SELECT id FROM temp.runs)
      UNION ALL SELECT run, name, value, 1 FROM main.stated_metrics WHERE run IN (SELECT id FROM temp.runs)`,
  },
  config: {
    about: 'settings of runs, a row each',
    sql: `SELECT runs.id AS run, entry.key, entry.value FROM main.runs, json_each(runs.config) AS entry WHERE deleted_at IS NULL`,
  },
  tags: {
    about: 'tags of runs',
    sql: 'SELECT run, tag FROM main.run_tags WHERE run IN (SELECT id FROM temp.runs)',
  },
  curves: {
    about: 'what was logged while runs trained: how many points, the least, the largest and the last value',
    sql: `SELECT series.run, series.metric, sum(count) AS points, max(last_step) AS last_step, min(min_value) AS least,
      max(max_value) AS largest, (SELECT last_value FROM main.series_chunks AS newest WHERE newest.series = series.id ORDER BY first_step DESC LIMIT 1) AS last
      FROM main.series JOIN main.series_chunks ON series = series.id WHERE run IN (SELECT id FROM temp.runs) GROUP BY series.id`,
  },
  logs: {
    about: 'log lines of runs',
    sql: `SELECT run, ${utc('time')}, level, message FROM main.logs WHERE run IN (SELECT id FROM temp.runs)`,
  },
  datasets: {
    about: 'data sets',
    sql: 'SELECT id, name, created_at, users, items, interactions, fingerprint FROM main.datasets WHERE deleted_at IS NULL',
  },
  studies: {
    about: 'sweeps and scaling studies, a row for each of their runs',
    sql: `SELECT studies.id, studies.name, ${utc('studies.created_at').replace('AS studies.', 'AS ')}, run, size, share, seed FROM main.studies
      JOIN main.study_runs ON study = studies.id WHERE studies.deleted_at IS NULL`,
  },
  ranks: {
    about:
      "where each user's held-out item was ranked, counted from 1; users and items by their rows in the data set (runs export has their ids). " +
      'known: how many places of the list are known, NULL for all; history: items of the user before the target',
    sql: `SELECT run, split, each.user, each.target, each.rank, each.known, each.history FROM main.ranks,
      rank_rows(ranks.users, ranks.targets, ranks.ranks, ranks.history_lengths, coalesce(ranks.lengths, x''), coalesce(ranks.known, -1)) AS each WHERE run IN (SELECT id FROM temp.runs)`,
  },
  points: {
    about: 'the points of curves',
    sql: `SELECT run, metric, each.step, each.epoch, strftime('%Y-%m-%dT%H:%M:%SZ', each.time / 1000, 'unixepoch') AS time, each.value
      FROM main.series JOIN main.series_points ON series = series.id, point_rows(series_points.points) AS each
      WHERE run IN (SELECT id FROM temp.runs)`,
  },
  attempts: {
    about: 'every try at training a run',
    sql: `SELECT run, number, outcome, ${utc('started_at')}, ${utc('ended_at')}, from_step, code_version, place
      FROM main.attempts WHERE run IN (SELECT id FROM temp.runs)`,
  },
  usage: {
    about:
      'what runs took of their machine over time: percent of a core, bytes of memory, percent and bytes of the device, joules of its processors',
    sql: `SELECT run, ${utc('time')}, cpu, memory, gpu, gpu_memory, energy FROM main.system_samples WHERE run IN (SELECT id FROM temp.runs)`,
  },
  checkpoints: {
    about: 'checkpoints that were reported as whole; later ones replace earlier ones on the disk',
    sql: 'SELECT run, kind, epoch, step, path FROM main.checkpoints WHERE run IN (SELECT id FROM temp.runs)',
  },
  environment: {
    about: 'what runs were trained with: machine and libraries, a row each',
    sql: `SELECT runs.id AS run, entry.key, entry.value FROM main.runs, json_each(runs.environment) AS entry WHERE deleted_at IS NULL`,
  },
  trials: {
    about:
      'what the runs of sweeps and studies varied, a row each: trials by their number, and the settings that make them',
    sql: `SELECT studies.name AS study, run, study_runs.size AS trial, share, study_runs.seed, entry.key, entry.value
      FROM main.studies JOIN main.study_runs ON study = studies.id,
        json_each(studies.spec, '$.sizes[' || study_runs.size || '].config') AS entry
      WHERE studies.deleted_at IS NULL AND run IN (SELECT id FROM temp.runs)`,
  },
  protocols: {
    about:
      'how results were measured, by the fingerprint that runs have as protocol; NULL where it is not said',
    sql: `SELECT DISTINCT protocol_fingerprint AS protocol, ${PROTOCOL_FIELDS.map(fieldOfProtocol).join(', ')}
      FROM main.runs WHERE protocol IS NOT NULL AND deleted_at IS NULL`,
  },
  sources: {
    about:
      'runs that a run builds on, by the setting that names them, and the run whose checkpoint it evaluates',
    sql: `SELECT runs.id AS run, entry.key, entry.value AS source FROM main.runs, json_each(runs.config) AS entry
        WHERE deleted_at IS NULL AND entry.key IN (${SOURCE_KEYS.map((key) => `'${key}'`).join(', ')}) AND entry.value != ''
      UNION ALL SELECT id, 'evaluates', evaluated_run FROM main.runs WHERE deleted_at IS NULL AND evaluated_run IS NOT NULL`,
  },
  published: {
    about: 'numbers that papers and repositories state',
    sql: 'SELECT source, venue, dataset, model, metric, value, split, protocol, link FROM published_rows',
  },
  comparisons: {
    about: 'saved comparisons; runs is a JSON list of ids',
    sql: `SELECT id, name, notes, runs, ${utc('saved_at')} FROM main.comparisons WHERE deleted_at IS NULL`,
  },
};

export type Cell = string | number | null;

export interface QueryResult {
  columns: string[];
  rows: Cell[][];
  /** There were more than asked for. */
  cut: boolean;
}

/** What a database is, whatever it holds. */
export interface DatabaseDescription {
  /** Of the schema. */
  version: number;
  bytes: number;
  freeBytes: number;
  schema: string[];
  /** By table. */
  rows: Record<string, number>;
}

/** Queries over the views, on a connection of their own that cannot write. */
export class Views extends StoreTables {
  /** The columns of each view. */
  columns(): Record<string, string[]> {
    return this.#read((database) => {
      const columns = (name: string) => database.prepare(`SELECT * FROM ${name}`).columns();
      return Object.fromEntries(
        Object.keys(VIEWS).map((view) => [view, columns(view).map(({ name }) => name)]),
      );
    });
  }

  /** One SELECT; at most `limit` rows. Throws UserError for a query that is none, or is wrong. */
  query(sql: string, limit: number, published?: PublishedRows): QueryResult {
    return this.#read((database) => {
      try {
        const statement = database.prepare(sql);
        if (!statement.reader)
          throw new UserError('only queries are run here, and nothing is changed; write a SELECT');
        requireViews(sql);
        return rowsOf(statement, limit);
      } catch (error) {
        if (error instanceof UserError) throw error;
        const views = Object.keys(VIEWS).join(', ');
        throw new UserError(`the query failed: ${messageOf(error)}; the views are ${views}`);
      }
    }, published);
  }

  /** Its schema and how much is in it, and nothing of what that is. */
  description(): DatabaseDescription {
    return this.#read((database) => {
      const pragma = (name: string) => Number(database.pragma(name, { simple: true }));
      const made = database.prepare(
        `SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL ORDER BY name`,
      );
      const parts = z
        .array(z.object({ type: z.string(), name: z.string(), sql: z.string() }))
        .parse(made.all());
      const tables = parts.filter(({ type, name }) => type === 'table' && !name.startsWith('sqlite_'));
      const rowsIn = (name: string) =>
        Number(database.prepare(`SELECT count(*) FROM main."${name}"`).pluck().get());
      return {
        version: pragma('user_version'),
        bytes: pragma('page_count') * pragma('page_size'),
        freeBytes: pragma('freelist_count') * pragma('page_size'),
        schema: parts.map(({ sql }) => sql),
        rows: Object.fromEntries(tables.map(({ name }) => [name, rowsIn(name)])),
      };
    });
  }

  #read<T>(use: (database: Database.Database) => T, published?: PublishedRows): T {
    const database = new Database(this.connection.file, { readonly: true, fileMustExist: true });
    try {
      addTables(database, published);
      for (const [name, { sql }] of Object.entries(VIEWS))
        database.exec(`CREATE TEMP VIEW ${name} AS ${sql}`);
      // The tables behind them are not to be had by their names.
      const tables = database
        .prepare(`SELECT name FROM main.sqlite_schema WHERE type = 'table'`)
        .pluck()
        .all() as string[];
      for (const table of tables.filter((name) => !(name in VIEWS) && !name.startsWith('sqlite_')))
        database.exec(`CREATE TEMP VIEW "${table}" AS SELECT * FROM "${table}, which is no view"`);
      return use(database);
    } finally {
      database.close();
    }
  }
}

/** A comment, a number, a text or name in quotes, a name, or another character. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}_$][\p{L}\p{N}_$]*|\d[\w.]*|\S/gu;

/**
 * Throws UserError for a query that names anything but the views: the tables behind them by their schema (what is in the
 * trash, settings), or SQLite's own.
 */
function requireViews(sql: string): void {
  const tokens = (sql.match(TOKEN) ?? []).filter((token) => !/^(--|\/\*)/.test(token));
  const [first = ''] = tokens;
  if (!/^(select|with|values|explain)$/i.test(first))
    throw new UserError(`"${first}" cannot be read here; write a SELECT`);
  for (const [at, token] of tokens.entries()) {
    const name = token.replace(/^(['"`[])([\s\S]*)['"`\]]$/, '$2').toLowerCase();
    const isHidden = ['main', 'temp'].includes(name) && tokens[at + 1] === '.';
    if (isHidden || /^(sqlite_\w+|pragma_\w+|dbstat)$/.test(name))
      throw new UserError(`"${name}" cannot be read here: the views are ${Object.keys(VIEWS).join(', ')}`);
  }
}

function rowsOf(statement: Database.Statement, limit: number): QueryResult {
  const columns = statement.columns().map(({ name }) => name);
  const rows: Cell[][] = [];
  for (const row of statement.safeIntegers().raw().iterate() as Iterable<unknown[]>) {
    if (rows.length === limit) return { columns, rows, cut: true };
    rows.push(row.map(cellOf));
  }
  return { columns, rows, cut: false };
}

function cellOf(value: unknown): Cell {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  // JSON has neither whole numbers of 64 bits nor infinity.
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value as Cell);
}
