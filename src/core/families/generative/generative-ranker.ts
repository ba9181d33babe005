/** Ranks by generation: a list of items for every user, and where the target stands in it. */
import { type Bucket, deal, lengthCounts, planBuckets } from '../../data/buckets.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { metricsOfRanks } from '../../evaluation/metrics.ts';
import type { UserRanks } from '../../evaluation/types.ts';
import {
  type EvaluationSet,
  filteredItems,
  limitRanks,
  type RankingRule,
  userRanks,
} from '../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../training/ranking/train.ts';
import type { BeamResult } from '../traced-decoding.ts';
import { CodeSources } from './batches.ts';
import { type Catalogue, itemsUnder, readableHistory } from './catalogue.ts';
import type { GenerativeModel, IdDecoder } from './generative-model.ts';
import { LevelAccuracy } from './level-accuracy.ts';
import { firstDivergence, listOf, prefixRankIn, rankIn } from './lists.ts';
import { decodingOf } from './stochastic-beams.ts';

const MAX_ROWS = 64;
/** Cut-offs of the hits by prefix. */
const PREFIX_CUTOFFS = [5, 10];

export interface GenerativeRankerOptions {
  model: GenerativeModel;
  catalogue: Catalogue;
  data: Interactions;
  set: EvaluationSet;
  device: DeviceContext;
  rule: RankingRule;
  /** Of sampled lists. */
  seed: number;
  /** Sequences kept of a user. */
  beams: number;
  /** Length of the recommended lists; 0 for none. */
  topK: number;
  /** Whether to measure each level's accuracy given the levels before, too. */
  levelAccuracy: boolean;
}

/** What generation showed of one user besides the rank. */
interface Trace {
  /** Place of the first item with the target's prefix, or null. */
  prefixRank: number | null;
  /** As `firstDivergence`; null where the target has no ID. */
  divergence: number | null;
  /** Of the first 10 sequences, those that are no candidate's ID. */
  invalid: number;
  generated: number;
}

export class GenerativeRanker implements Ranker {
  readonly #options: GenerativeRankerOptions;
  readonly #histories: number[][];
  readonly #decoders = new Map<Bucket, IdDecoder>();
  readonly #accuracy: LevelAccuracy | null;
  #traces: Trace[] = [];

  constructor(options: GenerativeRankerOptions) {
    this.#options = options;
    const { data, set, catalogue, model, device } = options;
    this.#accuracy = options.levelAccuracy ? new LevelAccuracy(model, catalogue, device) : null;
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
    this.#traces = new Array<Trace>(total);
    let done = 0;
    for (const { bucket, members } of this.#chunks()) {
      throwIfCancelled(signal);
      const sets = members.map((index) => new Set(filters[index]));
      const result = await this.#search(bucket, members, sets);
      members.forEach((index, row) => {
        const { items, rank } = this.#listAndRank(result, row, index, sets[row]);
        ranks[index] = rank;
        topItems.set(items.slice(0, topK), index * topK);
      });
      done += members.length;
      onProgress(done, total);
    }
    return userRanks(data, set, limitRanks(ranks, set, filters, rule.rankLimit), topK, topItems);
  }

  #chunks(): { bucket: Bucket; members: number[] }[] {
    const { model } = this.#options;
    const lengths = this.#histories.map((history) => Math.max(1, history.length));
    const maxTokens = Math.max(1, Math.floor(model.config.microBatchTokens / model.levels));
    const planned = planBuckets(lengthCounts(lengths), { batchSize: lengths.length, maxTokens });
    const buckets = planned.map(({ rows, length }) => ({ rows: Math.min(rows, MAX_ROWS), length }));
    return deal(lengths, buckets);
  }

  async #search(bucket: Bucket, members: number[], filtered: Set<number>[]): Promise<BeamResult> {
    const { model, catalogue, set, seed } = this.#options;
    const { tokens, search } = catalogue;
    const sources = new CodeSources(model, tokens, bucket);
    members.forEach((index, row) => {
      sources.write(row, set.users[index], this.#histories[index]);
    });
    await this.#accuracy?.add(bucket, sources, this.#generableTargets(bucket, members));
    const allows = (row: number, node: number) => {
      const own = itemsUnder(search, model.levels, node);
      return own.some((item) => !filtered[row]?.has(item));
    };
    // Rows of a batch without a user are drawn for, too, and not read.
    const decoding = decodingOf(model.config, seed, (row) => set.users[members[row]] ?? 0);
    return this.#decoder(bucket).search(sources.arrays, { ...decoding, trie: search.trie, allows });
  }

  /** By row the target, or -1 without an ID that training knows. */
  #generableTargets({ rows }: Bucket, members: number[]): Int32Array {
    const { catalogue, set } = this.#options;
    const { tokens, levels } = catalogue.tokens;
    const width = levels.sizes.length;
    const targets = new Int32Array(rows).fill(-1);
    members.forEach((index, row) => {
      const target = set.targets[index];
      const id = tokens.subarray(target * width, (target + 1) * width);
      if (catalogue.trie.find(id) >= 0) targets[row] = target;
    });
    return targets;
  }

  #decoder(bucket: Bucket): IdDecoder {
    const known = this.#decoders.get(bucket);
    if (known) return known;
    const { model, device, beams } = this.#options;
    const shape = { rows: bucket.rows, source: model.sourceLength(bucket.length), width: beams };
    const decoder = model.decoder(device, shape);
    this.#decoders.set(bucket, decoder);
    return decoder;
  }

  #listAndRank(
    { levels }: BeamResult,
    row: number,
    index: number,
    filtered: Set<number>,
  ): { items: number[]; rank: number } {
    const { catalogue, data, set, beams, model } = this.#options;
    const last = levels[levels.length - 1];
    if (Number.isNaN(last.scores[row * beams])) {
      throw new UserError('a score is not a number; the run has diverged, try a lower learning rate');
    }
    const target = set.targets[index];
    const { coldShare } = model.config;
    const list = listOf(levels, row * beams, beams, catalogue, { filtered, coldShare });
    const { tokens, levels: of } = catalogue.tokens;
    const width = of.sizes.length;
    const id = tokens.subarray(target * width, (target + 1) * width);
    const first = last.nodes.subarray(row * beams, row * beams + Math.min(10, beams));
    this.#traces[index] = {
      prefixRank: prefixRankIn(list, target, catalogue),
      divergence: id[0] > 0 ? firstDivergence(levels, row, beams, id) : null,
      invalid: first.reduce((sum, node) => sum + (node < 0 ? 1 : 0), 0),
      generated: first.length,
    };
    return { items: list.items, rank: rankIn(list, target) ?? data.items - filtered.size };
  }

  /** Hits by prefix, where beams leave the targets, and in free decoding the share of IDs that no candidate has. */
  measures(): Record<string, number> {
    const { set, model } = this.#options;
    const { split } = set;
    const ranks = this.#traces.map(({ prefixRank }) => prefixRank ?? Number.POSITIVE_INFINITY);
    const ofPrefix = metricsOfRanks(ranks, PREFIX_CUTOFFS);
    const measures: Record<string, number> = {};
    for (const k of PREFIX_CUTOFFS) {
      measures[`${split}/prefix-hr@${k}`] = ofPrefix[`hr@${k}`];
      measures[`${split}/prefix-ndcg@${k}`] = ofPrefix[`ndcg@${k}`];
    }
    const named = this.#traces.filter(({ divergence }) => divergence !== null);
    for (let level = 0; level < model.levels; level++) {
      const left = named.filter(({ divergence }) => divergence === level).length;
      measures[`${split}/first-divergence@${level + 1}`] = left / Math.max(1, named.length);
    }
    for (const [level, share] of (this.#accuracy?.shares ?? []).entries()) {
      measures[`${split}/level-accuracy@${level + 1}`] = share;
    }
    if (model.config.decoding === 'free') {
      const count = (field: 'invalid' | 'generated') =>
        this.#traces.reduce((sum, trace) => sum + trace[field], 0);
      measures[`${split}/invalid@10`] = count('invalid') / count('generated');
    }
    return measures;
  }

  async release(): Promise<void> {
    await this.#accuracy?.release();
    for (const decoder of this.#decoders.values()) await decoder.release();
    this.#decoders.clear();
  }
}
