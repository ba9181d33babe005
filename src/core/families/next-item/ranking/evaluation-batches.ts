/** The users of an evaluation in batches of few shapes. */
import { assignToBuckets, lengthCounts, planBuckets } from '../../../data/batches/buckets.ts';
import { SequenceInputs } from '../../../data/batches/sequence-batches.ts';
import type { Interactions } from '../../../data/types.ts';
import type { DeviceContext, HostArrays } from '../../../engine/index.ts';
import {
  type EvaluationSet,
  filteredItems,
  type RankingRule,
  rowsOfList,
} from '../../../training/ranking/evaluation-set.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { TrainedModel } from '../next-item-model.ts';

export interface RankerOptions {
  model: TrainedModel;
  data: Interactions;
  set: EvaluationSet;
  device: DeviceContext;
  rule: RankingRule;
  microBatchTokens: number;
  /** Length of the recommended lists; 0 for none. */
  topK: number;
}

/** Of one list ranked at once; more are ranked in further rows, with the list computed again. */
const MOST_TARGETS = 16;

/** Which rows of an evaluation set are ranked at once, from the scores of the first: those of a list, up to `width`. */
export interface RankedRows {
  heads: number[];
  width: number;
  rowsOf(head: number): number[];
}

export function rankedRows(set: EvaluationSet): RankedRows {
  const placeOf = Array.from(set.users.keys(), (row) => row - rowsOfList(set, row)[0]);
  const width = 1 + placeOf.reduce((widest, place) => Math.max(widest, Math.min(place, MOST_TARGETS - 1)), 0);
  return {
    width,
    heads: [...placeOf.keys()].filter((row) => placeOf[row] % width === 0),
    rowsOf: (head) => {
      const end = rowsOfList(set, head)[1];
      return Array.from({ length: Math.min(width, end - head) }, (_, at) => head + at);
    },
  };
}

export interface EvaluationBatch {
  /** One object for all batches of a shape. */
  shape: BatchShape;
  /** Rows of the evaluation set; at most shape.rows. */
  members: number[];
}

export class EvaluationBatches {
  readonly batches: readonly EvaluationBatch[];
  readonly #options: RankerOptions;

  /** `ranked`: the rows of the evaluation set that are in the batches. */
  constructor(options: RankerOptions, mostRows: number, ranked: readonly number[]) {
    this.#options = options;
    const { microBatchTokens } = options;
    const lengths = ranked.map((row) => this.#length(row));
    const plan = { batchSize: lengths.length, maxTokens: microBatchTokens };
    const buckets = planBuckets(lengthCounts(lengths), plan).map(({ rows, length }) => ({
      rows: Math.min(rows, mostRows),
      length,
    }));
    this.batches = assignToBuckets(lengths, buckets).map(({ bucket, members }) => ({
      shape: bucket,
      members: members.map((at) => ranked[at]),
    }));
  }

  /** Items that are no candidates for a row of the evaluation set. */
  filter(index: number): Int32Array {
    const { data, set, rule } = this.#options;
    return filteredItems(data, set, index, rule);
  }

  #length(index: number): number {
    const { model, data, set } = this.#options;
    if (model.batches.kind === 'pairs') return 1;
    const history = set.historyEnds[index] - data.offsets[set.users[index]];
    return Math.min(history, model.batches.maxLength);
  }

  /** What the model reads of a batch. */
  inputs({ shape: { rows, length }, members }: EvaluationBatch): HostArrays {
    const { model, data, set } = this.#options;
    if (model.batches.kind === 'pairs') {
      const users = new Int32Array(rows);
      members.forEach((index, row) => {
        users[row] = set.users[index];
      });
      return { users };
    }
    const histories = new SequenceInputs(rows, length, model.batches.columns);
    members.forEach((index, row) => {
      histories.write(row, data, set.users[index], set.historyEnds[index], this.#length(index));
    });
    return histories.arrays;
  }
}
