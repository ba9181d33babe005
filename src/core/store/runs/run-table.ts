import { z } from 'zod';
import { mean } from '../../evaluation/metrics.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import { statedSample } from '../../evaluation/samples.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import { parseJson } from '../../files/json.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { Projects } from '../home/projects.ts';
import { STUDY_KIND_SQL } from '../home/studies.ts';
import { STUDY_KINDS } from '../home/study-spec.ts';
import type { RunRecord } from '../types.ts';
import { readRuns } from './run-rows.ts';
import { NOT_DELETED, PROJECT_NAME, RunTableSql } from './run-table-sql.ts';
import type {
  Annotations,
  MetricCell,
  RunTableFields,
  RunTableGroup,
  RunTablePage,
  RunTableQuery,
  RunTableRow,
} from './run-table-types.ts';

const pageRow = z.object({
  ids: z.string(),
  grouped: z.union([z.string(), z.number()]).nullable(),
  total: z.number(),
});
const groupRow = z
  .object({ value: z.union([z.string(), z.number()]).nullable(), rows: z.number() })
  .transform(({ value, rows }): RunTableGroup => ({ value: value === null ? null : String(value), rows }));
const textRow = z.object({ value: z.string() });
const totalsRow = z.object({ runs: z.number(), archived: z.number() });
const studyOfRun = z.object({
  run: z.string(),
  id: z.string(),
  name: z.string(),
  kind: z.enum(STUDY_KINDS),
});
const flag = z.number().transform((value) => value === 1);
const noteRow = z.object({
  id: z.string(),
  notes: z.string(),
  starred: flag,
  archived: flag,
  project: z.string().nullable(),
  tags: z.string().transform(parseJson).pipe(z.array(z.string())),
});

/** The table of runs: filtered, sorted, grouped and paged by the database, with the tags and notes of its user. */
export class RunTable extends StoreTables {
  readonly #projects: Projects;

  constructor(connection: Connection, projects: Projects) {
    super(connection);
    this.#projects = projects;
  }

  /** One page. Throws UserError for an unknown field. */
  page(query: RunTableQuery): RunTablePage {
    return this.connection.snapshot(() => {
      const sql = new RunTableSql(query);
      const rows = this.connection.rows(pageRow, sql.page(), sql.parameters);
      const groups = query.groupBy === null ? null : this.#groups(query);
      const total =
        rows[0]?.total ?? (query.offset === 0 ? 0 : this.page({ ...query, offset: 0, limit: 1 }).total);
      return { total, groups, rows: this.#rows(rows, query) };
    });
  }

  /** The fields that columns and filters can be chosen from. */
  fields(): RunTableFields {
    const texts = (sql: string) => this.connection.rows(textRow, sql).map(({ value }) => value);
    const distinct = (column: string) =>
      texts(`SELECT DISTINCT ${column} AS value FROM runs WHERE ${NOT_DELETED} ORDER BY value`);
    return this.connection.snapshot(() => ({
      // One look-up in the index for each name is faster than a walk over the metrics of every run.
      metrics: texts(
        `WITH RECURSIVE names (value) AS
           (SELECT min(name) FROM run_metrics
            UNION ALL SELECT (SELECT min(name) FROM run_metrics WHERE name > names.value) FROM names
            WHERE names.value IS NOT NULL)
         SELECT value FROM names WHERE value IS NOT NULL`,
      ),
      config: texts(
        `SELECT DISTINCT key AS value FROM
           (SELECT DISTINCT config FROM runs WHERE ${NOT_DELETED}) AS configs, json_each(configs.config)
         ORDER BY value`,
      ),
      models: distinct('model'),
      datasets: distinct('dataset_name'),
      projects: this.#projects.list().map(({ name }) => name),
      tags: texts('SELECT DISTINCT tag AS value FROM run_tags ORDER BY value'),
      ...this.connection.rows(
        totalsRow,
        `SELECT count(*) FILTER (WHERE archived = 0) AS runs, count(*) FILTER (WHERE archived = 1) AS archived
         FROM runs WHERE ${NOT_DELETED}`,
      )[0],
    }));
  }

  annotations(run: string): Annotations {
    const none: Annotations = { tags: [], notes: '', starred: false, archived: false, project: null };
    return this.#annotations([run]).get(run) ?? none;
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

  #groups(query: RunTableQuery): RunTableGroup[] {
    const sql = new RunTableSql(query);
    return this.connection.rows(groupRow, sql.groups(), sql.parameters);
  }

  #rows(pages: z.infer<typeof pageRow>[], query: RunTableQuery): RunTableRow[] {
    const idsOf = pages.map(({ ids }) => ids.split(' ').sort().reverse());
    const all = idsOf.flat();
    const records = new Map(
      readRuns(this.connection, 'id IN (SELECT value FROM json_each(@ids))', {
        parameters: { ids: JSON.stringify(all) },
        metrics: query.metrics,
      }).map((record) => [record.id, record]),
    );
    const annotations = this.#annotations(all);
    const studies = query.foldStudies ? this.#studies(all) : new Map<string, RunTableRow['study']>();
    return pages.map(({ grouped }, at) => {
      const members = idsOf[at].flatMap((id) => records.get(id) ?? []);
      const noted = idsOf[at].flatMap((id) => annotations.get(id) ?? []);
      const study = studies.get(idsOf[at][0]) ?? null;
      return tableRow({ members, noted, study, group: grouped === null ? null : String(grouped) }, query);
    });
  }

  /** The study of each run that belongs to one. */
  #studies(ids: string[]): Map<string, RunTableRow['study']> {
    const rows = this.connection.rows(
      studyOfRun,
      `SELECT run, studies.id AS id, name, ${STUDY_KIND_SQL} AS kind
       FROM study_runs JOIN studies ON studies.id = study
       WHERE studies.deleted_at IS NULL AND run IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    );
    return new Map(rows.map(({ run, ...study }) => [run, study]));
  }

  #annotations(ids: string[]): Map<string, Annotations> {
    const rows = this.connection.rows(
      noteRow,
      `SELECT id, notes, starred, archived, ${PROJECT_NAME} AS project,
         (SELECT json_group_array(tag) FROM run_tags WHERE run = runs.id) AS tags
       FROM runs WHERE id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    );
    return new Map(rows.map(({ id, ...noted }) => [id, noted]));
  }
}

interface RowParts {
  members: RunRecord[];
  noted: Annotations[];
  study: RunTableRow['study'];
  group: string | null;
}

function tableRow({ members, noted, study, group }: RowParts, query: RunTableQuery): RunTableRow {
  const [newest] = members;
  const { id, name, model, dataset, message, requestedDevice, device, parameters } = newest;
  const { createdAt, startedAt, endedAt, epochs, seconds } = newest;
  const measured = members.find(({ protocol }) => protocol !== null);
  const active = members.find((run) => run.status === 'running') ?? newest;
  return {
    id,
    name,
    model,
    dataset,
    message,
    requestedDevice,
    device,
    parameters,
    createdAt,
    startedAt,
    endedAt,
    epochs,
    seconds,
    protocolFingerprint: measured?.protocolFingerprint ?? null,
    comparisonKey: measured?.protocol ? comparisonKey(measured.protocol) : null,
    group,
    study,
    status: active.status,
    runs: members.map((run) => ({ id: run.id, name: run.name, seed: run.seed, status: run.status })),
    metrics: Object.fromEntries(
      (study ? [] : query.metrics).flatMap((metric) => {
        const cell = metricCell(members, metric);
        return cell === null ? [] : [[metric, cell]];
      }),
    ),
    config: Object.fromEntries(
      query.config.filter((key) => key in newest.config).map((key) => [key, newest.config[key]]),
    ),
    tags: [...new Set(noted.flatMap(({ tags }) => tags))].sort(),
    notes: noted.find(({ notes }) => notes !== '')?.notes ?? '',
    starred: noted.some(({ starred }) => starred),
    project: noted.find(({ project }) => project !== null)?.project ?? null,
    archived: noted.every(({ archived }) => archived),
  };
}

function metricCell(members: RunRecord[], metric: string): MetricCell | null {
  const values = members.filter((run) => metric in run.metrics).map((run) => run.metrics[metric]);
  if (values.length === 0) return null;
  return {
    mean: mean(values),
    std: values.length > 1 ? standardDeviation(values) : null,
    count: values.length,
    sample:
      statedSample(members.find(({ metrics }) => metric in metrics)?.protocol, metric.split('/', 1)[0]) ??
      undefined,
  };
}
