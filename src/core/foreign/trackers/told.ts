/** What the files of another tracker tell of its runs, piece by piece, whichever tracker it is. */
import { basename, relative, sep } from 'node:path';
import { isTooDeep, MAX_JSON_DEPTH, parseJson } from '../../files/json.ts';

/** How its tracker says that a run has ended. */
export type ToldStatus = 'completed' | 'failed' | 'cancelled' | 'interrupted';

/** What is known of a run. What is left out or undefined stays as it was; `config` and `environment` are added to. */
export interface ToldFacts {
  name: string;
  /** What wrote it, such as "MLflow". */
  program: string;
  model: string;
  dataset: string;
  seed: number;
  /** Unix milliseconds. */
  startedAt: number;
  endedAt: number;
  status: ToldStatus;
  /** Why it ended so, one line. */
  message: string;
  config: Record<string, unknown>;
  /** Tags with a value, texts, and what else was noted. */
  environment: Record<string, string | number>;
  /** What its tracker keeps it with: a project, or an experiment. */
  project: string;
  /** Tags without a value, and the groups that it is in. */
  tags: string[];
  notes: string;
  /** Final figures, where the tracker keeps some besides its curves. */
  stated: Record<string, number>;
  /** The search that it is a trial of. */
  search: ToldSearch;
}

/** A search for settings by one objective, as one of its trials knows it. */
export interface ToldSearch {
  /** Tells it from others of its name. */
  id: string;
  name: string;
  /** Place of the trial, from 0. */
  trial: number;
  /** What is optimised, among the stated figures. */
  metric: string;
  direction: 'higher' | 'lower';
  /** The settings that it varies: a JSON list, or a range such as "log:0.001..0.1". */
  vary: { key: string; values: string }[];
}

/** What tells runs apart. */
export interface Said {
  config?: Record<string, unknown>;
  seed?: number;
  points?: readonly ToldPoint[];
  /** Figures that another file of the same name would give otherwise; the same file may change them. */
  stated?: Record<string, number>;
}

export interface ToldPoint {
  metric: string;
  step: number;
  value: number;
  epoch?: number;
}

/** Bytes of each file of a run that have been read. */
export type Cursor = Record<string, number>;

/** Hears what the files of a tracker tell. `run` is the tracker's own id, which stays when its files are moved. */
export interface TrackerListener {
  /** What was named: names of runs are relative to it. */
  readonly root: string;
  /** Model, data set and seed are found in the config as well. */
  facts(run: string, facts: Partial<ToldFacts>): void;
  /** In the order in which they were written: steps need not grow, and the last one of a step counts. `time`: Unix milliseconds. */
  point(run: string, metric: string, step: number, time: number, value: number, epoch?: number): void;
  /**
   * The id of a run that its tracker gives none: `name`, or where a run of that name is another one, for what is kept of it contradicts what this
   * one says, the name with a number. Each call is of another run.
   */
  identify(name: string, said: Said): string;
  /** How far a run was read before; empty for one that is new. */
  cursorOf(run: string): Cursor;
  /** All before it has been told. */
  setCursor(run: string, cursor: Cursor): void;
  /** What cannot be kept, such as 3 of "damaged records"; or where it is no count, a sentence. */
  lost(what: string, count?: number | null): void;
  /** Whether a column of a table is a metric: a default or a user's choice knows its name. */
  isMetric(name: string): boolean;
}

/**
 * Reads files that belong together, sorted. `progress` hears how much of them has been read, 0..1. Throws UserError where one cannot be
 * read.
 */
export type TrackerReader = (
  files: readonly string[],
  to: TrackerListener,
  progress: (fraction: number) => Promise<void>,
) => void | Promise<void>;

const SPECIAL: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};

/** A number as Python writes it; undefined where the text is none. */
export function pythonNumber(text: string): number | undefined {
  const [, sign, word] = /^\s*([-+]?)(.*?)\s*$/.exec(text) ?? ['', '', ''];
  const special = SPECIAL[word.toLowerCase()];
  if (special !== undefined) return sign === '-' ? -special : special;
  return /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word) ? Number(sign + word) : undefined;
}

/** Python's JSON has words for what is no number. */
const WORDS = /(?<=^|[[{,:\s])(-?Infinity|NaN)(?=$|[\]},\s])/g;

/** The value of a JSON text as Python writes it, with such words as texts; null where it is none. */
export function pythonJson(text: string): unknown {
  if (text.length > MAX_JSON_DEPTH && isTooDeep(text)) return null;
  return parseJson(text) ?? parseJson(text.replaceAll(WORDS, '"$1"'));
}

/** A logged value that is a number, or a word for one that is not finite; undefined for every other one. */
export function loggedNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^(-?Infinity|NaN)$/.test(value) ? Number(value) : undefined;
}

/** A text of a config as the number that it writes, where no digit of it is lost. */
export function configValue(text: string): string | number {
  const value = /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const isExact = Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
  return isExact ? value : text;
}

/** The numbers among values. */
export function figuresOf(values: Iterable<readonly [string, unknown]>): Record<string, number> {
  const found = [...values].map(([name, value]) => [name, loggedNumber(value)] as const);
  return Object.fromEntries(
    found.flatMap(([name, number]) => (number === undefined ? [] : [[name, number]])),
  );
}

/** Points of the values that were logged at a step; of others than numbers the listener hears. */
export function tellLogged(
  run: string,
  values: Iterable<readonly [metric: string, value: unknown]>,
  [step, time]: readonly [step: number, time: number],
  to: Pick<TrackerListener, 'point' | 'lost'>,
): void {
  for (const [metric, value] of values) {
    const number = loggedNumber(value);
    if (number === undefined) to.lost('logged values that are not numbers');
    else to.point(run, metric, step, time, number);
  }
}

/** The name of a run by its folder, below the one that was named. */
export function nameOf(folder: string, root: string): string {
  const path = relative(root, folder).split(sep).join('/');
  return path === '' || path.startsWith('..') ? basename(folder) : path;
}

/** Points whose time is not known. */
export function tellPoints(run: string, points: readonly ToldPoint[], to: TrackerListener): void {
  for (const { metric, step, value, epoch } of points) to.point(run, metric, step, Number.NaN, value, epoch);
}

/** Values of a config that are read; YAML that shares what it says can stand for any number. */
export const MOST_ENTRIES = 10_000;

/**
 * Keys of a nested value joined by a separator: { a: { b: 1 } } → [["a.b", 1]]. An empty object stays one. Values beyond the budget
 * are left out, and it is then below 0.
 */
export function flatEntries(
  value: unknown,
  separator: string,
  path = '',
  budget = { left: MOST_ENTRIES },
): [key: string, value: unknown][] {
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value);
  const entries = isLeaf ? [] : Object.entries(value);
  if (isLeaf || (entries.length === 0 && path !== '')) return spend(value, budget) ? [[path, value]] : [];
  const found: [string, unknown][] = [];
  for (const [key, inner] of entries) {
    if (budget.left < 0) break;
    found.push(...flatEntries(inner, separator, path === '' ? key : `${path}${separator}${key}`, budget));
  }
  return found;
}

/** Counts the values in a value; false where there are more than are left. */
function spend(value: unknown, budget: { left: number }): boolean {
  budget.left -= 1;
  const inner = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return budget.left >= 0 && inner.every((one) => spend(one, budget));
}

const KNOWN_KEYS = {
  model: ['model', 'modelname', 'arch', 'architecture', 'algorithm'],
  dataset: ['dataset', 'datasetname', 'data'],
  seed: ['seed', 'randomseed', 'randomstate', 'rngseed'],
};

/** As Hydra, OmegaConf and Lightning's command line name it: a class with its modules, or a name. */
const KNOWN_PATHS = {
  model: /(^|[./])model[./](name|_target_|type|class|class_path|_name_)$/i,
  dataset: /(^|[./])(dataset|data|datamodule)[./](name|_target_|class_path|_name_)$/i,
  seed: /(?!)/,
};

/** Model, data set and seed where a config names them. */
export function factsOfConfig(config: Record<string, unknown>): Partial<ToldFacts> {
  const entries = flatEntries(config, '.');
  const find = (fact: keyof typeof KNOWN_KEYS) => {
    const named = entries.find(([key]) => {
      const last = key.split(/[./]/).at(-1) ?? '';
      return KNOWN_KEYS[fact].includes(last.toLowerCase().replaceAll(/[^a-z]/g, ''));
    });
    if (named) return named[1];
    const [key = '', value] = entries.find(([key]) => KNOWN_PATHS[fact].test(key)) ?? [];
    const isClass = /(_target_|class_path)$/i.test(key) && typeof value === 'string';
    return isClass ? value.split('.').at(-1) : value;
  };
  const [model, dataset, seed] = [find('model'), find('dataset'), find('seed')];
  return {
    ...(typeof model === 'string' && model !== '' ? { model } : {}),
    ...(typeof dataset === 'string' && dataset !== '' ? { dataset } : {}),
    ...(Number.isSafeInteger(seed) && Number(seed) >= 0 ? { seed: Number(seed) } : {}),
  };
}
