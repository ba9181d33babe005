/** The statements behind the table of runs. Every value goes in as a parameter. */
import { UserError } from '../errors.ts';
import type { RunField, RunFilter, RunTableQuery } from './run-table-types.ts';

type Parameters = Record<string, string | number>;

const COLUMNS: Record<string, string> = {
  name: 'name',
  model: 'model',
  dataset: 'dataset_name',
  seed: 'seed',
  status: 'status',
  device: 'coalesce(device, requested_device)',
  parameters: 'parameters',
  epochs: 'epochs',
  seconds: 'seconds',
  createdAt: 'created_at',
  endedAt: 'ended_at',
  protocol: 'protocol_fingerprint',
  starred: 'starred',
  tags: "(SELECT group_concat(tag, ', ') FROM run_tags WHERE run = runs.id)",
};

const OPERATORS: Record<Exclude<RunFilter['operator'], 'contains'>, string> = {
  '=': 'IS',
  '!=': 'IS NOT',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** A deleted run is in no list while its deletion can be undone. */
export const NOT_DELETED = 'deleted_at IS NULL';

/** What the runs of one folded row have in common: everything but their seed. */
const FOLDED_BY = 'model, dataset_fingerprint, config';

/** One statement and its parameters. */
export class RunTableSql {
  readonly parameters: Parameters = {};
  readonly #query: RunTableQuery;

  constructor(query: RunTableQuery) {
    this.#query = query;
  }

  /** The rows of one page: `ids` of the runs of a row, the value it is `grouped` by, and the `total` of rows. */
  page(): string {
    const { limit, offset } = this.#query;
    const rows = this.#rows('count(*) OVER () AS total');
    return `${rows} ORDER BY ${this.#orderBy()} LIMIT ${limit} OFFSET ${offset}`;
  }

  /** Each `value` that rows are grouped by with its number of `rows`; those without a value last. */
  groups(): string {
    return `SELECT grouped AS value, count(*) AS rows FROM (${this.#rows()}) GROUP BY value ORDER BY value NULLS LAST`;
  }

  #rows(...more: string[]): string {
    const { fold, groupBy } = this.#query;
    const ids = fold ? "group_concat(id, ' ')" : 'id';
    const grouped = groupBy === null ? 'NULL' : this.#sortValue(groupBy);
    const columns = [`${ids} AS ids`, `${grouped} AS grouped`, ...more].join(', ');
    return `SELECT ${columns} FROM runs WHERE ${this.#where()} ${fold ? `GROUP BY ${FOLDED_BY}` : ''}`;
  }

  #where(): string {
    const query = this.#query;
    const conditions = [NOT_DELETED];
    if (query.runs.length > 0) {
      conditions.push(`id IN (SELECT value FROM json_each(${this.#add(JSON.stringify(query.runs))}))`);
    }
    if (query.archived !== 'all') conditions.push(`archived = ${query.archived === 'only' ? 1 : 0}`);
    if (query.starred) conditions.push('starred = 1');
    if (query.statuses.length > 0) {
      conditions.push(`status IN (${query.statuses.map((status) => this.#add(status)).join(', ')})`);
    }
    for (const tag of query.tags) {
      conditions.push(`EXISTS (SELECT 1 FROM run_tags WHERE run = runs.id AND tag = ${this.#add(tag)})`);
    }
    for (const word of query.search.split(/\s+/).filter((text) => text !== '')) {
      conditions.push(this.#search(word));
    }
    for (const filter of query.filters) conditions.push(this.#filter(filter));
    return conditions.join(' AND ');
  }

  /** Rows of one group stand together; a value that is missing comes last whichever way it is sorted. */
  #orderBy(): string {
    const { fold, groupBy, sort } = this.#query;
    const keys = [...(groupBy === null ? [] : [{ field: groupBy, descending: false }]), ...sort];
    const parts = keys.map(
      ({ field, descending }) => `${this.#sortValue(field)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
    );
    return [...parts, `${fold ? 'max(id)' : 'id'} DESC`].join(', ');
  }

  #sortValue(field: RunField): string {
    const value = this.#value(field);
    if (!this.#query.fold) return value;
    return field.startsWith('metric:') ? `avg(${value})` : `max(${value})`;
  }

  #value(field: RunField): string {
    if (Object.hasOwn(COLUMNS, field)) return COLUMNS[field];
    const [kind, name] = [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1)];
    if (kind === 'metric') {
      return `(SELECT value FROM run_metrics WHERE run = runs.id AND name = ${this.#add(name)})`;
    }
    if (kind === 'config' && !name.includes('"')) return `json_extract(config, ${this.#add(`$."${name}"`)})`;
    const known = [...Object.keys(COLUMNS), 'metric:NAME', 'config:KEY'].join(', ');
    throw new UserError(`the runs have no field "${field}"; choose one of: ${known}`);
  }

  #filter({ field, operator, value }: RunFilter): string {
    const left = this.#value(field);
    if (operator === 'contains') return `instr(lower(${left}), lower(${this.#add(String(value))})) > 0`;
    const plain = typeof value === 'boolean' ? Number(value) : value;
    return `${left} ${OPERATORS[operator]} ${this.#add(plain)}`;
  }

  #search(word: string): string {
    const text = this.#add(word.toLowerCase());
    const inside = ['name', 'model', 'dataset_name', 'notes', 'status'].map(
      (column) => `instr(lower(${column}), ${text}) > 0`,
    );
    const tagged = `EXISTS (SELECT 1 FROM run_tags WHERE run = runs.id AND instr(lower(tag), ${text}) > 0)`;
    return `(${[...inside, `substr(id, 1, length(${text})) = ${text}`, tagged].join(' OR ')})`;
  }

  #add(value: string | number): string {
    const name = `p${Object.keys(this.parameters).length}`;
    this.parameters[name] = value;
    return `@${name}`;
  }
}
