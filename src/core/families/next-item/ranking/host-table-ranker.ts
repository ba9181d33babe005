/** Full ranking of models whose item vectors are on the host: the catalogue is scored in chunks. */

import {
  type Executable,
  float32,
  type HostArrays,
  type HostTables,
  int32,
  takeAlongRows,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { diverged } from '../../../evaluation/diverged.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import { type Chunk, chunksOf, forEachChunk } from '../../../training/ranking/chunks.ts';
import { limitedRank, userRanks } from '../../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../../training/ranking/train-ranking.ts';
import { MAX_ROWS, MAX_SCORES, ranksByCounting } from './device-ranker.ts';
import { EvaluationBatches, type RankedRows, type RankerOptions, rankedRows } from './evaluation-batches.ts';
import { chunks, HostTableScorer } from './host-table-scorer.ts';

/** Lists ranked together, and what is known of them after some chunks. */
interface Block {
  /** Their first rows in the evaluation set. */
  heads: number[];
  /** [rows, width] */
  queries: Float32Array;
  /** Scores of the targets, [rows, width of the ranked rows]. */
  targetScores: Float32Array;
  /** Items that are no candidates, ascending. */
  filters: Int32Array[];
  /** Candidates that score at least as high as each target, [rows, width of the ranked rows]. */
  atLeast: Float64Array;
  /** Logarithm of the sum of exponentials of the logits, [rows]. */
  logSums: Float64Array;
  tops: TopItems[];
}

export class HostTableRanker implements Ranker {
  readonly #options: RankerOptions;
  readonly #scoring: HostTableScorer;
  readonly #batches: EvaluationBatches;
  readonly #ranked: RankedRows;
  /** Lists and items scored at once. */
  readonly #rows: number;
  readonly #chunk: number;

  /** `tables` are those of the parameters on the device. */
  constructor(options: RankerOptions, tables: HostTables) {
    this.#options = options;
    this.#scoring = new HostTableScorer(options.model, options.device, tables);
    this.#ranked = rankedRows(options.set);
    const { heads } = this.#ranked;
    this.#batches = new EvaluationBatches(options, MAX_ROWS, heads);
    this.#rows = Math.min(MAX_ROWS, heads.length);
    this.#chunk = Math.min(options.data.items, Math.floor(MAX_SCORES / this.#rows));
  }

  /** @throws UserError when a score is not a number */
  async rank(onProgress: (done: number, total: number) => void, signal?: AbortSignal): Promise<UserRanks> {
    const { model, data, set, rule, topK } = this.#options;
    const total = set.users.length;
    const queries = await this.#queries(signal);
    const ranks = new Int32Array(total);
    const topItems = new Int32Array(total * topK).fill(-1);
    const { heads, width, rowsOf } = this.#ranked;
    let [crossEntropy, done] = [0, 0];
    const score = async ({ members }: Chunk) => {
      const block = await this.#block(
        members.map((at) => heads[at]),
        queries,
      );
      const parts = chunks(data.items, this.#chunk);
      for (const [index, [start, end]] of parts.entries()) {
        throwIfCancelled(signal);
        await this.#pass(block, start, end);
        onProgress(done + Math.floor((members.length * (index + 1)) / parts.length), heads.length);
      }
      done += members.length;
      return block;
    };
    const take = (block: Block, row: number) => {
      for (const [at, target] of rowsOf(block.heads[row]).entries()) {
        const place = row * width + at;
        const isFiltered = block.filters[row].includes(set.targets[target]);
        ranks[target] = limitedRank(block.atLeast[place], isFiltered, rule);
        crossEntropy += block.logSums[row] - block.targetScores[place] * (model.logitScale ?? 0);
      }
      topItems.set(block.tops[row].items, block.heads[row] * topK);
    };
    await forEachChunk(chunksOf(heads.length, this.#rows), heads.length, score, take, { signal });
    const ranked = userRanks(data, set, ranks, topK, topItems);
    return model.logitScale === undefined ? ranked : { ...ranked, crossEntropy: crossEntropy / total };
  }

  /** Query vectors by row of the evaluation set, of lists that are ranked: [rows, width]. */
  async #queries(signal?: AbortSignal): Promise<Float32Array> {
    const { width } = this.#scoring;
    const all = new Float32Array(this.#options.set.users.length * width);
    for (const batch of this.#batches.batches) {
      throwIfCancelled(signal);
      const found = await this.#scoring.queries(batch.shape, this.#batches.inputs(batch));
      batch.members.forEach((index, row) => {
        all.set(found.subarray(row * width, (row + 1) * width), index * width);
      });
    }
    return all;
  }

  async #block(heads: number[], all: Float32Array): Promise<Block> {
    const rows = this.#rows;
    const { width } = this.#scoring;
    const { set, topK } = this.#options;
    const { width: most, rowsOf } = this.#ranked;
    const queries = new Float32Array(rows * width);
    for (const [row, head] of heads.entries())
      queries.set(all.subarray(head * width, (head + 1) * width), row * width);
    const targetScores = new Float32Array(rows * most);
    for (let at = 0; at < most; at++) {
      const targets = Int32Array.from(heads, (head) => set.targets[rowsOf(head)[at] ?? head]);
      const scores = await this.#targetScores(queries, targets);
      for (let row = 0; row < rows; row++) targetScores[row * most + at] = scores[row];
    }
    return {
      ...{ heads, queries, targetScores },
      filters: heads.map((head) => this.#batches.filter(head).sort()),
      atLeast: new Float64Array(rows * most),
      logSums: new Float64Array(rows).fill(-Infinity),
      tops: heads.map(() => new TopItems(topK)),
    };
  }

  /** Scores of the targets, by products of the same size as those of the chunks: equal vectors have equal scores. */
  async #targetScores(queries: Float32Array, targets: Int32Array): Promise<Float32Array> {
    const [rows, size] = [this.#rows, this.#chunk];
    const { width, matching } = this.#scoring;
    const executable = await this.#scoring.compiled.get('targets', () => ({
      name: 'scores of the targets',
      state: {},
      inputs: { queries: float32(rows, width), vectors: float32(size, width), places: int32(rows, 1) },
      run: (_, inputs) => ({
        state: {},
        outputs: {
          targetScores: takeAlongRows(matching.match(inputs.queries, inputs.vectors), inputs.places),
        },
      }),
    }));
    const targetScores = new Float32Array(rows);
    for (const [start, end] of chunks(targets.length, size)) {
      const places = Int32Array.from({ length: rows }, (_, row) =>
        row >= start && row < end ? row - start : 0,
      );
      const vectors = this.#scoring.vectorsOf(targets.subarray(start, end), size);
      const found = await executable.run({ queries, vectors, places });
      targetScores.set(found.targetScores.subarray(start, end), start);
    }
    return targetScores;
  }

  /** Counts items start to end (exclusive). */
  async #pass(block: Block, start: number, end: number): Promise<void> {
    const inside = block.filters.map((items) => within(items, start, end));
    const widest = Math.max(1, ...inside.map((items) => items.length));
    const filterWidth = Math.min(end - start, 2 ** Math.ceil(Math.log2(widest)));
    const executable = await this.#counting(end - start, filterWidth);
    const filter = new Int32Array(this.#rows * filterWidth);
    const filterWeights = new Float32Array(this.#rows * filterWidth);
    inside.forEach((items, row) => {
      filter.set(
        items.map((item) => item - start),
        row * filterWidth,
      );
      filterWeights.fill(1, row * filterWidth, row * filterWidth + items.length);
    });
    const vectors = this.#scoring.vectors(start, end);
    const found = await executable.run({
      queries: block.queries,
      targetScores: block.targetScores,
      vectors,
      filter,
      filterWeights,
    });
    for (const row of block.heads.keys()) this.#add(block, row, found, inside[row], start);
  }

  #add(block: Block, row: number, found: HostArrays, filtered: Int32Array, start: number): void {
    if (!Number.isFinite(found.checksum[row])) {
      throw diverged('a score is not a number');
    }
    const { width: targets } = this.#ranked;
    for (let at = row * targets; at < (row + 1) * targets; at++) block.atLeast[at] += found.rank[at];
    if (found.highest) {
      const logSum = found.highest[row] + Math.log(found.sum[row]);
      const highest = Math.max(block.logSums[row], logSum);
      block.logSums[row] =
        highest + Math.log(Math.exp(block.logSums[row] - highest) + Math.exp(logSum - highest));
    }
    if (!found.top) return;
    const width = found.top.length / this.#rows;
    const masked = this.#options.rule.historyFilter !== 'none';
    for (let at = row * width; at < (row + 1) * width; at++) {
      const item = start + found.top[at];
      if (!masked || !filtered.includes(item)) block.tops[row].add(item, found.topScores[at]);
    }
  }

  #counting(size: number, filterWidth: number): Promise<Executable> {
    const rows = this.#rows;
    const { width, matching } = this.#scoring;
    const { topK, model } = this.#options;
    // As many more as may be filtered.
    const listed = topK === 0 ? 0 : Math.min(size, topK + filterWidth);
    return this.#scoring.compiled.get(`count ${size} ${filterWidth}`, () => ({
      name: `rank ${rows} x ${size}`,
      state: {},
      inputs: {
        queries: float32(rows, width),
        targetScores: float32(rows, this.#ranked.width),
        vectors: float32(size, width),
        filter: int32(rows, filterWidth),
        filterWeights: float32(rows, filterWidth),
      },
      run: (_, inputs) => {
        const scores = matching.match(inputs.queries, inputs.vectors);
        const outputs = ranksByCounting(scores, inputs.targetScores, inputs);
        if (model.logitScale !== undefined) {
          const logits = tf.mul(scores, model.logitScale);
          const highest = tf.max(logits, 1, true);
          outputs.highest = tf.squeeze(highest, [1]);
          outputs.sum = tf.sum(tf.exp(tf.sub(logits, highest)), 1);
        }
        if (listed > 0) {
          const { values, indices } = tf.topk(scores, listed);
          Object.assign(outputs, { top: indices, topScores: values });
        }
        return { state: {}, outputs };
      },
    }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scoring.release();
  }
}

/** The part of ascending items from start to end (exclusive). */
function within(items: Int32Array, start: number, end: number): Int32Array {
  return items.subarray(lowerBound(items, start), lowerBound(items, end));
}

function lowerBound(items: Int32Array, value: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The best items so far, best first, of equal ones that which came first; -1 at places still empty. */
class TopItems {
  readonly items: Int32Array;
  readonly #scores: Float32Array;

  constructor(length: number) {
    this.items = new Int32Array(length).fill(-1);
    this.#scores = new Float32Array(length).fill(-Infinity);
  }

  add(item: number, score: number): void {
    let place = this.items.length;
    while (place > 0 && score > this.#scores[place - 1]) place--;
    if (place === this.items.length) return;
    this.items.copyWithin(place + 1, place);
    this.#scores.copyWithin(place + 1, place);
    this.items[place] = item;
    this.#scores[place] = score;
  }
}
