/** What stands for an item in a click model: a row of its own, a hash, its content, or its Semantic ID (Singh et al. 2024). */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { SemanticIds } from '../../semantic-ids/types.ts';
import { field } from '../../training/config.ts';
import { SOURCES } from '../../training/sources.ts';
import type { ClickFeature, ClickSizes, CodeRows } from './click-model.ts';
import { type FeatureTables, type Lookup, projectionOf } from './embedding-bags.ts';
import { type SubwordKind, textOf, trainSubwords } from './subwords/index.ts';

export const itemFields = {
  itemRepresentation: z
    .enum(['id', 'hash', 'dense', 'unigram', 'bigram', 'spm'])
    .describe(
      'What stands for an item. id: a row each; hash: a row at random, shared; dense: its content vector, projected; ' +
        'unigram, bigram: a row for each code of its Semantic ID, or each pair of codes; spm: a row for each piece that ' +
        'a sub-word model cuts its codes into',
    )
    .default('id'),
  itemRows: field
    .nonNegativeInt('Rows of the table of hash, unigram, bigram and spm; 0 takes as many as there are codes')
    .default(0),
  subwords: z
    .enum(['unigram-lm', 'bpe'])
    .describe(
      'Sub-word model of spm: unigram language model or byte-pair encoding, trained on the items of the training rows',
    )
    .default('unigram-lm'),
  tokeniser: z.string().describe(SOURCES.tokeniser.description).default(''),
} as const;

export type ItemConfig = z.output<z.ZodObject<typeof itemFields>> & { dim: number };

export const ITEM_TABLE = 'tables/items';

/** Rows that stand for each item, in the order of the catalogue. */
export interface ItemRows {
  rows: number;
  rowsOf(item: number): readonly number[];
}

/**
 * How a feature of items is looked up: null where every item has a row of its own, as other categories.
 * Throws UserError where the representation needs a tokeniser, or content vectors, that are not there.
 */
export function itemLookup(
  bag: Lookup['bag'],
  feature: ClickFeature,
  config: ItemConfig,
  sizes: ClickSizes,
): Lookup | FeatureTables | null {
  if (config.itemRepresentation === 'id') return null;
  if (config.itemRepresentation === 'dense') return contentVector(bag, feature, config.dim, sizes);
  const { rows, rowsOf } = itemRows(config, sizes);
  return { table: ITEM_TABLE, rows, codes: listed(feature.vocabulary, rowsOf), bag };
}

function contentVector(
  bag: Lookup['bag'],
  feature: ClickFeature,
  dim: number,
  { semanticIds }: ClickSizes,
): FeatureTables {
  const vectors = semanticIds?.vectors;
  if (!vectors)
    throw missing('content vectors', 'tokeniser=RUN with a tokeniser that has them, not imported IDs');
  const values = new Float32Array(feature.vocabulary * vectors.dim);
  const known = Math.min(vectors.items, feature.vocabulary - 1);
  values.set(vectors.data.subarray(0, known * vectors.dim), vectors.dim);
  const { name, where } = bag;
  const content = { name, feature: feature.name, where, dim: vectors.dim, values };
  return {
    vector: { bags: [], combine: 'project', content, projection: projectionOf(ITEM_TABLE, vectors.dim, dim) },
    hostTables: {},
  };
}

function itemRows(config: ItemConfig, sizes: ClickSizes): ItemRows {
  const { itemRepresentation: representation, subwords } = config;
  const ids = sizes.semanticIds?.ids;
  const rows = config.itemRows || (ids ? codeCount(ids) : 0);
  if (rows === 0)
    throw missing('a number of rows', 'itemRows, or tokeniser=RUN to have as many rows as codes');
  if (representation === 'hash') return { rows, rowsOf: (item) => [hash(item, 0) % rows] };
  if (!ids) throw missing('Semantic IDs', 'tokeniser=RUN');
  if (representation === 'spm') return subwordRows(ids, sizes, subwords, rows);
  return ngramRows(ids, representation === 'bigram' ? 2 : 1, rows);
}

function missing(what: string, how: string): UserError {
  return new UserError(`config "itemRepresentation": it needs ${what}; set ${how}`);
}

function codeCount({ codebookSizes }: SemanticIds): number {
  return codebookSizes.reduce((sum, size) => sum + size, 0);
}

/**
 * A row for each group of n codes that follow each other without overlap; every group has a table of its own, an equal
 * part of the rows. Groups with more combinations than rows are hashed.
 */
export function ngramRows(ids: SemanticIds, n: number, rows: number): ItemRows {
  const { levels, codebookSizes, codes } = ids;
  const groups = Math.ceil(levels / n);
  const each = Math.floor(rows / groups);
  if (each === 0)
    throw new UserError(`config "itemRows": ${rows} rows are fewer than the ${groups} groups of codes`);
  const sizeOf = (level: number) => codebookSizes[level];
  // Where every group's combinations fit as they are, the groups take what they need.
  const combinations = Array.from({ length: groups }, (_, group) => {
    let count = 1;
    for (let level = group * n; level < Math.min(levels, (group + 1) * n); level++) count *= sizeOf(level);
    return count;
  });
  const fits = combinations.reduce((sum, count) => sum + count, 0) <= rows;
  const starts = combinations.map((_, group) =>
    fits ? combinations.slice(0, group).reduce((sum, count) => sum + count, 0) : group * each,
  );
  return {
    rows,
    rowsOf: (item) => {
      if (codes[item * levels] < 0) return [];
      return starts.map((start, group) => {
        let place = 0;
        for (let level = group * n; level < Math.min(levels, (group + 1) * n); level++) {
          place = place * sizeOf(level) + codes[item * levels + level];
        }
        return start + (fits || combinations[group] <= each ? place : hash(place, group + 1) % each);
      });
    },
  };
}

/** A row for each piece; the model is trained on the items of the training rows, each as often as it is in them. */
function subwordRows(ids: SemanticIds, sizes: ClickSizes, kind: SubwordKind, rows: number): ItemRows {
  const counts = sizes.features.find(({ of, width }) => of === 'item' && width === 1)?.counts;
  const items = Array.from({ length: ids.items }, (_, item) => item);
  const texts = items.map((item) => ({ text: textOf(ids, item), weight: counts?.[item + 1] ?? 1 }));
  const model = trainSubwords(kind, texts, rows);
  return { rows: Math.max(rows, model.pieces.length), rowsOf: (item) => model.segment(texts[item].text) };
}

/** Rows by code: code i + 1 is item i, code 0 none. */
function listed(vocabulary: number, rowsOf: ItemRows['rowsOf']): CodeRows {
  const lists = Array.from({ length: vocabulary }, (_, code) => (code === 0 ? [] : rowsOf(code - 1)));
  const offsets = new Int32Array(vocabulary + 1);
  for (const [code, list] of lists.entries()) offsets[code + 1] = offsets[code] + list.length;
  return { kind: 'list', offsets, rows: Int32Array.from(lists.flat()) };
}

/** 32 bits of an id, each salt another function (finaliser of MurmurHash3). */
function hash(id: number, salt: number): number {
  let z = Math.imul(id ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  z = Math.imul(z ^ (z >>> 16), 0x27d4eb2f);
  return (z ^ (z >>> 15)) >>> 0;
}
