import type {
  HeldOutItem,
  ListedItem,
  ListPlace,
  ListRequest,
  Recommendation,
  Sampling,
} from '../../../core/api/recommend.ts';
import { findUser, openInteractions, readItemCards, readSummary } from '../../../core/data/read.ts';
import type { ItemCard } from '../../../core/data/types.ts';
import type { DeviceId } from '../../../core/engine/types.ts';
import { UserError } from '../../../core/errors.ts';
import { isRankKnown } from '../../../core/evaluation/metrics.ts';
import type { UserRanks } from '../../../core/evaluation/types.ts';
import type { RecommendRequest, ScoredItem } from '../../../core/families/model.ts';
import { recommend } from '../../../core/families/recommend.ts';
import { findModel } from '../../../core/families/registry.ts';
import { sourceRuns } from '../../../core/store/runs/source-runs.ts';
import type { Store } from '../../../core/store/store.ts';
import type { ExternalRun, MeasuredRun, OwnRun } from '../../../core/store/types.ts';

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
): Promise<Recommendation> {
  const { run } = request;
  const ranks = store.ranks.read(run.id, 'test');
  const { datasetDir, user } = await findTestUser(store, request);
  const row = ranks ? ranks.users.indexOf(user) : -1;
  const heldOut = heldOutOf(ranks, row);
  const place = heldOut ? request.place : 'next';
  const best =
    run.kind === 'external'
      ? keptList(run, ranks, row, place)
      : await listOf(store, { ...request, run, place }, datasetDir, user);
  const { offsets, itemIds, times } = await openInteractions(datasetDir);
  const [begin, end] = [offsets[user], offsets[user + 1]];
  const from = Math.max(begin, end - request.history);
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
    history: recent.map((at) => ({ ...name(itemIds[at]), time: times ? times[at] : null })),
    place,
    items: best.map(({ item, score }) => ({ ...name(item), score })),
    heldOut: heldOut && { ...name(heldOut.item), rank: heldOut.rank, candidates: heldOut.candidates },
  };
}

/** What the model of a run recommends, best first. */
function listOf(
  store: Store,
  request: Omit<RecommendationRequest, 'run'> & { run: OwnRun },
  datasetDir: string,
  user: number,
): Promise<ScoredItem[]> {
  const { run, place, k, device, threads, sampling } = request;
  const asked = { model: run.model, checkpoint: testedCheckpoint(store, run), datasetDir, user, place, k };
  const sources = sourceRuns(store, run.config);
  return recommend({ ...asked, device, threads, sources, ...decodingFor(run, sampling) });
}

/** The beginning of the list that another program made for a user, who has this place among those of the ranks, or -1. */
function keptList({ name, program }: ExternalRun, ranks: UserRanks | null, at: number, place: ListPlace) {
  if (!ranks || at < 0 || place === 'next')
    throw new UserError(`${name}: the file of ${program} has lists for held-out items alone`);
  const list = ranks.topItems.subarray(at * ranks.topK, (at + 1) * ranks.topK);
  return [...list].filter((item) => item >= 0).map((item) => ({ item, score: null }));
}

function decodingFor(run: OwnRun, sampling: Sampling | null): Pick<RecommendRequest, 'config' | 'seed'> {
  if (!sampling) return { config: run.config, seed: run.seed };
  const { traceDecoding, title } = findModel(run.model);
  if (!traceDecoding) {
    throw new UserError(
      `run ${run.name} (${run.id}) draws no lists: ${title} scores items; ask without a temperature`,
    );
  }
  const { temperature, seed } = sampling;
  return { config: { ...run.config, decoding: 'sample', samplingTemperature: temperature }, seed };
}

/**
 * The dense id of a user of a run's data set. Throws UserError if that has been deleted, or there is no such user.
 */
export async function findTestUser(
  store: Store,
  { run, user: id }: Pick<RecommendationRequest, 'run' | 'user'>,
): Promise<{ datasetDir: string; user: number }> {
  const datasetDir = store.datasets.folder(requireDatasetOf(run));
  const user = await findUser(datasetDir, id);
  if (user === null) {
    throw new UserError(
      `data set ${run.dataset.name} has no user "${id}"; ids are those of the imported files`,
    );
  }
  return { datasetDir, user };
}

/** The id of its data set. Throws UserError if that has been deleted. */
export function requireDatasetOf({ id, name, dataset }: MeasuredRun): string {
  if (dataset.id !== null) return dataset.id;
  throw new UserError(`run ${name} (${id}) cannot recommend: its data set ${dataset.name} was deleted`);
}

function heldOutOf(
  ranks: UserRanks | null,
  at: number,
): Pick<HeldOutItem, 'item' | 'rank' | 'candidates'> | null {
  if (!ranks || at < 0) return null;
  const rank = isRankKnown(ranks, at) ? ranks.ranks[at] : null;
  return { item: ranks.targets[at], rank, candidates: ranks.candidates };
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

/** The file of the parameters that were tested. Throws UserError if there is none. */
export function testedCheckpoint(store: Store, run: OwnRun): string {
  const known = store.checkpoints.list(run.id);
  const tested = known.find(({ kind, epoch }) => kind === 'best' && epoch === run.selectedEpoch);
  const chosen = tested ?? known.find(({ kind }) => kind === 'last') ?? known[0];
  if (!chosen)
    throw new UserError(`run ${run.name} (${run.id}) has no checkpoint to work with (status: ${run.status})`);
  return chosen.path;
}
