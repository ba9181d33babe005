/** The map of a tokeniser's codes, and what each code means. */
import type { CodebookView, CodeCard, CodeMap, DeadCode } from '../../../core/api/codebooks.ts';
import { OTHER_CATEGORIES } from '../../../core/api/codebooks.ts';
import { mapTiles, sumsOf, type TileSource, useCurve } from '../../../core/semantic-ids/views/code-map.ts';
import type { Labels } from '../../../core/semantic-ids/views/code-table.ts';
import { edgesOf, gridOf, regionsOf } from '../../../core/semantic-ids/views/placement.ts';
import { forEachCode, prefixRange } from '../../../core/semantic-ids/views/prefix-order.ts';
import { deadCodes } from '../../../core/semantic-ids/views/residuals.ts';
import { levelUse } from '../../../core/semantic-ids/views/strips.ts';
import { wordsOfCode } from '../../../core/semantic-ids/views/words.ts';
import type { Store } from '../../../core/store/store.ts';
import { codedItems } from './items.ts';
import { type OpenedTokeniser, openTokeniser } from './open-tokeniser.ts';

/** Fewer blocks are no larger than so many would be. */
const FEWEST_BLOCKS = 16;
/** Blocks that a region has at least. */
const REGION_BLOCKS = 4;
/** Titles that are read of a code, and of each one beside it. */
const TITLES_READ = 1_000;
const TITLES_BESIDE = 100;
const CATEGORIES_NAMED = 3;
const CODES_BESIDE = 3;
const ITEMS_NAMED = 5;
/** Items whose residuals are held against a dead code. */
const ITEMS_COMPARED = 20_000;

function sourceOf({ ids, order, sharing, catalogue }: OpenedTokeniser, labels: Labels | null): TileSource {
  return { table: ids, order, sharing, popularity: catalogue.popularity, labels };
}

export async function codebookMapOfCodes(
  store: Store,
  request: CodebookView & { root: number[] },
): Promise<CodeMap> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, order, buckets } = tokeniser;
  const root = request.root.slice(0, ids.levels - 1);
  const labels = await tokeniser.labels(request.category);
  const source = sourceOf(tokeniser, labels);
  const within = prefixRange(ids, order, root);
  const { items, interactions, shared, byKind } = sumsOf(source, within);
  const tiles = mapTiles(source, root);
  const cells = root.length === 0 ? await firstCells(store, request) : byUse(tiles.starts);
  const used = Math.max(FEWEST_BLOCKS, cells.filter((cell) => cell >= 0).length);
  const uses = await tokeniser.uses(request.category);
  return {
    ...tiles,
    root,
    grid: gridOf(root.length === 0 ? cells.length : used),
    cells: [...cells],
    categories: [...byKind].map((count, kind) => ({ name: labels?.names[kind] ?? '', items: count })),
    regions: root.length === 0 ? await regions(tokeniser, request.category, cells) : [],
    levels: uses.map(({ counts, perplexity, told }) => ({
      ...{ size: counts.length, used: counts.filter((count) => count > 0).length },
      ...{ perplexity, told, curve: useCurve(counts) },
    })),
    ...{ itemCount: items, interactionCount: interactions, sharing: shared },
    ids: buckets.filter((start) => start >= within.start && start < within.end).length,
  };
}

/** Those of the IDs that count, at every moment of the training. */
async function firstCells(store: Store, { run }: CodebookView): Promise<Int32Array> {
  return (await openTokeniser(store, { run, step: null })).cells();
}

/** Codes with most items first; those without have no cell. */
function byUse(starts: readonly number[]): Int32Array {
  const cells = new Int32Array(starts.length - 1).fill(-1);
  const tiles = (code: number) => starts[code + 1] - starts[code];
  const order = [...cells.keys()].filter((code) => tiles(code) > 0);
  order.sort((a, b) => tiles(b) - tiles(a) || a - b);
  for (const [cell, code] of order.entries()) cells[code] = cell;
  return cells;
}

async function regions(
  { ids, catalogue }: OpenedTokeniser,
  category: CodebookView['category'],
  cells: Int32Array,
): Promise<CodeMap['regions']> {
  if (!category) return [];
  const depth = catalogue.columns.find(({ name }) => name === category.column)?.depth ?? 1;
  const finer = await catalogue.labels({ ...category, depth: Math.min(depth, category.depth + 1) });
  const { dominant } = levelUse(ids, 0, catalogue.popularity, finer);
  const kinds = new Array<number>(cells.length).fill(-1);
  for (const [code, cell] of cells.entries()) {
    if (finer.names[dominant[code]] !== OTHER_CATEGORIES) kinds[cell] = dominant[code];
  }
  return regionsOf(kinds, gridOf(cells.length), REGION_BLOCKS).map((region) => ({
    ...region,
    name: lastStep(finer.names[region.kind]),
  }));
}

const lastStep = (path: string) => path.split(' › ').at(-1) ?? path;

export async function codebookCard(
  store: Store,
  request: CodebookView & { prefix: number[] },
): Promise<CodeCard> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, order, catalogue } = tokeniser;
  const prefix = request.prefix.slice(0, ids.levels);
  const labels = await tokeniser.labels(request.category);
  const source = sourceOf(tokeniser, labels);
  const range = prefixRange(ids, order, prefix);
  const { items, interactions, shared } = sumsOf(source, range);
  const membersOf = (of: readonly number[], most: number) => {
    const { start, end } = prefixRange(ids, order, of);
    return spread(order.subarray(start, end), most);
  };
  const members = membersOf(prefix, TITLES_READ);
  const beside = prefix.length === 1 ? await codesBeside(store, tokeniser, request) : [];
  const besideMembers = beside.map((code) => membersOf([code], TITLES_BESIDE));
  const texts = await catalogue.texts(
    [...members, ...besideMembers.flat()],
    request.category?.column ?? null,
  );
  const byItem = new Map(texts.map((text) => [text.item, text]));
  const everywhere = await catalogue.words();
  const wordsOf = (list: readonly number[]) =>
    wordsOfCode(
      list.flatMap((item) => byItem.get(item)?.title ?? []),
      everywhere,
    );
  return {
    ...{ prefix, items, interactions, sharing: shared, read: members.length },
    ...wordsOf(members),
    next: nextCodes(source, prefix),
    categories: commonest(members.flatMap((item) => byItem.get(item)?.kind ?? [])),
    beside: beside.map((code, at) => ({ code, name: wordsOf(besideMembers[at]).name })),
    top: await codedItems(
      tokeniser,
      request.category,
      tokeniser.popular(tokeniser.select(prefix), 0, ITEMS_NAMED),
    ),
  };
}

/** At most so many of some items, evenly taken. */
function spread(items: Int32Array, most: number): number[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]);
}

/** Used codes at the edges of a first code's block. */
async function codesBeside(
  store: Store,
  tokeniser: OpenedTokeniser,
  request: CodebookView & { prefix: number[] },
): Promise<number[]> {
  const { ids, order } = tokeniser;
  const cells = await firstCells(store, request);
  const codes = new Map([...cells].map((cell, code) => [cell, code]));
  const [code] = request.prefix;
  if (code >= cells.length) return [];
  return edgesOf(cells[code], gridOf(cells.length).columns, cells.length)
    .flatMap((cell) => codes.get(cell) ?? [])
    .filter((other) => {
      const { start, end } = prefixRange(ids, order, [other]);
      return end > start;
    })
    .slice(0, CODES_BESIDE);
}

function nextCodes(source: TileSource, prefix: readonly number[]): CodeCard['next'] {
  const { table, order } = source;
  if (prefix.length >= table.levels) return null;
  const codes: NonNullable<CodeCard['next']>['codes'] = [];
  forEachCode(table, order, prefixRange(table, order, prefix), prefix.length, (code, range) => {
    const { items, kind } = sumsOf(source, range);
    codes.push({ code, items, kind });
  });
  codes.sort((a, b) => b.items - a.items || a.code - b.code);
  return { size: table.codebookSizes[prefix.length], codes };
}

function commonest(kinds: readonly string[]): CodeCard['categories'] {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind !== '') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([name, items]) => ({ name, items }))
    .sort((a, b) => b.items - a.items || (a.name < b.name ? -1 : 1))
    .slice(0, CATEGORIES_NAMED);
}

/** Null if the run has no code vectors of its own: an unused code then has no position. */
export async function codebookDead(
  store: Store,
  request: CodebookView & { level: number },
): Promise<(DeadCode & { title: string | null })[] | null> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, quantiser } = tokeniser;
  if (!quantiser || !tokeniser.hasOwnCodeVectors || request.level >= ids.levels) return null;
  const { counts } = (await tokeniser.uses(null))[request.level];
  const compared = Int32Array.from(spread(tokeniser.order.toSorted(), ITEMS_COMPARED));
  const dead = deadCodes(ids, quantiser, request.level, counts, compared);
  const nearest = dead.filter(({ item }) => item >= 0).map(({ item }) => item);
  const names = await tokeniser.catalogue.names(nearest);
  const titles = new Map(nearest.map((item, at) => [item, names[at].title ?? names[at].id]));
  return dead.map((code) => ({ ...code, title: titles.get(code.item) ?? null }));
}
