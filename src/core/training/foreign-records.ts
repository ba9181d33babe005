/** Records of other programs, field by field: what is valid is taken; of the rest `skip` is told what it is, and why. */
import { isObject } from '../files/json.ts';
import { clip, MAX_NAME, onOneLine } from '../names.ts';
import type { SeriesPoints, TrainerEvent } from './events.ts';
import type { Ending } from './journal.ts';

export type Skip = (what: string, why: string) => void;

type Fields = Record<string, unknown>;

/** What a run is that another program trains. */
export interface ForeignRun {
  /** Unix milliseconds. */
  time: number;
  /** That trains it, such as "PyTorch 2.6". */
  program: string;
  /** Default: the model, else the program. */
  name?: string;
  model?: string;
  /** As that program calls it. */
  dataset?: string;
  seed?: number;
  config?: Record<string, unknown>;
}

/** The latest that a date can be, in Unix milliseconds. */
const LAST_TIME = 8.64e15;
const MAX_TEXT = 10_000;
/** Levels of a config, and the characters of its JSON. */
const MAX_DEPTH = 20;
const MAX_CONFIG = 2 ** 18;
const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'];
const PHASES = ['prepare', 'train', 'validate', 'test'] as const;
const LEVELS = ['info', 'warn', 'error'] as const;
const OUTCOMES = ['failed', 'cancelled', 'out-of-memory', 'diverged'] as const;

/** `began`: when it did, in Unix milliseconds, where the record does not say. */
export function foreignRun(record: Fields, began: number, skip: Skip): ForeignRun {
  const name = (key: string) => nameIn(record[key], `the run's "${key}"`, skip);
  return {
    time: timeIn(record.time, 'the time of the run', skip) ?? Math.round(began),
    program: name('program') ?? 'another program',
    ...{ name: name('name'), model: name('model'), dataset: name('dataset') },
    seed: seedIn(record.seed, skip),
    config: isLeftOut(record.config) ? undefined : configIn(record.config, skip),
  };
}

/** The event that a record tells of, or how the run ended; neither where it is not to be taken. */
export function foreignEvent(record: Fields, skip: Skip): { event?: TrainerEvent; ending?: Ending } {
  const read = Object.hasOwn(READERS, String(record.type)) ? READERS[String(record.type)] : null;
  if (read) return read(record, skip);
  const type = clip(String(record.type));
  const isOwn = type === 'result' || type === 'checkpoint';
  skip(`records "${type}"`, isOwn ? "only Tessera's own trainers write them" : 'no such type is known');
  if (type !== 'result') return {};
  // What it measured is not believed; that it is over is.
  const isCancelled = isObject(record.result) && record.result.status === 'cancelled';
  const ending: Ending = { outcome: isCancelled ? 'cancelled' : 'completed', message: null, log: null };
  return { ending: { ...ending, ...timed(record, skip) } };
}

type Reader = (record: Fields, skip: Skip) => { event?: TrainerEvent; ending?: Ending };

const READERS: Record<string, Reader> = {
  started: (record, skip) => {
    const told = { device: textIn(record.device), deviceReason: textIn(record.deviceReason) };
    const parameters = countIn(record.parameters, '"parameters"', skip);
    const environment = Object.entries(isObject(record.environment) ? record.environment : {})
      .filter(([, value]) => typeof value === 'string' || Number.isFinite(value))
      .map(([key, value]) => [onOneLine(key), typeof value === 'string' ? value.slice(0, MAX_TEXT) : value]);
    const facts = { ...told, parameters, environment: Object.fromEntries(environment), fromStep: 0 };
    return { event: { type: 'started', ...timed(record, skip), ...facts } };
  },
  series: (record, skip) => {
    const { time = Date.now() } = timed(record, skip);
    if (!Array.isArray(record.points))
      skip('records "series" without a list of points', 'see docs/journal.md');
    const points = (Array.isArray(record.points) ? record.points : []).flatMap((one) =>
      isObject(one) ? (pointsIn(one, time, skip) ?? []) : [],
    );
    return { event: { type: 'series', time, points } };
  },
  progress: (record, skip) => {
    const number = (key: string, otherwise: number) => finite(record[key]) ?? otherwise;
    const [done, total] = [finite(record.done), finite(record.total)];
    if (done === null || total === null) {
      skip('records "progress" without "done" and "total"', 'both are numbers');
      return {};
    }
    const event: TrainerEvent = {
      ...{ type: 'progress', ...timed(record, skip), done, total },
      phase: oneOf(PHASES, record.phase) ?? 'train',
      ...{ epoch: number('epoch', 1), epochs: number('epochs', 1) },
      ...{ unit: clip(textIn(record.unit)) || 'steps', rate: number('rate', Number.NaN) },
      ...{ secondsLeft: finite(record.secondsLeft), secondsIfStopped: finite(record.secondsIfStopped) },
      loss: finite(record.loss),
    };
    return { event };
  },
  usage: (record, skip) => {
    const sample = isObject(record.sample) ? record.sample : {};
    const time = timeIn(sample.time ?? record.time, 'the time of a sample of usage', skip) ?? Date.now();
    const count = (key: string) => countIn(sample[key], `"${key}" of the usage`, skip);
    const bytes = { memory: count('memory'), gpuMemory: count('gpuMemory') };
    const taken = { time, cpu: finite(sample.cpu), gpu: finite(sample.gpu), ...bytes };
    return { event: { type: 'usage', time, sample: taken, peakMemory: bytes.memory ?? 0 } };
  },
  log: (record, skip) => {
    const level = oneOf(LEVELS, record.level) ?? 'info';
    return { event: { type: 'log', ...timed(record, skip), level, message: textIn(record.message) } };
  },
  finished: (record, skip) => {
    const metrics: [string, number][] = [];
    for (const [key, value] of Object.entries(isObject(record.metrics) ? record.metrics : {})) {
      const name = nameIn(key, 'the name of a metric', skip);
      const number = valueIn(value);
      if (name === undefined || number === null)
        skip(`the metric ${clip(key)}`, `${shown(value)} is not a finite number`);
      else metrics.push([name, number]);
    }
    const time = timed(record, skip);
    return {
      event: { type: 'finished', ...time, metrics: Object.fromEntries(metrics) },
      ending: { outcome: 'completed', message: null, log: null, ...time },
    };
  },
  failed: (record, skip) => {
    const line = clip(onOneLine(textIn(record.message)), 1000) || null;
    const outcome = oneOf(OUTCOMES, record.outcome) ?? 'failed';
    return { ending: { outcome, message: line, log: textIn(record.log) || null, ...timed(record, skip) } };
  },
};

/** The points of a metric that have a step and a value; what else a point lacks is unknown. */
function pointsIn(told: Fields, time: number, skip: Skip): SeriesPoints | null {
  const metric = nameIn(told.metric, 'the name of a metric', skip);
  if (metric === undefined) return null;
  const points: SeriesPoints = { metric, steps: [], epochs: [], times: [], values: [] };
  const [steps, values, epochs, times] = [told.steps, told.values, told.epochs, told.times].map((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  for (const [at, step] of steps.entries()) {
    const value = values[at] === null ? Number.NaN : valueIn(values[at]);
    if (!isStep(step)) skip(`points of ${metric}`, `${shown(step)} is no step: a whole number from 0 on`);
    else if (value === null) skip(`values of ${metric}`, `${shown(values[at])} is not a finite number`);
    else {
      points.steps.push(step);
      points.values.push(value);
      points.epochs.push(finite(epochs[at]) ?? 0);
      points.times.push(timeIn(times[at], `times of ${metric}`, skip) ?? time);
    }
  }
  return points;
}

const isStep = (step: unknown): step is number => Number.isSafeInteger(step) && Number(step) >= 0;
const isLeftOut = (value: unknown) => value === undefined || value === null;

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A number, or one of the words for what is not finite; null for everything else. */
function valueIn(value: unknown): number | null {
  return typeof value === 'string' && NOT_FINITE.includes(value) ? Number(value) : finite(value);
}

function oneOf<T>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

/** As text, whatever it is; "" for what was left out. */
function textIn(value: unknown): string {
  if (isLeftOut(value)) return '';
  return (typeof value === 'string' ? value : shown(value, MAX_TEXT)).slice(0, MAX_TEXT).toWellFormed();
}

/** A value in a message. */
function shown(value: unknown, length = 60): string {
  try {
    return clip(
      typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'a missing value'),
      length,
    );
  } catch {
    return 'a value of too many levels';
  }
}

function nameIn(value: unknown, what: string, skip: Skip): string | undefined {
  if (isLeftOut(value)) return undefined;
  if (typeof value === 'object') {
    skip(what, `${shown(value)} is no text`);
    return undefined;
  }
  const line = onOneLine(String(value)).toWellFormed();
  if (line.length > MAX_NAME) skip(`the end of ${what}`, `it has more than ${MAX_NAME} characters`);
  return line.slice(0, MAX_NAME).trim().toWellFormed() || undefined;
}

function timed(record: Fields, skip: Skip): { time?: number } {
  const time = timeIn(record.time, `the time of a record "${clip(String(record.type))}"`, skip);
  return time === undefined ? {} : { time };
}

/** Whole milliseconds. */
function timeIn(value: unknown, what: string, skip: Skip): number | undefined {
  if (isLeftOut(value)) return undefined;
  const time = finite(value);
  if (time !== null && time >= 0 && time <= LAST_TIME) return Math.round(time);
  skip(what, `${shown(value)} is no time in Unix milliseconds`);
  return undefined;
}

/** A whole number from 0 on. */
function countIn(value: unknown, what: string, skip: Skip): number | null {
  if (isLeftOut(value)) return null;
  const count = Math.round(finite(value) ?? -1);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  skip(what, `${shown(value)} is no count`);
  return null;
}

/** A library's own kind of number may be written as text. */
function seedIn(value: unknown, skip: Skip): number | undefined {
  if (isLeftOut(value)) return undefined;
  const seed = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(seed)) return Number(seed);
  skip(`the run's "seed"`, `${shown(value)} is no whole number below 2^53`);
  return undefined;
}

function configIn(value: unknown, skip: Skip): Record<string, unknown> | undefined {
  if (!isObject(value)) {
    skip(`the run's "config"`, `${shown(value)} has no keys`);
    return undefined;
  }
  let length = 0;
  const kept = Object.entries(value).flatMap(([key, entry]) => {
    const what = `"${clip(key)}" of the config`;
    const plain = plainIn(entry, what, skip, 1);
    length += key.length + (JSON.stringify(plain)?.length ?? 0);
    if (plain !== undefined && length <= MAX_CONFIG) return [[key, plain] as const];
    if (plain !== undefined) skip('the end of the config', `it has more than ${MAX_CONFIG} characters`);
    return [];
  });
  return Object.fromEntries(kept);
}

/** What JSON can say, of so many levels; undefined for the rest. */
function plainIn(value: unknown, what: string, skip: Skip, depth: number): unknown {
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) skip(`the end of ${what}`, `it has more than ${MAX_TEXT} characters`);
    return value.slice(0, MAX_TEXT).toWellFormed();
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    skip(what, 'it is too large a number');
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) {
    skip(what, `it has more than ${MAX_DEPTH} levels`);
    return undefined;
  }
  const inner = (entry: unknown) => plainIn(entry, what, skip, depth + 1);
  if (Array.isArray(value)) return value.map((entry) => inner(entry) ?? null);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      const plain = inner(entry);
      return plain === undefined ? [] : [[key, plain]];
    }),
  );
}
