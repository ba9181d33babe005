/** Lists of items by a search over the levels of their IDs. */
import type { HostArrays } from '../../../engine/index.ts';
import { diverged } from '../../../evaluation/diverged.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import { itemsUnder } from '../code-tokens.ts';
import type { GenerationConfig } from '../generative-config.ts';
import type {
  Decoded,
  GeneratedList,
  IdDecoder,
  Lister,
  ListerOptions,
  ListRequest,
  SequentialModel,
} from '../generative-model.ts';
import { LevelAccuracy } from './level-accuracy.ts';
import { ListMeasures } from './list-measures.ts';
import { type ItemList, listOf, rankOf } from './lists.ts';
import { decodingOf } from './stochastic-beams.ts';

/** Puts lists into another order, and may add to them. */
export interface Reranker {
  /** As of `Lister`. */
  prepare(): Promise<void>;
  /** queries [rows, dim]: by row what items are compared with. */
  rerank(lists: readonly ItemList[], queries: Float32Array, requests: readonly ListRequest[]): ItemList[];
  release(): Promise<void>;
}

export class BeamLister implements Lister {
  readonly #model: SequentialModel;
  readonly #config: Omit<GenerationConfig, 'softmax'>;
  readonly #options: ListerOptions;
  readonly #reranker: Reranker | undefined;
  readonly #width: number;
  readonly #decoders = new Map<string, IdDecoder>();
  readonly #accuracy: LevelAccuracy | null;
  #measures: ListMeasures;

  constructor(
    model: SequentialModel,
    config: Omit<GenerationConfig, 'softmax'>,
    options: ListerOptions,
    reranker?: Reranker,
  ) {
    const { catalogue, device, levelAccuracy, purpose, minBeams } = options;
    const { beams, validationBeams } = config;
    this.#width = Math.max(minBeams, purpose === 'selection' ? validationBeams : beams);
    this.#model = model;
    this.#config = config;
    this.#options = options;
    this.#reranker = reranker;
    this.#accuracy = levelAccuracy ? new LevelAccuracy(model, catalogue, device) : null;
    this.#measures = this.#fresh();
  }

  async prepare(): Promise<void> {
    this.#measures = this.#fresh();
    await this.#reranker?.prepare();
  }

  #fresh(): ListMeasures {
    const { catalogue, purpose } = this.#options;
    // Items that are ranked again have no share limit.
    const shares = catalogue.unseen !== null && purpose === 'result' && !this.#reranker;
    return new ListMeasures(catalogue, { free: this.#config.decoding === 'free', shares });
  }

  async lists(
    shape: BatchShape,
    sources: HostArrays,
    requests: readonly ListRequest[],
  ): Promise<GeneratedList[]> {
    const { catalogue } = this.#options;
    const width = this.#width;
    const most = Math.max(...requests.map(({ targets }) => targets.length));
    for (let at = 0; at < most; at++)
      await this.#accuracy?.add(shape, sources, this.#generableTargets(shape, requests, at));
    const { levels, queries } = await this.#search(shape, sources, requests);
    const found = requests.map(({ filtered }, row) => {
      if (Number.isNaN(levels[levels.length - 1].scores[row * width])) {
        throw diverged('a score is not a number');
      }
      const { coldShare } = this.#config;
      return listOf(levels, row * width, width, catalogue, { filtered, coldShare });
    });
    const lists = (queries && this.#reranker?.rerank(found, queries, requests)) ?? found;
    return requests.map(({ targets, filtered }, row) => {
      const list = lists[row];
      for (const target of targets) this.#measures.add(target, filtered, list, { levels, row, width });
      return { list, ranks: targets.map((target) => rankOf(list, target)) };
    });
  }

  #search(shape: BatchShape, sources: HostArrays, requests: readonly ListRequest[]): Promise<Decoded> {
    const { catalogue, seed } = this.#options;
    const { search } = catalogue;
    const allows = (row: number, node: number) =>
      itemsUnder(search, this.#model.levels, node).some((item) => !requests[row]?.filtered.has(item));
    // Rows of a batch without a user are drawn for, too, and not read.
    const decoding = decodingOf(this.#config, seed, (row) => requests[row]?.user ?? 0);
    return this.#decoder(shape).search(sources, { ...decoding, trie: search.trie, allows });
  }

  /** By row its target at a place, or -1 where there is none with an ID that training knows. */
  #generableTargets({ rows }: BatchShape, requests: readonly ListRequest[], at: number): Int32Array {
    const { trie, tokens: items } = this.#options.catalogue;
    const width = items.levels.sizes.length;
    const targets = new Int32Array(rows).fill(-1);
    requests.forEach((request, row) => {
      if (at >= request.targets.length) return;
      const target = request.targets[at];
      const id = items.tokens.subarray(target * width, (target + 1) * width);
      if (trie.find(id) >= 0) targets[row] = target;
    });
    return targets;
  }

  #decoder(shape: BatchShape): IdDecoder {
    const key = `${shape.rows}x${shape.length}`;
    const known = this.#decoders.get(key);
    if (known) return known;
    const decoder = this.#model.decoder(this.#options.device, { ...shape, width: this.#width });
    this.#decoders.set(key, decoder);
    return decoder;
  }

  measures(): Record<string, number> {
    const accuracies = (this.#accuracy?.shares ?? []).map((share, level): [string, number] => [
      `level-accuracy@${level + 1}`,
      share,
    ]);
    return { ...this.#measures.values(), ...Object.fromEntries(accuracies) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#accuracy?.release();
    await this.#reranker?.release();
    for (const decoder of this.#decoders.values()) await decoder[Symbol.asyncDispose]();
    this.#decoders.clear();
  }
}
