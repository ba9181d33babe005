/** Full ranking on the device: scores and counts stay there, a rank a user comes back. */

import type { HostArrays, Program, Tensors } from '../../../engine/index.ts';
import {
  countBelow,
  fillAlongRows,
  float32,
  int32,
  ordered,
  ProgramCache,
  takeAlongRows,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { diverged } from '../../../evaluation/diverged.ts';
import type { UserRanks } from '../../../evaluation/types.ts';
import { rankingMemory } from '../../../training/fitting-rows.ts';
import { scoringSpecs } from '../../../training/programs.ts';
import { forEachChunk } from '../../../training/ranking/chunks.ts';
import { limitedRank, userRanks } from '../../../training/ranking/evaluation-set.ts';
import type { Ranker } from '../../../training/ranking/train-ranking.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import {
  type EvaluationBatch,
  EvaluationBatches,
  type RankedRows,
  type RankerOptions,
  rankedRows,
} from './evaluation-batches.ts';

/** Scores computed at once: 16 MiB of them. */
export const MAX_SCORES = 4_194_304;
export const MAX_ROWS = 512;
const EXCLUDED = -3e38;

interface RankedBatch extends EvaluationBatch {
  /** Width of the filter lists. */
  filterWidth: number;
}

/** Ranks the targets of an evaluation set with the parameters that are on the device. */
export class DeviceRanker implements Ranker {
  readonly #options: RankerOptions;
  readonly #batches: EvaluationBatches;
  readonly #chunks: RankedBatch[];
  readonly #compiled: ProgramCache;
  readonly #rows: RankedRows;

  constructor(options: RankerOptions) {
    this.#options = options;
    this.#compiled = new ProgramCache(options.device);
    const most = Math.min(MAX_ROWS, Math.max(1, Math.floor(MAX_SCORES / options.data.items)));
    this.#rows = rankedRows(options.set);
    this.#batches = new EvaluationBatches(options, most, this.#rows.heads);
    this.#chunks = this.#plan();
  }

  #plan(): RankedBatch[] {
    const { batches } = this.#batches;
    const widths = new Map<BatchShape, number>();
    for (const { shape, members } of batches) {
      const longest = Math.max(1, ...members.map((index) => this.#batches.filter(index).length));
      widths.set(shape, Math.max(widths.get(shape) ?? 1, longest));
    }
    return batches.map((batch) => ({ ...batch, filterWidth: widths.get(batch.shape) ?? 1 }));
  }

  /** @throws UserError when a score is not a number */
  async rank(onProgress: (done: number, total: number) => void, signal?: AbortSignal): Promise<UserRanks> {
    const { data, set, rule, topK } = this.#options;
    const total = set.users.length;
    const ranks = new Int32Array(total);
    let crossEntropy = 0;
    const topItems = new Int32Array(total * topK).fill(-1);
    const { heads, width, rowsOf } = this.#rows;
    await forEachChunk(
      this.#chunks,
      heads.length,
      (chunk) => this.#scored(chunk),
      ({ result, filters }, row, index) => {
        if (!Number.isFinite(result.checksum[row])) {
          throw diverged('a score is not a number');
        }
        for (const [at, target] of rowsOf(index).entries()) {
          const place = row * width + at;
          const isFiltered = filters[row].includes(set.targets[target]);
          ranks[target] = limitedRank(result.rank[place], isFiltered, rule);
          crossEntropy += result.crossEntropy?.[place] ?? 0;
        }
        // Where candidates run out, the excluded items come next.
        const listed = Math.min(topK, data.items - filters[row].length);
        if (topK > 0) topItems.set(result.top.subarray(row * topK, row * topK + listed), index * topK);
      },
      { onProgress, signal },
    );
    const ranked = userRanks(data, set, ranks, topK, topItems);
    return this.#options.model.logitScale === undefined
      ? ranked
      : { ...ranked, crossEntropy: crossEntropy / total };
  }

  async #scored(chunk: RankedBatch): Promise<{ result: HostArrays; filters: Int32Array[] }> {
    const filters = chunk.members.map((index) => this.#batches.filter(index));
    const program = () => rankProgram(this.#options, chunk, this.#rows.width);
    const executable = await this.#compiled.get(chunkKey(chunk), program);
    return { result: await executable.run(this.#inputs(chunk, filters)), filters };
  }

  #inputs(chunk: RankedBatch, filters: readonly Int32Array[]): HostArrays {
    const { shape, filterWidth, members } = chunk;
    const { rows } = shape;
    const { set } = this.#options;
    const { width, rowsOf } = this.#rows;
    const targets = new Int32Array(rows * width);
    const filter = new Int32Array(rows * filterWidth);
    const filterWeights = new Float32Array(rows * filterWidth);
    members.forEach((index, row) => {
      targets.set(
        rowsOf(index).map((target) => set.targets[target]),
        row * width,
      );
      const items = filters[row];
      // Padding repeats a filtered item, or is item 0 where there is none: it weighs nothing.
      filter.fill(items[0] ?? 0, row * filterWidth, (row + 1) * filterWidth);
      filter.set(items, row * filterWidth);
      filterWeights.fill(1, row * filterWidth, row * filterWidth + items.length);
    });
    return { ...this.#batches.inputs(chunk), targets, filter, filterWeights };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#compiled.release();
  }
}

function chunkKey({ shape, filterWidth }: RankedBatch): string {
  return `${shape.rows}x${shape.length}x${filterWidth}`;
}

/** As `rankByCounting` for several targets of each row: targetScores [rows, width] -> rank [rows, width]. */
export function ranksByCounting(scores: tf.Tensor, targetScores: tf.Tensor, inputs: Tensors): Tensors {
  const [rows, width] = targetScores.shape as [number, number];
  const scoreOf = (at: number) => tf.slice(targetScores, [0, at], [rows, 1]);
  const counted = Array.from({ length: width }, (_, at) => rankByCounting(scores, scoreOf(at), inputs));
  const ranks = counted.map(({ rank }) => tf.reshape(rank, [rows, 1]));
  return { rank: tf.concat(ranks, 1), checksum: counted[0].checksum };
}

/**
 * rank = candidates that do not score lower than the target, itself included, without the filtered ones; a
 * score that is not a number counts against the model and shows in `checksum`. scores [rows, items], targetScore [rows, 1],
 * filter int32 and filterWeights [rows, n] -> [rows]
 */
export function rankByCounting(
  scores: tf.Tensor,
  targetScore: tf.Tensor,
  { filter, filterWeights }: Tensors,
): Tensors {
  const isAtLeast = (x: tf.Tensor) => tf.cast(tf.logicalNot(tf.less(x, targetScore)), 'float32');
  const filtered = tf.mul(isAtLeast(takeAlongRows(scores, filter)), filterWeights);
  return {
    rank: tf.sub(tf.sub(scores.shape[1] as number, countBelow(scores, targetScore)), tf.sum(filtered, 1)),
    checksum: tf.sum(scores, 1),
  };
}

function rankProgram(
  { model, rule, topK }: RankerOptions,
  { shape, filterWidth }: RankedBatch,
  width: number,
): Program {
  const { rows } = shape;
  return {
    name: `rank ${rows} x ${shape.length}`,
    memory: rankingMemory(shape),
    state: model.parameters,
    inputs: {
      ...scoringSpecs(model, shape),
      targets: int32(rows, width),
      filter: int32(rows, filterWidth),
      filterWeights: float32(rows, filterWidth),
    },
    run: (state, inputs) => {
      const scores = model.scores(state, inputs, shape);
      const targetScores = takeAlongRows(scores, inputs.targets);
      const outputs = ranksByCounting(scores, targetScores, inputs);
      if (model.logitScale !== undefined) {
        const logits = tf.mul(scores, model.logitScale);
        outputs.crossEntropy = crossEntropyOf(logits, tf.mul(targetScores, model.logitScale));
      }
      if (topK > 0) {
        const listed = rule.historyFilter === 'none' ? scores : withoutFiltered(scores, inputs, outputs);
        outputs.top = tf.topk(listed, topK).indices;
      }
      return { state: {}, outputs };
    },
  };
}

/**
 * scores [rows, items] with those of the filtered items so low that they come last; filterWeights are 0 in rows without any.
 * Made after `others`, which read the scores: a runtime can then write where these lie, in place of a copy of them.
 */
function withoutFiltered(scores: tf.Tensor, { filter, filterWeights }: Tensors, others: Tensors): tf.Tensor {
  const isFiltered = tf.greater(tf.slice(filterWeights, [0, 0], [-1, 1]), 0);
  return fillAlongRows(scores, ordered(filter, Object.values(others)), EXCLUDED, isFiltered);
}

/** -log softmax of the targets: logits [rows, items], targets [rows, n] -> [rows, n]. */
function crossEntropyOf(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const highest = tf.max(logits, 1, true);
  const sum = tf.sum(tf.exp(tf.sub(logits, highest)), 1, true);
  return tf.sub(tf.add(tf.log(sum), highest), targets);
}
