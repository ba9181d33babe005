/** The least that a trained model is to beat: everyone gets the items that are most often trained on. */
import { trainingCounts } from '../../data/splits/item-counts.ts';
import { mean, parseRankMetric, perUserMetric, type RankRows } from '../../evaluation/metrics.ts';
import { metricLabel } from '../../evaluation/metrics-table.ts';
import { countText } from '../../names.ts';
import type { TrainingLength } from '../length.ts';
import { BEATEN, NOT_BEATEN } from '../standing.ts';
import type { MetricValues } from '../step-loop.ts';
import type { RankingContext } from './context.ts';
import {
  type EvaluationSet,
  evaluationSet,
  filteredItems,
  limitedRank,
  rankingRule,
} from './evaluation-set.ts';

/** Ranks of the targets as the model Popularity has them. */
export function popularityRanks(
  { data, trainEnd, config }: Pick<RankingContext, 'data' | 'trainEnd' | 'config'>,
  set: EvaluationSet,
): RankRows {
  const rule = rankingRule(config);
  const counts = trainingCounts(data, trainEnd, data.items);
  const notBelow = new Map<number, number>();
  for (const [above, count] of counts.toSorted().reverse().entries()) notBelow.set(count, above + 1);
  const ranks = set.targets.map((target, index) => {
    const filtered = filteredItems(data, set, index, rule);
    const removed = filtered.reduce((sum, item) => sum + Number(counts[item] >= counts[target]), 0);
    return limitedRank((notBelow.get(counts[target]) ?? 0) - removed, filtered.includes(target), rule);
  });
  const { users, several } = set;
  return { users, several, ranks };
}

/** Says once in the log that a training does not beat Popularity when it could first have ended, and that it does. */
export class BesidePopularity {
  readonly #context: RankingContext;
  readonly #length: TrainingLength;
  readonly #metric: string;
  #best = Number.NEGATIVE_INFINITY;
  #mark: number | null = null;
  #said: string | null = null;

  /** `metric`: of the ranks, with its split. */
  constructor(context: RankingContext, length: TrainingLength, metric: string) {
    this.#context = context;
    this.#length = length;
    this.#metric = metric;
  }

  validated(values: MetricValues, epoch: number): void {
    const { patience, evaluateEvery } = this.#length;
    if (patience === 0 || !parseRankMetric(this.#metric)) return;
    this.#best = Math.max(this.#best, values[this.#metric]);
    if (epoch < patience * evaluateEvery || this.#said === BEATEN) return;
    this.#mark ??= this.#ofPopularity();
    const isBeaten = this.#best > this.#mark;
    const line = isBeaten ? BEATEN : NOT_BEATEN;
    if (line === this.#said) return;
    this.#said = line;
    const [own, other] = [this.#best, this.#mark].map((value) => value.toFixed(4));
    const message = `${line}: ${metricLabel(this.#metric)} is ${own} after ${countText(epoch, 'epoch')}, and ${other} where everyone gets the most popular items`;
    this.#context.emit({ type: 'log', level: isBeaten ? 'info' : 'warn', message, once: line });
  }

  #ofPopularity(): number {
    const which = this.#metric.startsWith('valid/') ? 'valid' : 'test';
    const { split, config } = this.#context;
    const ranks = popularityRanks(this.#context, evaluationSet(split, which, config));
    return mean(perUserMetric(ranks, this.#metric));
  }
}
