/** A table of runs, one a row: columns of parameters and of final metrics, as trackers export it and as people write it. */
import { basename, dirname, extname, join } from 'node:path';
import { type Duck, withDuck } from '../../data/duck.ts';
import { withEvenLines } from '../../data/formats/even-lines.ts';
import { sniffFile } from '../../data/formats/sniff.ts';
import { sourceSql } from '../../data/formats/source-sql.ts';
import { plainPath } from '../../data/import/prepare.ts';
import { importOverridesSchema, parseImportInput } from '../../data/import/request.ts';
import { utcMs } from '../../dates.ts';
import { UserError } from '../../errors.ts';
import { firstText } from '../../files/lines.ts';
import { withScratch } from '../../files/scratch.ts';
import { readByDuck } from './database.ts';
import { isMetricName } from './metric-names.ts';
import {
  configValue,
  factsOfConfig,
  pythonNumber,
  type ToldFacts,
  type ToldPoint,
  type TrackerListener,
  tellPoints,
} from './told.ts';
import { settingsIn } from './yaml.ts';

const NAMES = {
  id: ['id', 'runid', 'runuuid'],
  name: ['name', 'run', 'runname'],
  status: ['state', 'status'],
  startedAt: ['created', 'createdat', 'starttime', 'started', 'startedat', 'date'],
  endedAt: ['endtime', 'ended', 'endedat', 'finished'],
  program: ['program', 'framework', 'library', 'tool'],
  tags: ['tags'],
  notes: ['notes'],
};
type Part = keyof typeof NAMES;

const STATUSES: Record<string, ToldFacts['status']> = {
  ...{ failed: 'failed', crashed: 'failed', error: 'failed', killed: 'cancelled', cancelled: 'cancelled' },
  ...{ canceled: 'cancelled', running: 'interrupted', scheduled: 'interrupted', interrupted: 'interrupted' },
};

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const partOf = (column: string) =>
  (Object.keys(NAMES) as Part[]).find((part) => NAMES[part].includes(plain(column)));

/** By its header: metrics, or names and states of runs; and no users or items, as ratings and recommendations have. */
export function isRunTable(path: string): boolean {
  if (!/\.(csv|tsv|log)$/i.test(path)) return false;
  const columns = headerOf(path);
  // Of other logs only those that count steps are tables.
  if (/\.log$/i.test(path) && !isCounted(columns)) return false;
  if (columns.some((column) => /^(user|item|movie|product)(id)?$/.test(plain(column)))) return false;
  const parts = columns.map(partOf);
  return columns.some(isMetricName) || (parts.includes('name') && parts.includes('status'));
}

/** What the loggers of PyTorch Lightning and Fabric call their tables, and the documentation of Keras its own. */
export const isCurveTable = (path: string) =>
  /^(metrics\.csv|.*\.log)$/i.test(basename(path)) && isCounted(headerOf(path));

function headerOf(path: string): string[] {
  const [header] = firstText(path).split(/\r?\n/, 1);
  return header.split(/[,;\t]/).map((column) => column.replaceAll(/^[\s"\ufeff]+|[\s"]+$/g, ''));
}

/** Whether one column counts steps and others have names. */
const isCounted = (columns: readonly string[]) =>
  columns.length > 1 && columns.some((column) => AXES.includes(plain(column)));

const SETTINGS = 'hparams.yaml';

/** What rows count, the finest first. */
const AXES = ['globalstep', 'step', 'iteration', 'iter', 'epoch'];

interface Table {
  columns: string[];
  rows: (string | null)[][];
}

export async function readRunTable([file]: readonly string[], to: TrackerListener): Promise<void> {
  const table = await readRows(file);
  const { columns, rows } = table;
  const axis = axisOf(table);
  if (axis !== null) {
    const starts = startsOf(countsIn(table, axis));
    for (const [at, start] of starts.entries())
      readCurves(file, { columns, rows: rows.slice(start, starts[at + 1]) }, { axis, at, to });
    return;
  }
  const ids = new Map<string, number>();
  for (const [at, row] of rows.entries()) {
    const { id, name = '', config = {}, stated, ...told } = factsOf(columns, row, to);
    const own = name || `row ${at + 1}`;
    const count = (ids.get(own) ?? 0) + 1;
    ids.set(own, count);
    // A name alone is of its file.
    const called = id ?? `${basename(file)}/${own}${count > 1 ? `#${count}` : ''}`;
    const said = { ...factsOfConfig(config), config, stated: id === undefined ? stated : {} };
    to.facts(to.identify(called, said), { ...told, config, stated, name: name || id || own });
  }
}

/** The column that counts on from row to row, as in a log of one run; null where rows are runs. */
function axisOf(table: Table): number | null {
  const { columns, rows } = table;
  if (rows.length < 2 || columns.some((column) => ['id', 'name', 'status'].includes(partOf(column) ?? '')))
    return null;
  const found = AXES.map((axis) => columns.findIndex((column) => plain(column) === axis));
  const isCounting = (values: number[]) => {
    const starts = startsOf(values);
    const isSame = starts.every((start) => values[start] === values[0]);
    return (
      values.every((value) => value >= 0) &&
      isSame &&
      2 * starts.length <= values.length &&
      values[0] < Math.max(...values)
    );
  };
  return found.find((at) => at >= 0 && isCounting(countsIn(table, at))) ?? null;
}

const countsIn = ({ rows }: Table, at: number) => rows.map((row) => Number(row[at] || Number.NaN));

/** Rows at which the count starts over: another training was appended to the file. */
const startsOf = (values: readonly number[]) =>
  values.flatMap((value, at) => (at === 0 || value < values[at - 1] ? [at] : []));

/** One run, a row a step. `at`: which one of its file. */
function readCurves(
  file: string,
  { columns, rows }: Table,
  { axis, at: place, to }: { axis: number; at: number; to: TrackerListener },
): void {
  const [folder, own] = [basename(dirname(file)), basename(file, extname(file))];
  // As Keras calls what it measures on the data that it trains on, beside the same of its validation data.
  const metricOf = (column: string) => (columns.includes(`val_${column}`) ? `train_${column}` : column);
  const isPlain = /^(metrics|logs?|history|progress|results?|training)$/i.test(own);
  const config = settingsIn(join(dirname(file), SETTINGS), to);
  const inEpochs = columns.findIndex((column) => plain(column) === 'epoch');
  const points: ToldPoint[] = [];
  for (const row of rows) {
    const step = Number(row[axis]);
    const epoch = inEpochs < 0 ? undefined : pythonNumber(row[inEpochs] ?? '');
    for (const [at, column] of columns.entries()) {
      const text = row[at]?.trim() ?? '';
      if (/^(|NA)$/.test(text) || AXES.includes(plain(column))) continue;
      const value = pythonNumber(text);
      if (value === undefined) to.lost('logged values that are not numbers');
      else points.push({ metric: metricOf(column), step, value, epoch });
    }
  }
  const run = to.identify(`${folder}/${basename(file)}`, { config, points });
  const name = `${isPlain ? folder : own}${place > 0 ? ` #${place + 1}` : ''}`;
  to.facts(run, { name, program: 'another program', status: 'completed', config });
  tellPoints(run, points, to);
}

async function readRows(path: string): Promise<Table> {
  const file = await sniffFile(path, parseImportInput(importOverridesSchema, {}));
  const { columns, header } = file;
  if (!header)
    throw new UserError(`${path}: a table of runs needs a first row with the names of its columns`);
  return withScratch(async (folder) => {
    const plain = await plainPath(file, join(folder, 'rows'));
    const rows = (from: string) => async (duck: Duck) =>
      (await duck.run(`SELECT * FROM ${sourceSql(file, from, columns)}`)).getRows();
    const read = () => withEvenLines(file, plain, join(folder, 'even'), (from) => withDuck(rows(from)));
    return { columns, rows: (await readByDuck(path, read)) as Table['rows'] };
  });
}

/** MLflow's table says so of each column. */
const PREFIX = /^(metrics|params|tags)\./;

function factsOf(
  columns: readonly string[],
  row: readonly (string | null)[],
  to: TrackerListener,
): Partial<ToldFacts> & { id?: string } {
  const parts: Partial<Record<Part, string>> = {};
  const config: Record<string, unknown> = {};
  const stated: Record<string, number> = {};
  const environment: Record<string, string> = {};
  for (const [at, column] of columns.entries()) {
    const value = row[at]?.trim() ?? '';
    const part = partOf(column);
    const [, prefix] = PREFIX.exec(column) ?? [];
    const name = column.replace(PREFIX, '');
    if (value === '') continue;
    if (part !== undefined && parts[part] === undefined) parts[part] = value;
    else if (prefix === 'tags') environment[name] = value;
    else if (prefix !== 'params' && (prefix === 'metrics' || to.isMetric(name))) {
      const number = pythonNumber(value);
      if (number === undefined) to.lost('values of metrics that are not numbers');
      else stated[name] = number;
    } else config[name] = configValue(value);
  }
  const { id, name, program = 'another program', notes } = parts;
  const [startedAt, endedAt] = [parts.startedAt, parts.endedAt].map((text) => utcMs(text ?? '') || undefined);
  const tags = parts.tags?.split(/[,;]/).flatMap((tag) => tag.trim() || []);
  const status = STATUSES[parts.status?.toLowerCase() ?? ''] ?? 'completed';
  return { id, name, program, notes, tags, startedAt, endedAt, config, stated, environment, status };
}
