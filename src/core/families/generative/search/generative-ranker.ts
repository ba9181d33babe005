/** Ranks by generation: a list of items for every user, and where the target stands in it. */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../../data/batches/buckets.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext } from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import {
  type EvaluationSet,
  filteredItems,
  limitRanks,
  type RankingRule,
  userRanks,
} from '../../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../../training/ranking/train-ranking.ts';
import { type Catalogue, readableHistory } from '../code-tokens.ts';
import { CodeSources } from '../generative-batches.ts';
import type { GenerativeModel, Lister, ListRequest } from '../generative-model.ts';

const MAX_ROWS = 64;

export interface GenerativeRankerOptions {
  model: GenerativeModel;
  catalogue: Catalogue;
  data: Interactions;
  set: EvaluationSet;
  device: DeviceContext;
  rule: RankingRule;
  /** For everything that is drawn at random. */
  seed: number;
  /** Length of the recommended lists; 0 for none. */
  topK: number;
  purpose: 'selection' | 'result';
}

export class GenerativeRanker implements Ranker {
  readonly #options: GenerativeRankerOptions;
  readonly #histories: number[][];
  readonly #lister: Lister;

  constructor(options: GenerativeRankerOptions) {
    this.#options = options;
    const { data, set, catalogue, model, topK, purpose } = options;
    const levelAccuracy = set.split === 'test' && purpose === 'result';
    this.#lister = model.lister({ ...options, length: topK, minBeams: 1, levelAccuracy });
    this.#histories = Array.from(set.users, (user, index) =>
      readableHistory(data, user, set.historyEnds[index], catalogue.tokens, model.config.maxLength),
    );
  }

  /** @throws UserError when a score is not a number */
  async rank(onProgress: (done: number, total: number) => void, signal?: AbortSignal): Promise<UserRanks> {
    const { data, set, rule, topK } = this.#options;
    const total = set.users.length;
    const ranks = new Int32Array(total);
    const topItems = new Int32Array(total * topK).fill(-1);
    const filters = Array.from(set.users, (_, index) => filteredItems(data, set, index, rule));
    await this.#lister.prepare();
    let done = 0;
    for (const { bucket, members } of this.#chunks()) {
      throwIfCancelled(signal);
      const requests = members.map((index): ListRequest => {
        const [user, target] = [set.users[index], set.targets[index]];
        return { user, target, filtered: new Set(filters[index]) };
      });
      const generated = await this.#lister.lists(bucket, this.#sources(bucket, members), requests);
      members.forEach((index, row) => {
        const { list, rank } = generated[row];
        ranks[index] = rank ?? data.items - filters[index].length;
        topItems.set(list.items.slice(0, topK), index * topK);
      });
      done += members.length;
      onProgress(done, total);
    }
    return userRanks(data, set, limitRanks(ranks, set, filters, rule.rankLimit), topK, topItems);
  }

  #chunks(): { bucket: Bucket; members: number[] }[] {
    const { model } = this.#options;
    const lengths = this.#histories.map((history) => Math.max(1, history.length));
    // A source has no targets but one: an item takes its own tokens, or what the model says where that is less.
    const perItem = Math.min(model.levels, model.tokensPerItem);
    const maxTokens = Math.max(1, Math.floor(model.config.microBatchTokens / perItem));
    const planned = planBuckets(lengthCounts(lengths), { batchSize: lengths.length, maxTokens });
    const buckets = planned.map(({ rows, length }) => ({ rows: Math.min(rows, MAX_ROWS), length }));
    return assignToBuckets(lengths, buckets);
  }

  #sources(bucket: Bucket, members: number[]) {
    const { model, catalogue, set } = this.#options;
    const sources = new CodeSources(model, catalogue.tokens, bucket);
    members.forEach((index, row) => {
      sources.write(row, set.users[index], this.#histories[index]);
    });
    return sources.arrays;
  }

  measures(): Record<string, number> {
    const { split } = this.#options.set;
    const named = Object.entries(this.#lister.measures()).map(([name, value]) => [`${split}/${name}`, value]);
    return Object.fromEntries(named);
  }

  release(): Promise<void> {
    return this.#lister.release();
  }
}
