/** Ranks by generation: a list of items for every user, and where the target stands in it. */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../../data/batches/buckets.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext } from '../../../engine/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import {
  type EvaluationSet,
  filtersOf,
  isNewList,
  limitRanks,
  type RankingRule,
  rowsOfList,
  userRanks,
} from '../../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../../training/ranking/train-ranking.ts';
import { type Catalogue, readableHistory } from '../code-tokens.ts';
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
export class UserLister {
  readonly #options: UserListerOptions;
  readonly #histories: number[][];
  readonly #lister: Lister;

  constructor(options: UserListerOptions, lister: Omit<ListerOptions, 'device' | 'catalogue' | 'seed'>) {
    this.#options = options;
    const { data, users, historyEnds, catalogue, model } = options;
    this.#lister = model.lister({ ...options, ...lister });
    this.#histories = Array.from(users, (user, index) =>
      readableHistory(data, user, historyEnds[index], catalogue.tokens, model.config.maxLength),
    );
  }

  /**
   * Lists every user with the parameters that are on the device; `take` gets the place among the users. Throws UserError where a
   * score is not a number.
   */
  async list(
    requestOf: (index: number) => Omit<ListRequest, 'user'>,
    take: (index: number, generated: GeneratedList) => void | Promise<void>,
    onProgress?: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { users } = this.#options;
    await this.#lister.prepare(signal);
    let done = 0;
    for (const { bucket, members } of this.#chunks()) {
      throwIfCancelled(signal);
      const requests = members.map((index) => ({ user: users[index], ...requestOf(index) }));
      const generated = await this.#lister.lists(bucket, this.#sources(bucket, members), requests);
      for (const [row, index] of members.entries()) await take(index, generated[row]);
      done += members.length;
      onProgress?.(done, users.length);
    }
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
    const { model, catalogue, users } = this.#options;
    const sources = new CodeSources(model, catalogue.tokens, bucket);
    members.forEach((index, row) => {
      sources.write(row, users[index], this.#histories[index]);
    });
    return sources.arrays;
  }

  measures(): Record<string, number> {
    return this.#lister.measures();
  }

  release(): Promise<void> {
    return this.#lister.release();
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
  async rank(onProgress: (done: number, total: number) => void, signal?: AbortSignal): Promise<UserRanks> {
    const { data, set, rule, topK } = this.#options;
    const total = set.users.length;
    const ranks = new Int32Array(total);
    const topItems = new Int32Array(total * topK).fill(-1);
    const filters = filtersOf(this.#options);
    await this.#lister.list(
      (index) => {
        const [first, end] = rowsOfList(set, this.#heads[index]);
        return { targets: [...set.targets.subarray(first, end)], filtered: new Set(filters[first]) };
      },
      (index, { list, ranks: found }) => {
        const first = this.#heads[index];
        ranks.set(
          found.map((rank) => rank ?? data.items - filters[first].length),
          first,
        );
        topItems.set(list.items.slice(0, topK), first * topK);
      },
      onProgress,
      signal,
    );
    return userRanks(data, set, limitRanks(ranks, set, filters, rule.rankLimit), topK, topItems);
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
