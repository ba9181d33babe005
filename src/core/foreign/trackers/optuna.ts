/** Studies of Optuna in SQLite: each trial is a run with its parameters, and has the name of its study as a tag; a study of one objective is a sweep. */
import { z } from 'zod';
import { utcMs } from '../../dates.ts';
import { isDatabaseWith, type TrackerDatabase, withDatabase } from './database.ts';
import { factsOfConfig, pythonJson, type ToldSearch, type ToldStatus, type TrackerListener } from './told.ts';

export function isOptunaFile(path: string): boolean {
  return isDatabaseWith(path, 'trials', ['trial_id', 'number', 'study_id', 'state']);
}

const studyRow = z.object({ study_id: z.number(), study_name: z.string() });
const trialRow = z.object({
  ...{ trial_id: z.number(), number: z.number(), state: z.string() },
  ...{ datetime_start: z.string().nullable(), datetime_complete: z.string().nullable() },
});
const json = z
  .string()
  .nullable()
  .transform((text) => pythonJson(text ?? 'null'));
const parameterRow = z.object({ name: z.string(), value: z.number().nullable(), distribution: json });
const choicesSchema = z.object({ attributes: z.object({ choices: z.array(z.unknown()) }) });
const rangeSchema = z.object({
  name: z.string(),
  attributes: z.object({ low: z.number(), high: z.number(), log: z.boolean().optional() }),
});
const valueRow = z.object({ at: z.number(), value: z.number().nullable(), type: z.string() });

const ENDINGS: Record<string, { status: ToldStatus; message: string }> = {
  COMPLETE: { status: 'completed', message: '' },
  PRUNED: { status: 'cancelled', message: 'pruned by Optuna' },
  FAIL: { status: 'failed', message: '' },
};
const KILLED = 'it was still running when it was imported, or was killed';
const SPECIAL: Record<string, number> = {
  NAN: Number.NaN,
  INF_POS: Number.POSITIVE_INFINITY,
  INF_NEG: Number.NEGATIVE_INFINITY,
};

export function readOptuna([path]: readonly string[], to: TrackerListener): void {
  const read = (database: TrackerDatabase) => {
    const studies = database.rows(studyRow, 'SELECT study_id, study_name FROM studies ORDER BY study_id');
    for (const study of [...studies]) readStudy(database, path, study, to);
  };
  withDatabase(path, read, to);
}

function readStudy(
  database: TrackerDatabase,
  path: string,
  { study_id, study_name }: z.output<typeof studyRow>,
  to: TrackerListener,
): void {
  const own = attributesOf(database, 'study_system', study_id);
  const metrics = z.array(z.string()).safeParse(own['study:metric_names']).data ?? [];
  const found = database.columns('study_directions').has('direction')
    ? database.pairs(
        z.string(),
        "SELECT objective || '' AS key, direction AS value FROM study_directions WHERE study_id = ? ORDER BY objective",
        `${study_id}`,
      )
    : {};
  const directions = Object.values(found).map((direction) => direction.toLowerCase());
  const isOne = directions.length <= 1;
  const metricAt = (at: number) => metrics[at] ?? (isOne ? 'value' : `value_${at}`);
  const about = {
    study: study_name,
    ...(directions.length > 0 && { direction: directions.join(', ') }),
  };
  const trials = 'SELECT * FROM trials WHERE study_id = ? ORDER BY number';
  for (const trial of [...database.rows(trialRow, trials, `${study_id}`)]) {
    const { trial_id: id, number, state, datetime_start: start, datetime_complete: end } = trial;
    if (start === null) {
      to.lost('trials that have not begun');
      continue;
    }
    const run = `${study_name}/${number}@${start}`;
    const stated = values(database, ['trial_values', 'objective', 'value'], id);
    const { config, vary } = parametersOf(database, id);
    const noted = attributesOf(database, 'trial_user', id);
    const search = { id: `${path} ${study_id}`, name: study_name, trial: number, metric: metricAt(0), vary };
    const direction = GOALS[directions[0]];
    to.facts(run, {
      ...factsOfConfig(noted),
      ...{ name: `${study_name} ${number}`, program: 'Optuna', tags: [study_name], config },
      ...(isOne && direction && { search: { ...search, direction } }),
      ...(ENDINGS[state] ?? { status: 'interrupted', message: KILLED }),
      ...{ startedAt: utcMs(start), endedAt: utcMs(end ?? '') || undefined },
      environment: { ...about, ...textsOf(noted) },
      stated: Object.fromEntries(stated.map(([at, value]) => [metricAt(at), value])),
    });
    const metric = isOne ? metricAt(0) : 'intermediate value';
    const between = ['trial_intermediate_values', 'step', 'intermediate_value'] as const;
    for (const [step, value] of values(database, between, id)) to.point(run, metric, step, Number.NaN, value);
  }
}

const GOALS: Record<string, ToldSearch['direction'] | undefined> = { maximize: 'higher', minimize: 'lower' };

/** A choice is kept by its place among the choices. */
function parametersOf(
  database: TrackerDatabase,
  trial: number,
): { config: Record<string, unknown>; vary: ToldSearch['vary'] } {
  const sql =
    'SELECT param_name AS name, param_value AS value, distribution_json AS distribution FROM trial_params WHERE trial_id = ? ORDER BY param_id';
  const rows = [...database.rows(parameterRow, sql, `${trial}`)];
  const choicesOf = (distribution: unknown) => choicesSchema.safeParse(distribution).data?.attributes.choices;
  const chosen = ({ value, distribution }: (typeof rows)[number]) => {
    const choices = choicesOf(distribution);
    return choices && value !== null ? choices[value] : value;
  };
  return {
    config: Object.fromEntries(rows.map((row) => [row.name, chosen(row)])),
    vary: rows.map(({ name, distribution }) => {
      const choices = choicesOf(distribution);
      return { key: name, values: choices ? JSON.stringify(choices) : rangeText(distribution) };
    }),
  };
}

/** Earlier versions name the distribution in place of its attribute. */
function rangeText(distribution: unknown): string {
  const range = rangeSchema.safeParse(distribution).data;
  if (!range) return '';
  const { low, high, log } = range.attributes;
  return `${log || range.name.startsWith('Log') ? 'log:' : ''}${low}..${high}`;
}

/** Earlier versions have numbers alone, and none that is not finite. */
function values(
  database: TrackerDatabase,
  [table, at, value]: readonly [table: string, at: string, value: string],
  trial: number,
): [at: number, value: number][] {
  const type = database.columns(table).has(`${value}_type`) ? `${value}_type` : `'FINITE'`;
  const sql = `SELECT ${at} AS at, ${value} AS value, ${type} AS type FROM ${table} WHERE trial_id = ? ORDER BY ${at}`;
  const rows = [...database.rows(valueRow, sql, `${trial}`)];
  return rows.map((row) => [row.at, SPECIAL[row.type] ?? row.value ?? Number.NaN]);
}

function attributesOf(database: TrackerDatabase, table: string, id: number): Record<string, unknown> {
  const owner = table.split('_', 1)[0];
  const sql = `SELECT key, value_json AS value FROM ${table}_attributes WHERE ${owner}_id = ?`;
  return database.pairs(json, sql, `${id}`);
}

function textsOf(attributes: Record<string, unknown>): Record<string, string | number> {
  const isPlain = (value: unknown) => typeof value === 'number' || typeof value === 'string';
  const entries = Object.entries(attributes);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isPlain(value) ? value : JSON.stringify(value)]),
  ) as Record<string, string | number>;
}
