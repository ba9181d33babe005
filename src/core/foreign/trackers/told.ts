/** What the files of another tracker tell of its runs, piece by piece, whichever tracker it is. */

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
  /** Tags without a value. */
  tags: string[];
  notes: string;
  /** Final figures, where the tracker keeps some besides its curves. */
  stated: Record<string, number>;
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
  point(run: string, metric: string, step: number, time: number, value: number): void;
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

/** Keys of a nested value joined by a separator: { a: { b: 1 } } → [["a.b", 1]]. An empty object stays one. */
export function flatEntries(value: unknown, separator: string, path = ''): [key: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== '') return [[path, value]];
  return entries.flatMap(([key, inner]) =>
    flatEntries(inner, separator, path === '' ? key : `${path}${separator}${key}`),
  );
}

const KNOWN_KEYS = {
  model: ['model', 'modelname', 'arch', 'architecture', 'algorithm'],
  dataset: ['dataset', 'datasetname', 'data'],
  seed: ['seed', 'randomseed', 'randomstate', 'rngseed'],
};

/** Model, data set and seed where a config names them. */
export function factsOfConfig(config: Record<string, unknown>): Partial<ToldFacts> {
  const find = (fact: keyof typeof KNOWN_KEYS) =>
    Object.entries(config).find(([key]) => {
      const last = key.split(/[./]/).at(-1) ?? '';
      return KNOWN_KEYS[fact].includes(last.toLowerCase().replaceAll(/[^a-z]/g, ''));
    })?.[1];
  const [model, dataset, seed] = [find('model'), find('dataset'), find('seed')];
  return {
    ...(typeof model === 'string' && model !== '' ? { model } : {}),
    ...(typeof dataset === 'string' && dataset !== '' ? { dataset } : {}),
    ...(Number.isSafeInteger(seed) && Number(seed) >= 0 ? { seed: Number(seed) } : {}),
  };
}
