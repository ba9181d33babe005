/** Which rows of another run's tables a model that ranks items takes where it starts from that run. */
import { readItemIds, readUserIds } from '../../data/read.ts';
import type { Interactions } from '../../data/types.ts';
import type { NamedTensor } from '../../files/safetensors.ts';
import type { Config } from '../config.ts';
import type { SourceRun } from '../events.ts';
import { SIDE_TABLE } from '../side-features.ts';
import { type DataRows, placesOf, type RowMap, type StartTables } from '../warm-start.ts';
import { openTrainingPart } from './context.ts';

/** Tables of items and users by their ids, and those of side features by their values. */
export async function rankingRows(
  source: SourceRun,
  { specs, stored }: StartTables,
  { data, datasetDir, config }: { data: Interactions; datasetDir: string; config: Config },
): Promise<DataRows> {
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
  const known = side.length === 0 ? [] : ((await openTrainingPart(there, source.config)).data.side ?? []);
  for (const { name, values } of data.side ?? []) {
    const other = known.find((column) => column.name === name);
    const table = `${SIDE_TABLE}${name}`;
    if (other && side.includes(table))
      maps[table] = withLeading(placesOf(values, other.values), 1, stored[table]);
  }
  const items = maps['item-embedding']?.slice(-data.items);
  const otherCodes = config.tokeniser !== source.config.tokeniser;
  return {
    maps,
    items: items && { taken: items.filter((row) => row >= 0).length, all: data.items },
    doubts: otherCodes ? ['its codes are those of another tokeniser'] : [],
  };
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
