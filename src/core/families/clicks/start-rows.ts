/** Which rows of another run's tables a click model takes where it starts from that run. */
import { isDeepStrictEqual } from 'node:util';
import type { ClickData } from '../../data/clicks/index.ts';
import { readVocabulary } from '../../data/clicks/vocabulary.ts';
import { readSummary } from '../../data/read.ts';
import type { Config } from '../../training/config.ts';
import type { SourceRun } from '../../training/events.ts';
import type { RunContext } from '../../training/run-context.ts';
import { type DataRows, placesOf, type RowMap, type StartTables } from '../../training/warm-start.ts';
import { clickDataSchema, clickTrainingFields } from './click-config.ts';
import type { ClickBag, ClickDefinition, ClickModel, CodeRows } from './click-model.ts';
import { ITEM_TABLE } from './item-representation.ts';
import { openRows, sizesOf } from './rows.ts';

interface Here {
  tables: StartTables;
  model: ClickModel;
  data: ClickData;
  context: Pick<RunContext, 'spec' | 'config'>;
}

/**
 * Rows of users, items and other values by their ids and texts, and of weights that read numbers or pairs of columns by the names of
 * these. A table whose rows several values share is taken where the codes are the same.
 */
export async function startRows(
  definition: ClickDefinition,
  source: SourceRun,
  { tables, model, data, context: { spec, config } }: Here,
): Promise<DataRows> {
  const there = source.datasetDir ?? spec.datasetDir;
  const isSameData = there === spec.datasetDir;
  if (isSameData && isDeepStrictEqual(ofRows(source.config), ofRows(config))) return { maps: {}, doubts: [] };
  const others = await openRows(definition, there, clickDataSchema.parse(source.config));
  const sizes = sizesOf(others, { spec: {}, summary: readSummary(there) });
  // Of items only those with a row each are found by their ids; IDs of the other run's tokeniser are not needed for them.
  const plain = { ...source.config, itemRepresentation: 'id', tokeniser: '' };
  const [here, before] = await Promise.all([
    namedRows(model, data, spec.datasetDir),
    namedRows(definition.build(plain, sizes), others, there),
  ]);
  const maps: Record<string, RowMap | null> = {};
  for (const [table, { names, codes }] of Object.entries(here)) {
    if (!tables.stored[table]) continue;
    const other = before[table];
    if (isOfItemCodes(table, config, source.config)) {
      if (!sharesCodes(config, source.config, isSameData)) maps[table] = null;
    } else if (names && other?.names) maps[table] = placesOf(names, other.names);
    else if (!isSameData || !isDeepStrictEqual(codes, other?.codes)) maps[table] = null;
  }
  return { maps, items: knownItems(model, data, maps), doubts: doubtsOf({ config, source, data, others }) };
}

/** What of a config decides the rows of data and of tables. */
function ofRows(config: Config): Config {
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !Object.hasOwn(clickTrainingFields, key)),
  );
}

interface NamedRows {
  /** What each row stands for; null where values share rows. */
  names: readonly string[] | null;
  codes?: CodeRows;
}

/** The rows of a model's tables, and of the parameters that it names itself. */
async function namedRows(
  model: ClickModel,
  { table }: ClickData,
  directory: string,
): Promise<Record<string, NamedRows>> {
  const values = new Map<string, string[]>();
  for (const [column, code, value] of await readVocabulary(directory, table)) {
    const named = values.get(column) ?? [''];
    named[code] = value;
    values.set(column, named);
  }
  const items = table.features.find(({ of, width }) => of === 'item' && width === 1)?.name ?? 'item';
  const own = Object.entries(model.rowNames).map(([name, names]) => [name, { names }]);
  const ofBags = model.bags.map(({ feature, codes, table: host, parameter }) => {
    const isItem = table.features.some(({ name, of }) => name === feature && of === 'item');
    const known = values.get(isItem ? items : feature) ?? [''];
    return [host ?? parameter, { names: namesOfRows(codes, known), codes }];
  });
  return Object.fromEntries([...own, ...ofBags]);
}

/** The value of each row; null where a row stands for several, but for the one that rare values share with missing ones. */
function namesOfRows(codes: CodeRows, values: readonly string[]): string[] | null {
  if (codes.kind === 'same') return [...values];
  if (codes.kind !== 'list') return null;
  const names: string[] = [];
  for (let code = 0; code + 1 < codes.offsets.length; code++) {
    const rows = codes.rows.subarray(codes.offsets[code], codes.offsets[code + 1]);
    if (rows.length !== 1) return null;
    const [row] = rows;
    if (names[row] === undefined) names[row] = values[code] ?? '';
    else if (row !== 0) return null;
  }
  return names;
}

/** Whether a table's rows are codes of items, and not items. */
function isOfItemCodes(table: string, ...configs: readonly Config[]): boolean {
  const isPlain = ({ itemRepresentation }: Config) => (itemRepresentation ?? 'id') === 'id';
  return (table === ITEM_TABLE || table.startsWith(`${ITEM_TABLE}/`)) && !configs.every(isPlain);
}

/** Hashes are of an item's number, and pieces are learned from the training rows: both are of one data set. */
function sharesCodes(config: Config, other: Config, isSameData: boolean): boolean {
  const keys = ['itemRepresentation', 'itemRows', 'subwords', 'compression', 'qrThreshold', 'qrCollisions'];
  const crosses = ['unigram', 'bigram', 'dense'].includes(String(config.itemRepresentation));
  return (isSameData || crosses) && keys.every((key) => config[key] === other[key]);
}

function knownItems(
  { bags }: ClickModel,
  { table: { features } }: ClickData,
  maps: DataRows['maps'],
): DataRows['items'] {
  const ofItems = ({ feature }: ClickBag) =>
    features.some(({ name, of, width }) => name === feature && of === 'item' && width === 1);
  const rows = bags
    .filter(ofItems)
    .flatMap(({ table, parameter }) => maps[table ?? parameter ?? ''] ?? [])[0];
  // Row 0 is none.
  return rows && { taken: rows.subarray(1).filter((row) => row >= 0).length, all: rows.length - 1 };
}

interface Both {
  config: Config;
  source: SourceRun;
  data: ClickData;
  others: ClickData;
}

function doubtsOf({ config, source, data, others }: Both): string[] {
  const [tasks, before] = [data, others].map(({ table }) => table.tasks.join(', '));
  return [
    ...(tasks === before ? [] : [`it predicted ${before}, and here it is ${tasks}`]),
    ...(config.denseTransform === source.config.denseTransform || data.table.dense.length === 0
      ? []
      : [`its numbers were transformed by ${source.config.denseTransform}`]),
    ...(config.tokeniser === source.config.tokeniser ? [] : ['its codes are those of another tokeniser']),
  ];
}
