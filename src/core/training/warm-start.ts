/** A training that begins with the parameters of another run of its model, on its data set or another. */
import { z } from 'zod';
import { readItemIds, readUserIds } from '../data/read.ts';
import type { Interactions } from '../data/types.ts';
import { float32, type HostArrays, type HostTables, type Specs } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { type NamedTensor, readSafetensors } from '../files/safetensors.ts';
import { initialise } from '../layers/index.ts';
import { clip } from '../names.ts';
import type { Config } from './config.ts';
import type { SourceRun, TrainSpec } from './events.ts';
import { openTrainingPart } from './ranking/context.ts';
import { SIDE_TABLE } from './side-features.ts';
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

export interface Started {
  /** One line: what was taken, and what begins anew. */
  message: string;
  /** Whether something of it means something else here. */
  doubtful: boolean;
}

/** The row of the other run's table for each row of a table here, -1 for none. */
type RowMap = Int32Array;

/**
 * Puts the parameters of another run in the place of the initial ones: weights of equal shape, and of tables of items, users and
 * values of side features the rows of those that both know, by id and by value. Moments of the optimiser begin at zero.
 * @throws UserError where the run is of another model or of other widths, or has no checkpoint
 */
export async function startFromRun(
  source: SourceRun,
  {
    model,
    store,
    spec,
    config,
    data,
  }: {
    model: StepModel;
    store: StepRunner;
    spec: Pick<TrainSpec, 'model' | 'datasetDir' | 'seed'>;
    config: Config;
    data: Interactions;
  },
): Promise<Started> {
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
  const maps = await rowMaps(source, { specs, stored, data, datasetDir: spec.datasetDir });
  const values = initialise(model.parameters, spec.seed);
  const anew: string[] = [];
  for (const name of Object.keys(specs)) {
    const rows = maps[name] ?? wholeTable(stored[name], specs[name]);
    if (rows) copyRows(stored[name], rows, writerOf(name, values, store.hostTables));
    else anew.push(name);
  }
  await store.load(values);
  return described(source, { config, anew, items: maps['item-embedding'], all: data.items });
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

interface Tables {
  specs: Specs;
  stored: Record<string, NamedTensor>;
  data: Interactions;
  datasetDir: string;
}

/** By name of a table whose rows are of items, users or values: where each row is in the other run's. */
async function rowMaps(source: SourceRun, tables: Tables): Promise<Record<string, RowMap>> {
  const { specs, stored, data, datasetDir } = tables;
  const there = source.datasetDir ?? datasetDir;
  const named = (of: string) => Object.keys(specs).filter((name) => name.startsWith(of) && stored[name]);
  const maps: Record<string, RowMap> = {};
  for (const [of, read, count] of [
    ['item-', readItemIds, data.items],
    ['user-', readUserIds, data.users],
  ] as const) {
    const names = named(of);
    if (names.length === 0) continue;
    const rows = placesOf((await read(datasetDir)).slice(0, count), await read(there));
    for (const name of names) maps[name] = withLeading(rows, specs[name].shape[0] - count, stored[name]);
  }
  const side = named(SIDE_TABLE);
  if (side.length === 0) return maps;
  const known = (await openTrainingPart(there, source.config)).data.side ?? [];
  for (const { name, values } of data.side ?? []) {
    const other = known.find((column) => column.name === name);
    const table = `${SIDE_TABLE}${name}`;
    if (other && side.includes(table))
      maps[table] = withLeading(placesOf(values, other.values), 1, stored[table]);
  }
  return maps;
}

/** Where each text is among others, -1 where it is not. */
function placesOf(texts: readonly string[], others: readonly string[]): RowMap {
  const places = new Map(others.map((text, at) => [text, at]));
  return Int32Array.from(texts, (text) => places.get(text) ?? -1);
}

/** The same of tables with rows before those, which are taken as they are. */
function withLeading(places: RowMap, leading: number, { spec }: NamedTensor): RowMap {
  const rows = new Int32Array(leading + places.length);
  for (let row = 0; row < rows.length; row++) {
    const place = row < leading ? row : places[row - leading] + (places[row - leading] < 0 ? 0 : leading);
    rows[row] = place < spec.shape[0] ? place : -1;
  }
  return rows;
}

function described(
  source: SourceRun,
  {
    config,
    anew,
    items,
    all,
  }: { config: Config; anew: readonly string[]; items: RowMap | undefined; all: number },
): Started {
  const taken = items?.slice(-all).reduce((count, row) => count + (row < 0 ? 0 : 1), 0);
  const parts = [
    ...(taken === undefined ? [] : [`the vectors of ${taken} of ${all} items`]),
    anew.length === 0 ? 'all weights' : 'the weights that fit',
  ];
  const codes = config.tokeniser !== source.config.tokeniser;
  return {
    message: [
      `starts from run ${source.name} (${source.run}): ${parts.join(' and ')} are taken`,
      ...(anew.length === 0 ? [] : [`what begins anew: ${clip(anew.join(', '), LONGEST)}`]),
      ...(codes ? ['its codes are those of another tokeniser'] : []),
    ].join('; '),
    doubtful: codes || taken === 0,
  };
}
