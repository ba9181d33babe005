/** Ranks by generation: a list of items for every user, and where the target stands in it. */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../../data/batches/buckets.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext } from '../../../engine/index.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import type { ReportDone } from '../../../training/progress.ts';
import { type ChunkUse, forEachChunk } from '../../../training/ranking/chunks.ts';
import {
  type EvaluationSet,
  filteredItems,
  isNewList,
  limitedRank,
  type RankingRule,
  rowsOfList,
  userRanks,
} from '../../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../../training/ranking/train-ranking.ts';
import { type Catalogue, readablePlaces } from '../code-tokens.ts';
import { CodeSources } from '../generative-batches.ts';
import type {
  GeneratedList,
  GenerativeModel,
  Lister,
  ListerOptions,
  ListRequest,
} from '../generative-model.ts';

const MAX_ROWS = 64;

interface UserListerOptions {
  model: GenerativeModel;
  catalogue: Catalogue;
  data: Interactions;
  device: DeviceContext;
  /** For everything that is drawn at random. */
  seed: number;
  users: Int32Array;
  /** End (exclusive) of the history of each user in the interactions. */
  historyEnds: ArrayLike<number>;
}

export interface GenerativeRankerOptions extends Omit<UserListerOptions, 'users' | 'historyEnds'> {
  set: EvaluationSet;
  rule: RankingRule;
  /** Length of the recommended lists; 0 for none. */
  topK: number;
  purpose: 'selection' | 'result';
}

/** Users with histories and what is asked for each, listed in batches of alike lengths. */
export class UserLister implements AsyncDisposable {
  readonly #options: UserListerOptions;
  readonly #lister: Lister;

  constructor(options: UserListerOptions, lister: Omit<ListerOptions, 'device' | 'catalogue' | 'seed'>) {
    this.#options = options;
    this.#lister = options.model.lister({ ...options, ...lister });
  }

  #places(index: number): number[] {
    const { data, users, historyEnds, catalogue, model } = this.#options;
    return readablePlaces(data, users[index], historyEnds[index], catalogue.tokens, model.config.maxLength);
  }

  /**
   * Lists every user with the parameters that are on the device; `take` gets the place among the users. Throws UserError where a
   * score is not a number.
   */
  async list(
    requestOf: (index: number) => Omit<ListRequest, 'user'>,
    take: (index: number, generated: GeneratedList, request: ListRequest) => void | Promise<void>,
    use: ChunkUse = {},
  ): Promise<void> {
    const { users } = this.#options;
    await this.#lister.prepare(use);
    await forEachChunk(
      this.#chunks(),
      users.length,
      async ({ bucket, members }) => {
        const requests = members.map((index) => ({ user: users[index], ...requestOf(index) }));
        return {
          requests,
          lists: await this.#lister.lists(bucket, this.#sources(bucket, members), requests),
        };
      },
      ({ requests, lists }, row, index) => take(index, lists[row], requests[row]),
      use,
    );
  }

  #chunks(): { bucket: Bucket; members: number[] }[] {
    const { model, users } = this.#options;
    const lengths = Int32Array.from(users, (_, index) => Math.max(1, this.#places(index).length));
    // A source has no targets but one: an item takes its own tokens, or what the model says where that is less.
    const perItem = Math.min(model.levels, model.tokensPerItem);
    const maxTokens = Math.max(1, Math.floor(model.config.microBatchTokens / perItem));
    const planned = planBuckets(lengthCounts(lengths), { batchSize: lengths.length, maxTokens });
    const buckets = planned.map(({ rows, length }) => ({ rows: Math.min(rows, MAX_ROWS), length }));
    return assignToBuckets(lengths, buckets);
  }

  #sources(bucket: Bucket, members: number[]) {
    const { model, catalogue, data, users } = this.#options;
    const sources = new CodeSources(model, catalogue.tokens, bucket);
    members.forEach((index, row) => {
      sources.writePlaces(row, users[index], data, this.#places(index));
    });
    return sources.arrays;
  }

  measures(): Record<string, number> {
    return this.#lister.measures();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lister[Symbol.asyncDispose]();
  }
}

export class GenerativeRanker implements Ranker {
  readonly #options: GenerativeRankerOptions;
  readonly #lister: UserLister;
  /** The first row of each list. */
  readonly #heads: Int32Array;

  constructor(options: GenerativeRankerOptions) {
    this.#options = options;
    const { set, topK, purpose } = options;
    const levelAccuracy = set.split === 'test' && purpose === 'result';
    this.#heads = Int32Array.from(set.users.keys()).filter((row) => isNewList(set, row));
    const [users, historyEnds] = [set.users, set.historyEnds].map((of) => this.#heads.map((row) => of[row]));
    this.#lister = new UserLister(
      { ...options, users, historyEnds },
      { length: topK, minBeams: 1, purpose, levelAccuracy },
    );
  }

  /** @throws UserError when a score is not a number */
  async rank(onProgress: ReportDone, signal?: AbortSignal): Promise<UserRanks> {
    const { data, set, rule, topK } = this.#options;
    const total = set.users.length;
    const ranks = new Int32Array(total);
    const topItems = new Int32Array(total * topK).fill(-1);
    await this.#lister.list(
      (index) => {
        const [first, end] = rowsOfList(set, this.#heads[index]);
        const filtered = new Set(filteredItems(data, set, first, rule));
        return { targets: [...set.targets.subarray(first, end)], filtered };
      },
      (index, { list, ranks: found }, { targets, filtered }) => {
        const first = this.#heads[index];
        for (const [at, rank] of found.entries())
          ranks[first + at] = limitedRank(
            rank ?? data.items - filtered.size,
            filtered.has(targets[at]),
            rule,
          );
        topItems.set(list.items.slice(0, topK), first * topK);
      },
      { onProgress, signal },
    );
    return userRanks(data, set, ranks, topK, topItems);
  }

  measures(): Record<string, number> {
    const { split } = this.#options.set;
    const named = Object.entries(this.#lister.measures()).map(([name, value]) => [`${split}/${name}`, value]);
    return Object.fromEntries(named);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lister[Symbol.asyncDispose]();
  }
}
