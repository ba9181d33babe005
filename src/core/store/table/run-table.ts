import { z } from 'zod';
import { metricsUsed } from '../../evaluation/metrics-table.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import type { Protocol } from '../../evaluation/types.ts';
import { parseJson } from '../../files/json.ts';
import { unknownOf } from '../../foreign/results/unknown.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { foldCase } from '../db/fold-case.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { Projects } from '../home/projects.ts';
import type { RunStatus } from '../runs/run-life.ts';
import { NOT_DELETED, readRuns } from '../runs/run-rows.ts';
import { type AskedRun, alongRuns, foldedRows, type Order, RunNumbers, type TableRun } from './fold-rows.ts';
import { KeptRuns } from './kept-runs.ts';
import { bestPlaces, type Group, groupsOf, SAMPLED } from './row-groups.ts';
import { type Comparable, sortedRows } from './row-order.ts';
import { MEANS, PROJECT_NAME } from './run-fields.ts';
import { Families, RunLabels } from './run-labels.ts';
import { RunTableSql } from './run-table-sql.ts';
import type {
  Annotations,
  RunField,
  RunPlaces,
  RunTableFields,
  RunTableGroup,
  RunTablePage,
  RunTableQuery,
  RunTableRow,
  RunTotals,
} from './run-table-types.ts';
import { type Studies, StudyRows } from './study-rows.ts';
import type { Sweeps } from './sweeps.ts';
import { tableRow } from './table-row.ts';

const protocolRow = z.object({ protocol: jsonOf<Protocol>() });
const textRow = z.object({ value: z.string() });
const namedRow = z.object({ id: z.string(), name: z.string() });
const totalsRow = z.object({ runs: z.number(), archived: z.number() });
const flag = z.number().transform((value) => value === 1);
const noteRow = z.object({
  id: z.string(),
  notes: z.string(),
  starred: flag,
  archived: flag,
  project: z.string().nullable(),
  paused: flag,
  tags: z.string().transform(parseJson).pipe(z.array(z.string())),
});

/** Of a run by its id. */
interface Valued<Value> {
  id: string;
  value: Value;
}

/** Rows in order, and all runs that those in them are among. */
interface Found {
  runs: readonly TableRun[];
  rows: Order[];
}

/** The table of runs: filtered by the database, searched, folded, sorted, grouped and paged here, with the tags and notes of its user. */
export class RunTable extends StoreTables {
  readonly #projects: Projects;
  readonly #studies: StudyRows;
  readonly #kept: KeptRuns;
  readonly #families: Families;
  readonly #numbers = new RunNumbers();
  /** What results of a protocol have in common, by its number. */
  readonly #measured: (string | null)[] = [null];

  constructor(connection: Connection, projects: Projects, sweeps: Sweeps) {
    super(connection);
    this.#projects = projects;
    this.#studies = new StudyRows(connection, sweeps);
    this.#kept = new KeptRuns(connection);
    this.#families = new Families(connection);
  }

  /** One page. Throws UserError for an unknown field. */
  page(query: RunTableQuery): RunTablePage {
    const { groupBy, offset, limit, outline } = query;
    return this.connection.snapshot(() => {
      const studies = this.#studies.all();
      const { runs, rows } = this.#found(query, studies);
      const groups =
        groupBy === null
          ? null
          : groupsOf(rows, alongRuns(runs, this.#valuesOf(groupBy, query, studies)), groupBy === 'dataset');
      const ordered = groups ? groups.flatMap((group) => group.rows) : rows;
      const shown = ordered.slice(offset, offset + limit);
      return {
        total: ordered.length,
        groups: groups?.map((group) => this.#group(group)) ?? null,
        rows: this.#rows(shown, keysOf(shown, groups ?? []), query, studies),
        outline: outline ? ordered.map(({ ids }) => ids) : null,
      };
    });
  }

  /** Which values of the query's metrics are the best among all rows. Throws UserError for an unknown field. */
  places(query: RunTableQuery): RunPlaces {
    return this.connection.snapshot(() => {
      const studies = this.#studies.all();
      const { runs, rows } = this.#found(query, studies);
      const values = query.metrics.map(
        (metric) => [metric, alongRuns(runs, this.#valuesOf(`metric:${metric}`, query, studies))] as const,
      );
      return bestPlaces(rows, new Map(values), new Set([...this.#runsOfStudies(), ...this.#halfKnown()]));
    });
  }

  /** Results of other programs of which something is unknown: they are neither best nor second, nor in their way. */
  #halfKnown(): string[] {
    const runs = readRuns(this.connection, `kind = 'external' AND ${NOT_DELETED}`, { metrics: [] });
    return runs.flatMap((run) => (run.kind === 'external' && unknownOf(run).length > 0 ? run.id : []));
  }

  #runsOfStudies(): string[] {
    const sql =
      'SELECT run FROM study_runs JOIN studies ON studies.id = study WHERE studies.deleted_at IS NULL';
    return (this.connection.all(sql) as { run: string }[]).map(({ run }) => run);
  }

  #found(query: RunTableQuery, studies: Studies): Found {
    const sql = new RunTableSql(query, studies);
    const { values: runs } = this.#kept.column<AskedRun, TableRun>([sql.runs(), sql.parameters], (run) =>
      this.#numbers.read(run),
    );
    const words = query.search.split(/\s+/).filter((word) => word !== '');
    const { fold, foldStudies } = query;
    const rows = this.#kept.from(runs, [words, fold, foldStudies], () => {
      const folding = { fold, foldStudies, measured: this.#measuredBy(runs) };
      return foldedRows(runs, folding, this.#withWords(runs, words, sql));
    });
    const sort = query.sort.map(({ field, descending }) => ({
      ...{ descending, values: alongRuns(runs, this.#valuesOf(field, query, studies)) },
      isMean: query.fold && (field.startsWith('metric:') || MEANS.some((mean) => mean === field)),
    }));
    return { runs, rows: sortedRows(rows, sort) };
  }

  #valuesOf(field: RunField, query: RunTableQuery, studies: Studies) {
    const sql = new RunTableSql(query, studies);
    const asked: [string, RunTableSql['parameters']] = [sql.values(field), sql.parameters];
    return this.#kept.column<Valued<Comparable>, Comparable>(asked, ({ value }) => value);
  }

  /** The places of the runs in whose text all of the words are, or whose id begins with them. */
  #withWords(runs: readonly TableRun[], words: readonly string[], sql: RunTableSql): Iterable<number> {
    if (words.length === 0) return runs.keys();
    const folded = this.#kept.column<Valued<string>, string>([sql.texts()], ({ value }) => foldCase(value));
    const texts = alongRuns(runs, folded);
    const wanted = words.map((word) => ({ text: foldCase(word), start: word.toLowerCase() }));
    return [...runs.keys()].filter((at) => {
      const within = texts[at] ?? '';
      return wanted.every(({ text, start }) => within.includes(text) || runs[at].id.startsWith(start));
    });
  }

  /** Thousands of runs share a few protocols. */
  #measuredBy(runs: readonly TableRun[]): readonly (string | null)[] {
    for (const { id, protocol: number } of runs) {
      if (this.#measured[number] !== undefined) continue;
      const [{ protocol }] = this.connection.rows(protocolRow, 'SELECT protocol FROM runs WHERE id = ?', id);
      this.#measured[number] = comparisonKey(protocol) + (protocol.samples ? SAMPLED : '');
    }
    return this.#measured;
  }

  #group({ key, value, measured, rows }: Group): RunTableGroup {
    const run = measured === null ? undefined : rows.find((row) => row.measured === measured)?.runs;
    const [stated] = run
      ? this.connection.rows(
          protocolRow,
          `SELECT protocol FROM runs WHERE protocol IS NOT NULL AND id IN (SELECT value FROM json_each(?)) LIMIT 1`,
          JSON.stringify(run),
        )
      : [];
    return { key, value, rows: rows.length, protocol: stated?.protocol ?? null };
  }

  totals(): RunTotals {
    const [{ runs, archived }] = this.connection.rows(
      totalsRow,
      `SELECT count(*) FILTER (WHERE archived = 0) AS runs, count(*) FILTER (WHERE archived = 1) AS archived
       FROM runs WHERE ${NOT_DELETED}`,
    );
    // One look-up in the index for each name is faster than a walk over the metrics of every run.
    const metrics = this.connection.rows(
      textRow,
      `WITH RECURSIVE names (value) AS
         (SELECT min(name) FROM run_metrics
          UNION ALL SELECT (SELECT min(name) FROM run_metrics WHERE name > names.value) FROM names
          WHERE names.value IS NOT NULL)
       SELECT value FROM names WHERE value IS NOT NULL`,
    );
    const decisive = this.connection.rows(
      textRow,
      `SELECT name AS value FROM run_metrics WHERE name IN (SELECT value FROM json_each(?))
       GROUP BY name ORDER BY count(*) DESC, name`,
      JSON.stringify(metricsUsed('main').map((name) => `test/${name}`)),
    );
    const names = (rows: typeof metrics) => rows.map(({ value }) => value);
    return { runs, archived, metrics: names(metrics), decisive: names(decisive) };
  }

  /** The fields that columns and filters can be chosen from. */
  fields(): RunTableFields {
    const texts = (sql: string) => this.connection.rows(textRow, sql).map(({ value }) => value);
    const distinct = (column: string) =>
      texts(
        `SELECT DISTINCT ${column} AS value FROM runs WHERE ${NOT_DELETED} AND ${column} IS NOT NULL ORDER BY value`,
      );
    const keys = (having: string) =>
      texts(
        `SELECT key AS value FROM
           (SELECT DISTINCT config FROM runs WHERE ${NOT_DELETED}) AS configs, json_each(configs.config) AS pair
         GROUP BY key HAVING ${having} ORDER BY key`,
      );
    return this.connection.snapshot(() => ({
      config: keys('TRUE'),
      differing: keys("count(DISTINCT coalesce(pair.value, 'null')) > 1"),
      models: distinct('model'),
      datasets: distinct('dataset_name'),
      projects: this.#projects.list().map(({ name }) => name),
      tags: texts('SELECT DISTINCT tag AS value FROM run_tags ORDER BY value'),
      ...this.totals(),
    }));
  }

  annotations(run: string): Annotations {
    const none = { tags: [], notes: '', starred: false, archived: false, project: null, paused: false };
    const { paused: _, ...noted } = this.#annotations([run]).get(run) ?? none;
    return noted;
  }

  /** Of many at once by their ids, without those that are gone or in the trash. */
  annotationsOf(runs: readonly string[]): Record<string, Annotations> {
    const noted = [...this.#annotations(runs, NOT_DELETED)];
    return Object.fromEntries(noted.map(([id, { paused: _, ...own }]) => [id, own]));
  }

  /** Changes the given fields alone. A missing project is created. */
  annotate(run: string, { tags, notes, starred, archived, project }: Partial<Annotations>): void {
    this.connection.transaction(() => {
      const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
      this.connection.run(
        `UPDATE runs SET notes = coalesce(@notes, notes), starred = coalesce(@starred, starred),
           archived = coalesce(@archived, archived) WHERE id = @run`,
        { run, notes: notes ?? null, starred: flag(starred), archived: flag(archived) },
      );
      if (project !== undefined) {
        const id = project === null ? null : this.#projects.named(project);
        this.connection.run('UPDATE runs SET project = ? WHERE id = ?', id, run);
      }
      if (tags === undefined) return;
      this.connection.run('DELETE FROM run_tags WHERE run = ?', run);
      for (const tag of new Set(tags)) {
        this.connection.insert('run_tags', { run, tag });
      }
    });
  }

  /** Runs with a tag that are in one of these states, the oldest first. */
  tagged(tag: string, statuses: readonly RunStatus[]): { id: string; name: string }[] {
    const sql = `SELECT id, name FROM run_tags JOIN runs ON runs.id = run_tags.run
      WHERE tag = ? AND status IN (SELECT value FROM json_each(?)) AND ${NOT_DELETED} ORDER BY id`;
    return this.connection.rows(namedRow, sql, tag, JSON.stringify(statuses));
  }

  #rows(
    orders: readonly Order[],
    groups: ReadonlyMap<Order, string>,
    query: RunTableQuery,
    known: Studies,
  ): RunTableRow[] {
    const idsOf = orders.map(({ runs }) => runs);
    const all = idsOf.flat();
    const studies = this.#studies.of(all, known);
    const tunings = this.#studies.tunings(all, known);
    const records = new Map(
      readRuns(this.connection, 'id IN (SELECT value FROM json_each(@ids))', {
        parameters: { ids: JSON.stringify(all) },
        metrics: query.metrics,
      }).map((record) => [record.id, record]),
    );
    const annotations = this.#annotations(all);
    const labels = new RunLabels(this.#families.of([...records.values()]));
    return orders.map((order, at) => {
      const members = idsOf[at].flatMap((id) => records.get(id) ?? []);
      const noted = idsOf[at].flatMap((id) => annotations.get(id) ?? []);
      const cells = idsOf[at].map((id) => studies.get(id) ?? null);
      const label = labels.of(members[0], !query.fold);
      const tuning = idsOf[at].map((id) => tunings.get(id)).find((found) => found !== undefined) ?? null;
      return tableRow({ members, noted, cells, label, tuning, group: groups.get(order) || null }, query);
    });
  }

  #annotations(ids: readonly string[], where = 'TRUE'): Map<string, Annotations & { paused: boolean }> {
    const rows = this.connection.rows(
      noteRow,
      `SELECT id, notes, starred, archived, ${PROJECT_NAME} AS project,
         EXISTS (SELECT 1 FROM queue WHERE run = runs.id AND held = 1 AND status = 'queued') AS paused,
         (SELECT json_group_array(tag) FROM run_tags WHERE run = runs.id) AS tags
       FROM runs WHERE ${where} AND id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    );
    return new Map(rows.map(({ id, ...noted }) => [id, noted]));
  }
}

/** The key of the group of each of these rows. */
function keysOf(rows: readonly Order[], groups: readonly Group[]): ReadonlyMap<Order, string> {
  const shown = new Set(rows);
  return new Map(
    groups.flatMap((group) =>
      group.rows.flatMap((row) => (shown.has(row) ? [[row, group.key] as const] : [])),
    ),
  );
}
