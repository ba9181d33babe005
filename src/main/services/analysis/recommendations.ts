import type { ListedItem, ListPlace, ListRequest, Recommendation } from '../../../core/api/recommend.ts';
import { openInteractions, readItemCards, readSummary } from '../../../core/data/read.ts';
import type { ItemCard } from '../../../core/data/types.ts';
import type { DeviceId } from '../../../core/engine/types.ts';
import { UserError } from '../../../core/errors.ts';
import { isRankKnown, leadingRows } from '../../../core/evaluation/metrics.ts';
import type { UserRanks } from '../../../core/evaluation/types.ts';
import type { ListsUse, ScoredItem } from '../../../core/families/model.ts';
import { recommend } from '../../../core/families/recommend.ts';
import { findModel } from '../../../core/families/registry.ts';
import type { Store } from '../../../core/store/store.ts';
import type { ExternalRun, MeasuredRun, OwnRun } from '../../../core/store/types.ts';
import { datasetFolderOf, requireUser, testedModel } from './tested-model.ts';

export interface RecommendationRequest extends Omit<ListRequest, 'run'> {
  run: MeasuredRun;
  device: DeviceId;
  threads: number;
}

/**
 * What a run's model recommends to a user, with the user's history and the rank of the held-out item.
 * Throws UserError if the data set or the checkpoint has been deleted, there is no such user, the model draws no lists, or the lists
 * of another program have none for this place.
 */
export async function recommendationFor(
  store: Store,
  request: RecommendationRequest,
  use?: Omit<ListsUse, 'take'>,
): Promise<Recommendation> {
  const { run } = request;
  const ranks = store.ranks.read(run.id, 'test');
  const datasetDir = datasetFolderOf(store, run);
  const user = await requireUser(datasetDir, run.dataset, request.user);
  const row = ranks ? ranks.users.indexOf(user) : -1;
  const heldOut = heldOutOf(ranks, ranks ? (leadingRows(ranks).get(user) ?? -1) : -1);
  const place = heldOut ? request.place : 'next';
  const best =
    run.kind === 'external'
      ? keptList(run, ranks, row, place)
      : await listOf(store, { ...request, run, place }, user, use);
  const { offsets, itemIds, times } = await openInteractions(datasetDir);
  const [begin, end] = [offsets[user], offsets[user + 1]];
  const from = Math.max(begin, end - request.history);
  const places = heldOutPlaces(ranks, row, itemIds.subarray(begin, end), begin);
  const recent = Array.from({ length: end - from }, (_, at) => from + at);
  const shown = [
    ...recent.map((at) => itemIds[at]),
    ...best.map(({ item }) => item),
    ...(heldOut ? [heldOut.item] : []),
  ];
  const name = await namer(datasetDir, shown);
  return {
    run: run.id,
    user: request.user,
    interactions: end - begin,
    history: recent.map((at) => ({
      ...name(itemIds[at]),
      time: times ? times[at] : null,
      heldOut: places.has(at),
    })),
    place,
    items: best.map(({ item, score }) => ({ ...name(item), score })),
    heldOut: heldOut && { ...name(heldOut.item), rank: heldOut.rank, candidates: heldOut.candidates },
  };
}

/** What the model of a run recommends, best first. */
function listOf(
  store: Store,
  request: Omit<RecommendationRequest, 'run'> & { run: OwnRun },
  user: number,
  use?: Omit<ListsUse, 'take'>,
): Promise<ScoredItem[]> {
  const { run, place, k, device, threads, sampling } = request;
  const tested = testedModel(store, run);
  if (sampling) requireDrawn(run);
  const sampled = sampling && {
    config: { ...tested.config, decoding: 'sample', samplingTemperature: sampling.temperature },
    seed: sampling.seed,
  };
  return recommend({ ...tested, user, place, k, device, threads, ...sampled }, use);
}

/** The beginning of the list that another program made for a user, who has this place among those of the ranks, or -1. */
function keptList({ name, program }: ExternalRun, ranks: UserRanks | null, at: number, place: ListPlace) {
  if (!ranks || at < 0 || place === 'next')
    throw new UserError(`${name}: the file of ${program} has lists for held-out items alone`);
  const list = ranks.topItems.subarray(at * ranks.topK, (at + 1) * ranks.topK);
  return [...list].filter((item) => item >= 0).map((item) => ({ item, score: null }));
}

/** Throws UserError for a model that draws no lists. */
function requireDrawn({ id, name, model }: OwnRun): void {
  const { traceDecoding, title } = findModel(model);
  if (traceDecoding) return;
  throw new UserError(`run ${name} (${id}) draws no lists: ${title} scores items; ask without a temperature`);
}

function heldOutOf(ranks: UserRanks | null, at: number) {
  if (!ranks || at < 0) return null;
  const rank = isRankKnown(ranks, at) ? ranks.ranks[at] : null;
  return { item: ranks.targets[at], rank, candidates: ranks.candidates };
}

/** Where the targets of a user stand, whose rows begin with this one: an item may have come before, or come again. */
function heldOutPlaces(ranks: UserRanks | null, first: number, own: Int32Array, begin: number): Set<number> {
  if (!ranks || first < 0) return new Set();
  const { users, targets, historyLengths, several } = ranks;
  const rows = Array.from(targets.keys()).filter((row) => users[row] === users[first]);
  const placesOf = (row: number) => {
    const from = historyLengths[row];
    const all = Array.from(own.keys()).filter((at) => at >= from && own[at] === targets[row]);
    return several === 'all' ? all : all.slice(0, 1);
  };
  return new Set(rows.flatMap(placesOf).map((at) => begin + at));
}

/** Returns a function from dense item ids to their names and categories. */
export async function namer(datasetDir: string, items: number[]): Promise<(item: number) => ListedItem> {
  const cards = await readItemCards(datasetDir, [...new Set(items)]);
  const known = new Map(cards.map((card) => [card.item, card]));
  const column = categoryColumn(datasetDir);
  return (item) => {
    const card = known.get(item);
    const categories = categoriesOf(card, column);
    return { item, id: card?.originalId ?? '?', title: card?.title ?? null, categories };
  };
}

/** The side column that says what sort of thing an item is: the first of lists, such as genres, else the first of words. */
function categoryColumn(datasetDir: string): string | null {
  const roles = Object.entries(readSummary(datasetDir).side?.item ?? {});
  const [name = null] =
    roles.find(([, role]) => role === 'multi') ?? roles.find(([, role]) => role === 'categorical') ?? [];
  return name;
}

function categoriesOf(card: ItemCard | undefined, column: string | null): string[] {
  const value = column === null ? null : card?.side[column];
  return typeof value === 'string' ? value.split('|').filter((part) => part !== '') : [];
}
