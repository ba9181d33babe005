/** A training that begins with the parameters of another run of its model, on its data set or another. */
import { z } from 'zod';
import { float32, type HostArrays, type HostTables, type Specs } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { type NamedTensor, readSafetensors } from '../files/safetensors.ts';
import { initialise } from '../layers/index.ts';
import { clip } from '../names.ts';
import type { SourceRun, TrainSpec } from './events.ts';
import type { RunContext } from './run-context.ts';
import { SOURCES } from './sources.ts';
import type { StepModel } from './step-model.ts';
import type { StepRunner } from './step-runner.ts';

/** Characters of the names that are told. */
const LONGEST = 300;

export const startFields = {
  startFrom: z
    .string()
    .describe(
      `${SOURCES.startFrom.description}; of another data set the vectors of items and users are taken by their ids`,
    )
    .default(''),
} as const;

/** The row of the other run's table for each row of a table here, -1 for none. */
export type RowMap = Int32Array;

/** How the rows of a model's tables stand in those of another run. */
export interface DataRows {
  /** By a table's name: its rows by what they stand for, or null where those of the other run mean nothing here. Others are taken whole. */
  maps: Record<string, RowMap | null>;
  /** The items here, and how many of them the other run knows. */
  items?: { taken: number; all: number };
  /** What means something else here, in words. */
  doubts: readonly string[];
}

/** A table of the other run that has a name here. */
export interface StartTables {
  specs: Specs;
  stored: Record<string, NamedTensor>;
}

export interface Starting {
  model: StepModel;
  store: StepRunner;
  /** How the rows of the data's tables stand in the other run's. */
  rows(source: SourceRun, tables: StartTables): Promise<DataRows>;
}

/** Puts the parameters of the run that the config names in the place of the initial ones, and says what was taken. */
export async function startWhereNamed(
  { spec, emit }: Pick<RunContext, 'spec' | 'emit'>,
  starting: Starting,
): Promise<void> {
  const source = spec.sources?.startFrom;
  if (!source) return;
  const { message, doubtful } = await startFromRun(source, spec, starting);
  emit({ type: 'log', level: doubtful ? 'warn' : 'info', message });
}

/**
 * Puts the parameters of another run in the place of the initial ones: weights of equal shape, and of tables of items, users and
 * values the rows of those that both know, by id and by value. Moments of the optimiser begin at zero.
 * @throws UserError where the run is of another model or of other widths, or has no checkpoint
 */
async function startFromRun(
  source: SourceRun,
  spec: Pick<TrainSpec, 'model' | 'seed'>,
  { model, store, rows }: Starting,
): Promise<{ message: string; doubtful: boolean }> {
  const refuse = (problem: string) => {
    const of = `run ${source.name} (${source.run})`;
    return new UserError({
      code: 'bad-config',
      model: spec.model,
      field: 'startFrom',
      problem: `${of} ${problem}`,
    });
  };
  if (source.model !== spec.model) throw refuse(`is of ${source.model}: name a run of ${spec.model}`);
  if (source.checkpoint === null) throw refuse('has no checkpoint to start from');
  const specs = specsOf(model);
  const stored = readSafetensors(source.checkpoint, {}, (name) => Object.hasOwn(specs, name));
  for (const [name, { shape }] of Object.entries(specs)) {
    const there = stored[name]?.spec.shape;
    if (!there || there.slice(1).join() === shape.slice(1).join()) continue;
    throw refuse(
      `has "${name}" of shape ${there.join(' x ')}, and here it is ${shape.join(' x ')}: name one of the same widths`,
    );
  }
  const data = await rows(source, { specs, stored });
  const values = initialise(model.parameters, spec.seed);
  const anew: string[] = [];
  for (const name of Object.keys(specs)) {
    const map = Object.hasOwn(data.maps, name) ? data.maps[name] : wholeTable(stored[name], specs[name]);
    if (map) copyRows(stored[name], map, writerOf(name, values, store.hostTables));
    else anew.push(name);
  }
  await store.load(values);
  return described(source, data, anew);
}

/** Of parameters and host tables alike. */
function specsOf({ parameters, hostTables = {} }: StepModel): Specs {
  const tables = Object.entries(hostTables).map(([name, { rows, dim }]) => [name, float32(rows, dim)]);
  return { ...parameters, ...Object.fromEntries(tables) };
}

/** Every row of a tensor that has as many; null where it has not. */
function wholeTable(stored: NamedTensor | undefined, { shape }: Specs[string]): RowMap | null {
  const [rows = 1] = shape;
  return stored && (stored.spec.shape[0] ?? 1) === rows
    ? Int32Array.from({ length: rows }, (_, row) => row)
    : null;
}

/** Writes the values of one row of a parameter or host table. */
function writerOf(name: string, values: HostArrays, tables: HostTables) {
  const matrix = tables.matrices('parameters')[name];
  return (row: number, given: Float32Array) =>
    matrix
      ? matrix.chunks[row >> matrix.shift].set(given, (row & matrix.mask) * given.length)
      : values[name].set(given, row * given.length);
}

function copyRows(
  { spec, data }: NamedTensor,
  rows: RowMap,
  write: (row: number, values: Float32Array) => void,
): void {
  const width = spec.shape.slice(1).reduce((product, size) => product * size, 1);
  rows.forEach((row, at) => {
    if (row >= 0) write(at, (data as Float32Array).subarray(row * width, (row + 1) * width));
  });
}

/** Where each text is among others, -1 where it is not. */
export function placesOf(texts: readonly string[], others: readonly string[]): RowMap {
  const places = new Map(others.map((text, at) => [text, at]));
  return Int32Array.from(texts, (text) => places.get(text) ?? -1);
}

function described(source: SourceRun, { items, doubts }: DataRows, anew: readonly string[]) {
  const parts = [
    ...(items ? [`the vectors of ${items.taken} of ${items.all} items`] : []),
    anew.length === 0 ? 'all weights' : 'the weights that fit',
  ];
  return {
    message: [
      `starts from run ${source.name} (${source.run}): ${parts.join(' and ')} are taken`,
      ...(anew.length === 0 ? [] : [`what begins anew: ${clip(anew.join(', '), LONGEST)}`]),
      ...doubts,
    ].join('; '),
    doubtful: doubts.length > 0 || items?.taken === 0,
  };
}
