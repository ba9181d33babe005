/** The statements behind the table of runs. Every value goes in as a parameter. */
import { UserError } from '../../errors.ts';
import { foldCase } from '../db/fold-case.ts';
import { NOT_DELETED } from '../runs/run-rows.ts';
import { PROJECT_NAME, RUN_FIELDS, runFieldFacts } from './run-fields.ts';
import type { RunField, RunFilter, RunTableQuery } from './run-table-types.ts';

type Parameters = Record<string, string | number>;

const OPERATORS: Record<Exclude<RunFilter['operator'], 'contains'>, string> = {
  '=': 'IS',
  '!=': 'IS NOT',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** What a run measured: nothing for a training, else which checkpoint of another run and on which held-out items. */
const EVALUATION =
  "json_extract(evaluated_checkpoint, '$.kind') || json_extract(evaluated_checkpoint, '$.splits')";

/** Of runs of other programs, which may write the seed among their settings; NULL without a seed or settings. */
const SETTINGS = "iif(seed IS NULL, NULL, json_remove(config, '$.seed'))";

/**
 * What the runs of one folded row have in common, as in the rows of a comparison (documents/comparison/rows/rows.ts), with what they
 * measured, their protocol, and the project, so that a row is in one; NULL where part of it is not known, and by || then the whole. Of
 * results of other programs their file counts, too, and of runs of other trackers the name of their data.
 */
const KIN = `CASE kind
  WHEN 'own' THEN iif(data IS NOT NULL, concat_ws(char(10), model, data, config), NULL)
  WHEN 'external' THEN json_quote(coalesce(model, program)) || data || json_extract(result, '$.sha256') || ${SETTINGS}
  ELSE json_quote(coalesce(model, program)) || nullif(json_quote(dataset_name), 'null') || ${SETTINGS} END`;

/** The study whose grid a run is of. */
const STUDY =
  '(SELECT study FROM study_runs JOIN studies ON studies.id = study WHERE run = runs.id AND studies.deleted_at IS NULL LIMIT 1)';

/** What a search looks for words in, line by line: no word has a line break in it. */
const TEXT = `concat_ws(char(10), name, model, dataset_name, notes, status, ${PROJECT_NAME},
  (SELECT group_concat(tag, char(10)) FROM run_tags WHERE run = runs.id))`;

/** Ids of the sweeps and of the other studies that there are, and of the runs of the trials that sweeps chose. */
export interface KnownStudies {
  sweeps: readonly string[];
  others: readonly string[];
  chosen: ReadonlySet<string>;
}

/** One statement and its parameters. */
export class RunTableSql {
  readonly parameters: Parameters = {};
  readonly #query: RunTableQuery;
  readonly #known: KnownStudies;

  constructor(query: RunTableQuery, known: KnownStudies) {
    this.#query = query;
    this.#known = known;
  }

  /** Every run that is no search away, the oldest first, with what folds it into a row. */
  runs(): string {
    return `SELECT id, seed, protocol_fingerprint AS protocol, ${KIN} AS kin, ${EVALUATION} AS evaluation, project,
        ${STUDY} AS study FROM runs WHERE ${this.#where()} ORDER BY id`;
  }

  /** The text of every run that a search looks in. */
  texts(): string {
    return `SELECT id, ${TEXT} AS value FROM runs WHERE ${NOT_DELETED} ORDER BY id`;
  }

  /** The value of a field of every run that has one, the oldest first. */
  values(field: RunField): string {
    const [kind, name] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
    // From its index: to look it up run by run takes several times as long.
    if (kind === 'metric' && (!name.startsWith('test/') || this.#withoutTest() === null))
      return `SELECT run AS id, value FROM run_metrics WHERE name = ${this.#add(name)} AND value IS NOT NULL ORDER BY run`;
    return `SELECT id, value FROM (SELECT id, ${this.#value(field)} AS value FROM runs WHERE ${NOT_DELETED}) WHERE value IS NOT NULL ORDER BY id`;
  }

  #where(): string {
    const query = this.#query;
    const conditions = [NOT_DELETED];
    if (query.runs.length > 0) {
      conditions.push(`id IN (SELECT value FROM json_each(${this.#add(JSON.stringify(query.runs))}))`);
    }
    if (query.archived !== 'all') conditions.push(`archived = ${query.archived === 'only' ? 1 : 0}`);
    if (query.project !== null) conditions.push(`project = ${this.#add(query.project)}`);
    if (query.starred) conditions.push('starred = 1');
    if (query.statuses.length > 0) {
      conditions.push(`status IN (${query.statuses.map((status) => this.#add(status)).join(', ')})`);
    }
    for (const tag of query.tags) {
      conditions.push(`EXISTS (SELECT 1 FROM run_tags WHERE run = runs.id AND tag = ${this.#add(tag)})`);
    }
    for (const filter of query.filters) conditions.push(this.#filter(filter));
    return conditions.join(' AND ');
  }

  #value(field: RunField): string {
    const column = runFieldFacts(field)?.sql;
    if (column !== undefined) return column;
    const [kind, name] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
    if (kind === 'metric') {
      const value = `(SELECT value FROM run_metrics WHERE run = runs.id AND name = ${this.#add(name)})`;
      if (!name.startsWith('test/')) return value;
      const without = this.#withoutTest();
      return without === null ? value : `iif(${without}, NULL, ${value})`;
    }
    if (kind === 'config' && !name.includes('"')) return `json_extract(config, ${this.#add(`$."${name}"`)})`;
    const columns = Object.keys(RUN_FIELDS).filter((name) => runFieldFacts(name)?.sql !== undefined);
    const known = [...columns, 'metric:NAME', 'config:KEY'].join(', ');
    throw new UserError(`the runs have no field "${field}"; choose one of: ${known}`);
  }

  /** Whether a run's test results do not count: it is a trial that its sweep did not choose, or of a study that is one row. */
  #withoutTest(): string | null {
    const { trials, foldStudies } = this.#query;
    const { sweeps, others, chosen } = this.#known;
    const list = (ids: Iterable<string>) =>
      `(SELECT value FROM json_each(${this.#add(JSON.stringify([...ids]))}))`;
    const of = (studies: Iterable<string>) =>
      `id IN (SELECT run FROM study_runs WHERE study IN ${list(studies)})`;
    const parts = [
      ...(trials === 'chosen' && sweeps.length > 0 ? [`${of(sweeps)} AND id NOT IN ${list(chosen)}`] : []),
      ...(foldStudies && others.length > 0 ? [of(others)] : []),
    ];
    return parts.length === 0 ? null : parts.map((part) => `(${part})`).join(' OR ');
  }

  #filter({ field, operator, value }: RunFilter): string {
    const left = this.#value(field);
    if (operator === 'contains')
      return `instr(fold_case(${left}), ${this.#add(foldCase(String(value)))}) > 0`;
    const plain = typeof value === 'boolean' ? Number(value) : value;
    return `${left} ${OPERATORS[operator]} ${this.#add(plain)}`;
  }

  #add(value: string | number): string {
    const name = `p${Object.keys(this.parameters).length}`;
    this.parameters[name] = value;
    return `@${name}`;
  }
}
