import type {
  CodebookView,
  CodedItem,
  CodedItemCard,
  CodedItemPage,
  CollisionPage,
  CollisionRow,
  ItemState,
  NeighbourRow,
  SelectedView,
} from '../../../core/api/codebooks.ts';
import { UserError } from '../../../core/errors.ts';
import { readManifest, readSnapshot } from '../../../core/semantic-ids/artefact.ts';
import { hasId } from '../../../core/semantic-ids/views/code-table.ts';
import { collisions } from '../../../core/semantic-ids/views/collisions.ts';
import {
  type Neighbour,
  nearestByPrefix,
  nearestByVector,
} from '../../../core/semantic-ids/views/neighbours.ts';
import type { Range } from '../../../core/semantic-ids/views/prefix-order.ts';
import { residualNorms, squaredDistance } from '../../../core/semantic-ids/views/residuals.ts';
import { selectionOf, selectPattern } from '../../../core/semantic-ids/views/selection.ts';
import type { Store } from '../../../core/store/store.ts';
import { type OpenedTokeniser, openTokeniser } from './open-tokeniser.ts';

interface Page {
  offset: number;
  limit: number;
}

/** Most items of a bucket whose pairwise distances are computed. */
const SPREAD_ITEMS = 200;
const BUCKET_TITLES = 3;
const MATES_SHOWN = 50;
/** Saved states of a training at which an item is shown. */
const STATES_SHOWN = 5;

/** Items as tables show them, in the requested order. */
export async function codedItems(
  { ids, catalogue }: OpenedTokeniser,
  category: CodebookView['category'],
  items: readonly number[],
): Promise<CodedItem[]> {
  const kinds = category ? await catalogue.labels(category) : null;
  const names = await catalogue.names(items);
  return items.map((item, at) => ({
    item,
    ...names[at],
    category: kinds && kinds.of[item] >= 0 ? kinds.names[kinds.of[item]] : null,
    interactions: catalogue.popularity[item],
    codes: hasId(ids, item) ? codesOf(ids, item) : [],
    collisionToken: Math.max(0, ids.collisionTokens[item]),
  }));
}

/** Throws UserError if there is no such item. */
function requireItem({ ids }: OpenedTokeniser, item: number): void {
  if (item >= ids.items) throw new UserError(`there is no item ${item}: the catalogue has ${ids.items}`);
}

export function codesOf({ codes, levels }: OpenedTokeniser['ids'], item: number): number[] {
  return [...codes.subarray(item * levels, (item + 1) * levels)];
}

export async function codebookItems(
  store: Store,
  request: SelectedView & Page & { search: string },
): Promise<CodedItemPage> {
  const tokeniser = await openTokeniser(store, request);
  const { search, offset, limit, category } = request;
  let selected = tokeniser.select(request.pattern);
  if (search !== '') {
    const found = await tokeniser.catalogue.matching(search);
    const { mask } = selected;
    // A search also finds items without an ID, so that the user sees that they have none.
    selected = selectionOf(tokeniser.ids.items, mask ? found.filter((item) => mask[item] === 1) : found);
  }
  const items = tokeniser.popular(selected, offset, limit);
  return { total: selected.count, rows: await codedItems(tokeniser, category, items) };
}

/** Throws UserError if there is no such item. */
export async function codedItemCard(
  store: Store,
  request: CodebookView & { item: number; k: number },
): Promise<CodedItemCard> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, order, vectors, quantiser, catalogue } = tokeniser;
  const { item, k, category } = request;
  requireItem(tokeniser, item);
  const show = (items: readonly number[]) => codedItems(tokeniser, category, items);
  const [shownItem] = await show([item]);
  const side = await catalogue.side(item);
  if (!hasId(ids, item)) {
    return { item: shownItem, side, errors: null, mates: [], mateCount: 0, byVector: null, byPrefix: [] };
  }
  const bucket = selectPattern(ids, order, codesOf(ids, item));
  const mates = tokeniser.popular(bucket, 0, MATES_SHOWN + 1).filter((other) => other !== item);
  const byVector = vectors && nearestByVector(ids, vectors, item, k);
  const byPrefix = nearestByPrefix(ids, order, vectors, item, k);
  const rows = async (list: readonly Neighbour[], others: readonly Neighbour[] | null) => {
    const named = await show(list.map(({ item: other }) => other));
    const agreed = new Set(others?.map(({ item: other }) => other));
    return list.map(({ item: other, shared, distance }, at): NeighbourRow => {
      const known = Number.isFinite(distance) ? distance : null;
      return { ...named[at], shared, distance: known, agreed: others === null || agreed.has(other) };
    });
  };
  return {
    item: shownItem,
    side,
    errors: quantiser && errorsOf(residualNorms(ids, quantiser, item)),
    mates: await show(mates.slice(0, MATES_SHOWN)),
    mateCount: bucket.count - 1,
    byVector: byVector && (await rows(byVector, byPrefix)),
    byPrefix: await rows(byPrefix, byVector),
  };
}

function errorsOf(norms: readonly number[]): number[] {
  const total = norms[0] ** 2;
  return norms.map((norm) => (total > 0 ? norm ** 2 / total : 0));
}

/** Throws UserError if the run has no Semantic IDs or no such item. */
export async function codebookItemStates(
  store: Store,
  { run, item }: { run: string; item: number },
): Promise<ItemState[]> {
  const runDir = store.runs.folder(run);
  const { snapshots, items } = readManifest(runDir);
  if (item >= items) throw new UserError(`there is no item ${item}: the catalogue has ${items}`);
  const shown = Math.min(STATES_SHOWN, snapshots.length);
  return Array.from({ length: shown }, (_, at) => {
    const place =
      shown === 1 ? snapshots.length - 1 : Math.round((at * (snapshots.length - 1)) / (shown - 1));
    const { step, epoch, ids } = readSnapshot(runDir, snapshots[place].step);
    const own = ids.codes.subarray(item * ids.levels, (item + 1) * ids.levels);
    if (own[0] < 0) return { step, epoch, codes: [], sharing: 0 };
    let sharing = 0;
    for (let from = 0; from < ids.codes.length; from += ids.levels) {
      if (own.every((code, level) => ids.codes[from + level] === code)) sharing++;
    }
    return { step, epoch, codes: [...own], sharing };
  });
}

export async function codebookCollisions(store: Store, request: SelectedView & Page): Promise<CollisionPage> {
  const tokeniser = await openTokeniser(store, request);
  const selected = tokeniser.select(request.pattern);
  const { buckets, sizes, unique, colliding } = collisions(tokeniser.order, tokeniser.buckets, selected);
  const shown = buckets.slice(request.offset, request.offset + request.limit);
  return {
    total: buckets.length,
    rows: await collisionRows(tokeniser, shown),
    sizes,
    unique,
    colliding,
    items: sizes.reduce((sum, { size, buckets: count }) => sum + size * count, 0),
  };
}

async function collisionRows(tokeniser: OpenedTokeniser, buckets: readonly Range[]): Promise<CollisionRow[]> {
  const { ids, order, catalogue } = tokeniser;
  const members = buckets.map(({ start, end }) =>
    [...order.subarray(start, end)].sort(
      (a, b) => catalogue.popularity[b] - catalogue.popularity[a] || a - b,
    ),
  );
  const first = members.map((items) => items.slice(0, BUCKET_TITLES));
  const names = await catalogue.names(first.flat());
  let at = 0;
  return members.map((items, bucket) => {
    const titles = first[bucket].map(() => names[at++]).map(({ id, title }) => title ?? id);
    return {
      codes: codesOf(ids, items[0]),
      size: items.length,
      interactions: items.reduce((sum, item) => sum + catalogue.popularity[item], 0),
      spread: spreadOf(tokeniser, items),
      titles,
    };
  });
}

/** Mean distance between the vectors of a bucket; 0 if the items' content is the same. */
function spreadOf({ vectors }: OpenedTokeniser, items: readonly number[]): number | null {
  if (!vectors) return null;
  const { dim, data } = vectors;
  const compared = items.slice(0, SPREAD_ITEMS);
  let [sum, pairs] = [0, 0];
  for (const [at, one] of compared.entries()) {
    for (const other of compared.slice(at + 1)) {
      sum += Math.sqrt(squaredDistance(data, one * dim, data, other * dim, dim));
      pairs++;
    }
  }
  return pairs > 0 ? sum / pairs : 0;
}
