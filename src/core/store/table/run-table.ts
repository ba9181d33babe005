import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { metricsUsed } from '../../evaluation/metrics-table.ts';
import type { Protocol } from '../../evaluation/types.ts';
import { parseJson } from '../../files/json.ts';
import { unknownOf } from '../../foreign/results/unknown.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { foldCase } from '../db/fold-case.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { Projects } from '../home/projects.ts';
import { NOT_DELETED, readRuns } from '../runs/run-rows.ts';
import {
  type AskedRun,
  foldedRows,
  type Order,
  type TableRun,
  tableRuns,
  valuesByNumber,
} from './fold-rows.ts';
import { bestPlaces, type Group, groupsOf } from './row-groups.ts';
import { type Comparable, sortedRows } from './row-order.ts';
import { MEANS, PROJECT_NAME } from './run-fields.ts';
import { type Family, RunLabels } from './run-labels.ts';
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

/** Values, rows and texts of all runs, some megabytes each in a very large home. */
const MOST_KEPT = 12;

/** The table of runs: filtered by the database, searched, folded, sorted, grouped and paged here, with the tags and notes of its user. */
export class RunTable extends StoreTables {
  readonly #projects: Projects;
  readonly #studies: StudyRows;
  readonly #kept = new LRUCache<string, object>({ max: MOST_KEPT });
  #keptOf = '';

  constructor(connection: Connection, projects: Projects, sweeps: Sweeps) {
    super(connection);
    this.#projects = projects;
    this.#studies = new StudyRows(connection, sweeps);
  }

  /** One page. Throws UserError for an unknown field. */
  page(query: RunTableQuery): RunTablePage {
    const { groupBy, offset, limit, outline } = query;
    return this.connection.snapshot(() => {
      const studies = this.#studies.all();
      const all = this.#orders(query, studies, []);
      const groups = groupBy === null ? null : groupsOf(all, groupBy === 'dataset');
      const ordered = groups ? groups.flatMap((group) => group.rows) : all;
      return {
        total: ordered.length,
        groups: groups?.map((group) => this.#group(group)) ?? null,
        rows: this.#rows(ordered.slice(offset, offset + limit), query, studies),
        outline: outline ? ordered.map(({ ids }) => ids) : null,
      };
    });
  }

  /** Which values of the query's metrics are the best among all rows. Throws UserError for an unknown field. */
  places(query: RunTableQuery): RunPlaces {
    return this.connection.snapshot(() => {
      const orders = this.#orders(query, this.#studies.all(), query.metrics);
      return bestPlaces(orders, query.metrics, new Set([...this.#runsOfStudies(), ...this.#halfKnown()]));
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

  /** All rows, with the means of these metrics. */
  #orders(query: RunTableQuery, studies: Studies, metrics: readonly string[]): Order[] {
    const sql = new RunTableSql(query, studies);
    // They come from strict tables; to check twenty thousand takes longer than to read them.
    const read = (found: unknown[]) => tableRuns(found as AskedRun[]);
    const asked = [sql.runs(metrics), sql.parameters] as const;
    const words = query.search.split(/\s+/).filter((word) => word !== '');
    const runs = this.#read(asked, read);
    const rows = this.#unchanged(['rows', ...asked, words], () =>
      foldedRows(this.#withWords(runs, words, sql), metrics.length),
    );
    return sortedRows(
      rows,
      query.sort.map(({ field, descending }) => ({
        ...{ descending, values: valuesByNumber(runs, this.#valuesOf(field, query, studies)) },
        isMean: query.fold && (field.startsWith('metric:') || MEANS.some((mean) => mean === field)),
      })),
    );
  }

  #valuesOf(field: RunField, query: RunTableQuery, studies: Studies) {
    const sql = new RunTableSql(query, studies);
    const read = (found: unknown[]) => found as { id: string; value: Comparable }[];
    return this.#read([sql.values(field), sql.parameters], read);
  }

  /** The runs in whose text all of the words are, or whose id begins with them. */
  #withWords(runs: readonly TableRun[], words: readonly string[], sql: RunTableSql): readonly TableRun[] {
    if (words.length === 0) return runs;
    const texts = this.#read([sql.texts()], (found) => {
      const folded = new Map<string, string>();
      for (const { id, text } of found as { id: string; text: string }[]) folded.set(id, foldCase(text));
      return folded;
    });
    const wanted = words.map((word) => ({ text: foldCase(word), start: word.toLowerCase() }));
    return runs.filter(({ id }) => {
      const within = texts.get(id) ?? '';
      return wanted.every(({ text, start }) => within.includes(text) || id.startsWith(start));
    });
  }

  /** What a question of the database comes to. */
  #read<T extends object>(
    asked: readonly [sql: string, parameters?: RunTableSql['parameters']],
    read: (rows: unknown[]) => T,
  ): T {
    const [sql, parameters = {}] = asked;
    return this.#unchanged(asked, () => read(this.connection.all(sql, parameters)));
  }

  /** To read thousands of runs is the slow part of a page: its next pages, other orders, and a window that comes back ask for the same. */
  #unchanged<T extends object>(what: unknown, make: () => T): T {
    const state = this.connection.state();
    if (state !== this.#keptOf) this.#kept.clear();
    this.#keptOf = state;
    const key = JSON.stringify(what);
    const known = (this.#kept.get(key) as T | undefined) ?? make();
    this.#kept.set(key, known);
    return known;
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

  #rows(orders: readonly Order[], query: RunTableQuery, known: Studies): RunTableRow[] {
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
    const families = this.#unchanged('families', () => new Map<string, Family>());
    const labels = new RunLabels(this.connection, [...records.values()], families);
    return orders.map(({ key }, at) => {
      const members = idsOf[at].flatMap((id) => records.get(id) ?? []);
      const noted = idsOf[at].flatMap((id) => annotations.get(id) ?? []);
      const cells = idsOf[at].map((id) => studies.get(id) ?? null);
      const label = labels.of(members[0], !query.fold);
      const tuning = idsOf[at].map((id) => tunings.get(id)).find((found) => found !== undefined) ?? null;
      return tableRow({ members, noted, cells, label, tuning, group: key ? String(key) : null }, query);
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
