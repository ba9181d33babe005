/** Lists for one user by a trained generative model, and the tree of the search behind them. */
import type { Split } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { type DeviceContext, onDevice } from '../../engine/index.ts';
import { type ProtocolConfig, protocolSchema } from '../../training/config.ts';
import { openTrainingPart } from '../../training/ranking/context.ts';
import { listBasis, listedUsers } from '../../training/ranking/evaluation-set.ts';
import { loadStored } from '../../training/stored-model.ts';
import type { ListsRequest, ListsUse, RecommendRequest, ScoredItem, TraceRequest } from '../model.ts';
import type { BeamResult, TracedDecoding } from '../traced-decoding.ts';
import { hasId, itemsUnder, readablePlaces } from './code-tokens.ts';
import { CodeSources } from './generative-batches.ts';
import type {
  GenerativeDefinition,
  GenerativeModel,
  SequentialDefinition,
  SequentialModel,
} from './generative-model.ts';
import { type Buildable, folderOfCheckpoint, type Generative, openGenerative } from './run-generative.ts';
import { type BeamOptions, continuationsOf } from './search/beam-search.ts';
import { UserLister } from './search/generative-ranker.ts';

/** A model with its parameters on a device, ready to generate for users. */
interface Opened<M extends GenerativeModel> extends Generative<M> {
  data: Interactions;
  split: Split;
  device: DeviceContext;
  config: ProtocolConfig;
}

async function withModel<M extends GenerativeModel, T>(
  definition: Buildable<M>,
  request: Omit<RecommendRequest, 'user' | 'k' | 'seed' | 'place'>,
  use: (opened: Opened<M>) => Promise<T>,
): Promise<T> {
  const config = protocolSchema.parse(request.config);
  const { data, split, hidden } = await openTrainingPart(request.datasetDir, request.config);
  const generative = openGenerative(definition, request.config, {
    ...{ data, hidden, sources: request.sources },
    folder: folderOfCheckpoint(request.checkpoint),
  });
  return onDevice(request.device, { threads: request.threads }, async (device) => {
    await loadStored(generative.model, request.checkpoint, device);
    return use({ ...generative, data, split, device, config });
  });
}

type Sourced = Pick<Opened<GenerativeModel>, 'model' | 'catalogue' | 'data'>;

/** A batch of one user, whose history are the interactions at `places`. */
function sourceOf({ model, catalogue, data }: Sourced, user: number, places: number[]) {
  const shape = { rows: 1, length: Math.max(1, places.length) };
  const sources = new CodeSources(model, catalogue.tokens, shape);
  sources.writePlaces(0, user, data, places);
  return { shape, arrays: sources.arrays };
}

async function search(
  opened: Opened<SequentialModel>,
  user: number,
  places: number[],
  width: number,
  options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>,
): Promise<BeamResult> {
  const { model, catalogue, device } = opened;
  const { shape, arrays } = sourceOf(opened, user, places);
  await using decoder = model.decoder(device, { ...shape, width });
  return await decoder.search(arrays, { trie: catalogue.search.trie, ...options });
}

/** Whether an ID belongs to an item that is not filtered. */
function allowing({ catalogue }: Generative, filtered: ReadonlySet<number>): BeamOptions['allows'] {
  const { search, tokens } = catalogue;
  return (_row, node) =>
    itemsUnder(search, tokens.levels.sizes.length, node).some((item) => !filtered.has(item));
}

/** The k best items for a user with their scores, best first; only drawn ones where the config samples. */
export function generateFor(
  definition: GenerativeDefinition,
  request: RecommendRequest,
  { signal, onProgress }: Omit<ListsUse, 'take'> = {},
): Promise<ScoredItem[]> {
  return withModel(definition, request, async (opened) => {
    const { data, model, catalogue, device, config } = opened;
    const { end, filtered } = listBasis(opened, config, request);
    const places = readablePlaces(data, request.user, end, catalogue.tokens, model.config.maxLength);
    const { k, user, seed } = request;
    const { shape, arrays } = sourceOf(opened, user, places);
    await using lister = model.lister({
      device,
      catalogue,
      seed,
      length: k,
      // The test ranked a list of as many sequences as the beam is wide: a longer request changes no rank.
      minBeams: request.place === 'test' ? 0 : k,
      purpose: 'result',
      levelAccuracy: false,
    });
    await lister.prepare({ signal, onProgress: (done, total, unit) => onProgress?.({ done, total, unit }) });
    const [{ list }] = await lister.lists(shape, arrays, [{ user, filtered, targets: [] }]);
    return list.items.slice(0, k).map((item, i) => ({ item, score: list.scores[i] }));
  });
}

/** The lists of many users, in batches as a test makes them. */
export function generateForAll(
  definition: GenerativeDefinition,
  request: ListsRequest,
  { take, onProgress, signal }: ListsUse,
): Promise<void> {
  return withModel(definition, request, async (opened) => {
    const { data, config } = opened;
    const { place, seed, k } = request;
    const users = listedUsers(opened, place);
    const basisOf = (user: number) => listBasis(opened, config, { user, place });
    const length = k ?? data.items;
    await using lister = new UserLister(
      { ...opened, seed, users, historyEnds: users.map((user) => basisOf(user).end) },
      // As for one user: what the test ranked is no longer where more is asked for.
      { length, minBeams: place === 'test' ? 0 : length, purpose: 'result', levelAccuracy: false },
    );
    await lister.list(
      (index) => ({ targets: [], filtered: basisOf(users[index]).filtered }),
      (index, { list }) =>
        take(
          users[index],
          list.items.slice(0, length).map((item, at) => ({ item, score: list.scores[at] })),
        ),
      { signal, onProgress: (done, total, unit) => onProgress?.({ done, total, unit }) },
    );
  });
}

export function traceDecoding(
  definition: SequentialDefinition,
  request: TraceRequest,
): Promise<TracedDecoding> {
  return withModel(definition, request, async (opened) => {
    const { data, catalogue, config, model } = opened;
    const { user, beams } = request;
    const { end, filtered, target } = listBasis(opened, config, { user, place: 'test' });
    const places = readablePlaces(data, user, end, catalogue.tokens, model.config.maxLength);
    const mode = 'renormalised' as const;
    const allows = allowing(opened, filtered);
    const { search: known, tokens } = catalogue;
    const continuations: TracedDecoding['continuations'] = [];
    const observe: BeamOptions['observe'] = (level, given, { nodes, scores }) => {
      continuations[level] = Array.from(nodes, (node, beam) =>
        scores[beam] > Number.NEGATIVE_INFINITY
          ? continuationsOf(known.trie, level, node, given, beam)
          : null,
      );
    };
    const result = await search(opened, user, places, beams, { mode, allows, observe });
    const width = tokens.levels.sizes.length;
    let path: NonNullable<TracedDecoding['target']>['path'] = null;
    if (target !== null && hasId(tokens, target)) {
      const targetTokens = Array.from(tokens.tokens.subarray(target * width, (target + 1) * width));
      if (known.trie.find(targetTokens) >= 0) {
        const forced = await search(opened, user, places, 1, { mode, forced: [targetTokens] });
        path = { tokens: targetTokens, scores: forced.levels.map(({ scores }) => scores[0]) };
      }
    }
    return {
      result,
      width: beams,
      ...{ starts: tokens.levels.starts, sizes: tokens.levels.sizes, continuations },
      semantic: tokens.levels.semantic,
      history: places.map((place) => {
        const item = data.itemIds[place];
        const own = tokens.tokens.subarray(item * width, (item + 1) * width);
        return { item, codes: Array.from(own, (token, level) => token - tokens.levels.starts[level]) };
      }),
      itemsOf: (node) => itemsUnder(known, width, node).filter((item) => !filtered.has(item)),
      target: target === null ? null : { item: target, path },
    };
  });
}
