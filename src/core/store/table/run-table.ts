import { z } from 'zod';
import { mean } from '../../evaluation/metrics.ts';
import { metricDirection, metricsUsed, signOf } from '../../evaluation/metrics-table.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import { statedSample } from '../../evaluation/samples.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import type { Protocol } from '../../evaluation/types.ts';
import { parseJson } from '../../files/json.ts';
import { unknownOf } from '../../foreign/results/unknown.ts';
import { modelTitle } from '../../model-facts.ts';
import type { RunLabel } from '../../run-names.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { Projects } from '../home/projects.ts';
import { NOT_DELETED, readRuns } from '../runs/run-rows.ts';
import type { RunRecord } from '../types.ts';
import { type Comparable, sortedRows } from './row-order.ts';
import { MEANS, PROJECT_NAME } from './run-fields.ts';
import { RunLabels } from './run-labels.ts';
import { RunTableSql } from './run-table-sql.ts';
import type {
  Annotations,
  MetricCell,
  RunField,
  RunPlaces,
  RunTableFields,
  RunTableGroup,
  RunTablePage,
  RunTableQuery,
  RunTableRow,
  RunTotals,
} from './run-table-types.ts';
import { type Studies, type StudyOfRun, StudyRows } from './study-rows.ts';
import type { Sweeps } from './sweeps.ts';

/** A row by the ids of its runs, with means of metrics as `m0`. */
interface Order extends Record<`m${number}`, number | null> {
  ids: string;
  /** The same, the newest first. */
  runs: readonly string[];
  grouped: string | number | null;
  measured: string | null;
  /** Of its group. */
  key?: string;
}
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

/** Orders of rows, a few hundred kilobytes each in a large home. */
const MOST_KEPT = 8;

/** The table of runs: filtered, sorted, grouped and paged by the database, with the tags and notes of its user. */
export class RunTable extends StoreTables {
  readonly #projects: Projects;
  readonly #studies: StudyRows;
  readonly #kept = new Map<string, unknown>();
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
        outline: outline ? ordered.map(({ runs }) => runs.join(' ')) : null,
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
    const rows = this.#unchanged(sql.rows(metrics), sql.parameters, (found) =>
      (found as Omit<Order, 'runs'>[]).map((row): Order => ({ ...row, runs: newestFirst(row.ids) })),
    );
    return sortedRows(
      rows,
      query.sort.map(({ field, descending }) => ({
        ...{ descending, values: this.#valuesOf(field, query, studies) },
        isMean: query.fold && (field.startsWith('metric:') || MEANS.some((mean) => mean === field)),
      })),
    );
  }

  #valuesOf(field: RunField, query: RunTableQuery, studies: Studies): ReadonlyMap<string, Comparable> {
    const sql = new RunTableSql(query, studies);
    return this.#unchanged(sql.values(field), sql.parameters, (found) => {
      const values = new Map<string, Comparable>();
      for (const { id, value } of found as { id: string; value: Comparable }[]) values.set(id, value);
      return values;
    });
  }

  /** To fold thousands of runs is the slow part of a page: its next pages, other orders, and a window that comes back ask for the same. */
  #unchanged<T>(text: string, parameters: RunTableSql['parameters'], read: (rows: unknown[]) => T): T {
    const state = this.connection.state();
    const key = JSON.stringify([text, parameters]);
    if (state !== this.#keptOf || this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#keptOf = state;
    const known = this.#kept.get(key) ?? read(this.connection.all(text, parameters));
    this.#kept.set(key, known);
    return known as T;
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
    const labels = new RunLabels(this.connection, [...records.values()]);
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

const newestFirst = (ids: string) => ids.split(' ').sort().reverse();

interface Group {
  key: string;
  value: string | null;
  measured: string | null;
  rows: Order[];
}

/** In the order of their values, those without one last. Data sets part by what measured the rows; others stay with the most. */
function groupsOf(all: readonly Order[], byProtocol: boolean): Group[] {
  const groups = [...Map.groupBy(all, ({ grouped }) => grouped)].sort(([a], [b]) => valueOrder(a, b));
  return groups.flatMap(([grouped, ofValue]): Group[] => {
    const value = grouped === null ? null : String(grouped);
    const parts = Map.groupBy(ofValue, ({ measured }) =>
      byProtocol ? (measured?.slice(0, 12) ?? null) : null,
    );
    const known = [...parts.keys()].filter((measured) => measured !== null);
    const [most = null] = known.sort((a, b) => (parts.get(b)?.length ?? 0) - (parts.get(a)?.length ?? 0));
    const keyed = Map.groupBy(ofValue, ({ measured }) =>
      byProtocol ? (measured?.slice(0, 12) ?? most) : null,
    );
    const bySize = [...keyed].sort(([, a], [, b]) => b.length - a.length);
    return bySize.map(([measured, rows]) => {
      const key = [value ?? '', ...(measured === null || measured === most ? [] : [measured])].join(' ');
      for (const row of rows) row.key = key;
      const first = rows.find((row) => row.measured !== null)?.measured ?? null;
      return { key, value, measured: byProtocol ? first : null, rows };
    });
  });
}

function valueOrder(a: Order['grouped'], b: Order['grouped']): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === typeof b) return a < b ? -1 : 1;
  return typeof a === 'number' ? -1 : 1;
}

/** As few rows say nothing about which is best. */
const LEAST_COMPARED = 3;

/** Of rows of one data set and protocol. Equal values share a place; `others`, and values of some of the users, have none. */
function bestPlaces(
  rows: readonly Order[],
  metrics: readonly string[],
  others: ReadonlySet<string>,
): RunPlaces {
  const places: RunPlaces = {};
  const compared = rows.filter(({ ids, measured }) => {
    const [first] = ids.split(' ', 1);
    return measured !== null && !measured.endsWith('sampled') && !others.has(first);
  });
  for (const peers of Map.groupBy(compared, ({ measured }) => measured).values()) {
    for (const [at, metric] of metrics.entries()) {
      const direction = metricDirection(metric);
      const valued = peers.filter((row) => Number.isFinite(row[`m${at}`]));
      if (direction === 'none' || valued.length < LEAST_COMPARED) continue;
      const values = valued.map((row) => signOf(direction) * Number(row[`m${at}`]));
      const [best, second] = [...new Set(values)].sort((a, b) => b - a);
      for (const [index, row] of valued.entries()) {
        if (values[index] !== best && values[index] !== second) continue;
        const [first] = row.runs;
        places[first] = { ...places[first], [metric]: values[index] === best ? 'best' : 'second' };
      }
    }
  }
  return places;
}

interface RowParts {
  members: RunRecord[];
  noted: (Annotations & { paused: boolean })[];
  /** The study of each member. */
  cells: (StudyOfRun | null)[];
  tuning: RunTableRow['tuning'];
  label: RunLabel;
  group: string | null;
}

function tableRow(
  { members, noted, cells, label, tuning, group }: RowParts,
  query: RunTableQuery,
): RunTableRow {
  const [newest] = members;
  const { id, kind, name, model, dataset, message, device, createdAt, startedAt, endedAt } = newest;
  const measured = members.find(({ protocol }) => protocol !== null);
  const active = members.find((run) => run.status === 'running') ?? newest;
  const [cell] = cells;
  const study = query.foldStudies && cell ? studyOf(cell) : null;
  const measuring = members.filter(
    (_, at) => query.trials === 'all' || cells[at]?.kind !== 'sweep' || cells[at].chosen,
  );
  return {
    id,
    kind,
    program: newest.kind === 'own' ? null : newest.program,
    name,
    model,
    dataset,
    message,
    requestedDevice: newest.kind === 'own' ? newest.requestedDevice : null,
    device,
    ...meansOf(members),
    createdAt,
    startedAt,
    endedAt,
    protocolFingerprint: measured?.protocolFingerprint ?? null,
    comparisonKey: measured?.protocol ? comparisonKey(measured.protocol) : null,
    group,
    study,
    label: study ? studyLabel(study, newest) : cell ? cellLabel(cell, newest, label) : label,
    chosen: !study && Boolean(cell?.chosen),
    tuning,
    paused: noted[members.indexOf(active)]?.paused ?? false,
    status: active.status,
    runs: members.map((run) => ({ id: run.id, name: run.name, seed: run.seed, status: run.status })),
    metrics: Object.fromEntries(
      (study?.kind === 'study' ? [] : query.metrics).flatMap((metric) => {
        const ofTest = metric.startsWith('test/');
        const found = metricCell(ofTest || study ? measuring : members, metric);
        return found === null ? [] : [[metric, found]];
      }),
    ),
    config: Object.fromEntries(
      Object.entries(newest.config ?? {}).filter(([key]) => query.config.includes(key)),
    ),
    tags: [...new Set(noted.flatMap(({ tags }) => tags))].sort(),
    notes: noted.find(({ notes }) => notes !== '')?.notes ?? '',
    starred: noted.some(({ starred }) => starred),
    project: noted.find(({ project }) => project !== null)?.project ?? null,
    archived: noted.every(({ archived }) => archived),
  };
}

/** Over the runs that have the number; null where none has. */
function meansOf(members: readonly RunRecord[]): Pick<RunTableRow, (typeof MEANS)[number]> {
  const [parameters, epochs, selectedEpoch, seconds, peakMemory, energy, listSeconds] = MEANS.map((field) => {
    const values = members.flatMap((run) => run[field] ?? []);
    return values.length === 0 ? null : mean(values);
  });
  return { parameters, epochs, selectedEpoch, seconds, peakMemory, energy, listSeconds };
}

function studyOf({ id, name, kind, sizes }: StudyOfRun): NonNullable<RunTableRow['study']> {
  return { id, name, kind, sizes };
}

/** "Sweep of SASRec", or the whole name that the user gave. */
function studyLabel(
  { name, kind }: NonNullable<RunTableRow['study']>,
  { model, dataset }: RunRecord,
): RunLabel {
  if (model === null || !name.includes(`${model}-${dataset?.name}`)) return { title: name, detail: '' };
  return { title: `${kind === 'sweep' ? 'Sweep' : 'Scaling'} of ${modelTitle(model)}`, detail: '' };
}

/** A run of a study is told by its place in the grid. */
function cellLabel({ cell }: StudyOfRun, { model }: RunRecord, { title }: RunLabel): RunLabel {
  const known = model !== null && (title === modelTitle(model) || title.startsWith(model));
  return { title: known ? modelTitle(model) : title, detail: cell };
}

function metricCell(members: RunRecord[], metric: string): MetricCell | null {
  const values = members.filter((run) => metric in run.metrics).map((run) => run.metrics[metric]);
  if (values.length === 0) return statedCell(members, metric);
  return {
    mean: mean(values),
    std: values.length > 1 ? standardDeviation(values) : null,
    count: values.length,
    sample:
      statedSample(members.find(({ metrics }) => metric in metrics)?.protocol, metric.split('/', 1)[0]) ??
      undefined,
  };
}

function statedCell([run]: RunRecord[], metric: string): MetricCell | null {
  if (run?.kind !== 'imported' || !(metric in run.stated)) return null;
  return { mean: run.stated[metric], std: null, count: 1, stated: true };
}
