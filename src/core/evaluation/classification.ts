import { UserError } from '../errors.ts';
import { midranks } from '../math/ranks.ts';
import { mean } from './metrics.ts';

/**
 * Metrics of models that predict a click. `labels` are 0 or 1, `probabilities` lie in [0, 1], `logits` are log-odds,
 * `scores` may be any numbers; all are [examples]. Throws UserError where they do not pair or are not numbers.
 */
function checkPairs(labels: ArrayLike<number>, predictions: ArrayLike<number>): void {
  if (labels.length !== predictions.length || labels.length === 0) {
    throw new UserError(
      `${labels.length} labels and ${predictions.length} predictions; give one of each an example`,
    );
  }
  for (let index = 0; index < labels.length; index++) {
    if (labels[index] !== 0 && labels[index] !== 1) {
      throw new UserError(`label ${labels[index]} of example ${index} is neither 0 nor 1`);
    }
    if (Number.isNaN(predictions[index]))
      throw new UserError(`the prediction of example ${index} is not a number`);
  }
}

/**
 * Area under the ROC curve: the share of positive–negative pairs in order, a tie counting half
 * (Mann–Whitney). NaN when only one class is present.
 */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkPairs(labels, scores);
  const { ranks } = midranks(scores);
  let [positives, rankSum] = [0, 0];
  ranks.forEach((rank, index) => {
    if (labels[index] === 1) {
      positives++;
      rankSum += rank;
    }
  });
  const negatives = labels.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Probabilities are kept this far away from 0 and 1 in a logarithm. */
const MIN_PROBABILITY = 1e-15;
const [MIN_LOSS, MAX_LOSS] = [-Math.log1p(-MIN_PROBABILITY), -Math.log(MIN_PROBABILITY)];

/** The log-odds of a probability. */
export function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}

/** -ln p(label) of every row from its log-odds, in nats; p is kept 1e-15 away from 0 and 1. */
export function rowLosses(labels: ArrayLike<number>, logits: ArrayLike<number>): Float64Array {
  return Float64Array.from(logits, (logit, row) => {
    const signed = labels[row] === 1 ? logit : -logit;
    const loss = signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
    return Math.min(MAX_LOSS, Math.max(MIN_LOSS, loss));
  });
}

/** Mean of the losses of all rows, in nats. */
export function logLoss(labels: ArrayLike<number>, logits: ArrayLike<number>): number {
  checkPairs(labels, logits);
  return mean(rowLosses(labels, logits));
}

/** Entropy of the observed rate of positives, in nats; NaN where the labels are all the same. */
export function labelEntropy(labels: ArrayLike<number>): number {
  const rate = mean(labels);
  return -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
}

/** Log-loss divided by that of always predicting the observed click rate (He et al. 2014); below 1 beats it. */
export function normalisedEntropy(labels: ArrayLike<number>, logits: ArrayLike<number>): number {
  return logLoss(labels, logits) / labelEntropy(labels);
}

/** Mean squared difference of probability and label. */
export function brier(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  checkPairs(labels, probabilities);
  return mean(Float64Array.from(labels, (label, index) => (probabilities[index] - label) ** 2));
}

/** Share of examples where [probability ≥ threshold] equals the label. */
export function accuracy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  threshold = 0.5,
): number {
  checkPairs(labels, probabilities);
  return mean(
    Float64Array.from(labels, (label, at) => (probabilities[at] >= threshold === (label === 1) ? 1 : 0)),
  );
}

export interface CalibrationBin {
  /** Place of the bin among all bins. */
  index: number;
  count: number;
  meanProbability: number;
  meanLabel: number;
}

/** Bins of equal width over [0, 1]; a probability p falls into min(floor(bins · p), bins - 1). Empty bins are left out. */
export function equalWidthBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  bins = 10,
): CalibrationBin[] {
  checkPairs(labels, probabilities);
  const members: number[][] = Array.from({ length: bins }, () => []);
  for (let index = 0; index < labels.length; index++) {
    const p = probabilities[index];
    if (p < 0 || p > 1)
      throw new UserError(`${p} of example ${index} is no probability; it must lie in [0, 1]`);
    members[Math.min(Math.floor(bins * p), bins - 1)].push(index);
  }
  return meansOf(members, labels, probabilities);
}

/** Bins of as many examples each, by probability; equal probabilities stay together. */
export function equalCountBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  bins = 10,
): CalibrationBin[] {
  checkPairs(labels, probabilities);
  const order = Array.from(labels, (_, example) => example).sort(
    (a, b) => probabilities[a] - probabilities[b],
  );
  const members: number[][] = Array.from({ length: bins }, () => []);
  let bin = 0;
  for (const [place, example] of order.entries()) {
    if (probabilities[example] !== probabilities[order[place - 1]])
      bin = Math.floor((bins * place) / order.length);
    members[bin].push(example);
  }
  return meansOf(members, labels, probabilities);
}

function meansOf(
  members: readonly (readonly number[])[],
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
): CalibrationBin[] {
  return members.flatMap((list, index) => {
    if (list.length === 0) return [];
    const meanOf = (values: ArrayLike<number>) => mean(list.map((member) => values[member]));
    const [meanProbability, meanLabel] = [meanOf(probabilities), meanOf(labels)];
    return [{ index, count: list.length, meanProbability, meanLabel }];
  });
}

/** A share of fewer rows says little: such bins are no part of a curve, nor of the largest error. */
export const FEWEST_IN_BIN = 20;

/**
 * Expected and maximum calibration error: the gap |mean probability - mean label|, weighted by count, and the largest of the
 * bins of so many rows.
 */
export function calibrationErrors(
  bins: readonly CalibrationBin[],
  fewest = 1,
): { expected: number; maximum: number } {
  const examples = bins.reduce((sum, bin) => sum + bin.count, 0);
  const gaps = bins.map((bin) => Math.abs(bin.meanProbability - bin.meanLabel));
  return {
    expected: gaps.reduce((sum, gap, at) => sum + (gap * bins[at].count) / examples, 0),
    maximum: Math.max(0, ...gaps.filter((_, at) => bins[at].count >= fewest)),
  };
}

/** Expected calibration error with bins of equal width. */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  bins = 10,
): number {
  return calibrationErrors(equalWidthBins(labels, probabilities, bins)).expected;
}

/** A user's rows. */
interface Group {
  labels: ArrayLike<number>;
  scores: ArrayLike<number>;
}

/**
 * Mean of the AUC of every user weighted by rows (Zhu et al. 2017); users with one class are left out. NaN where that
 * leaves none.
 */
export function groupedAuc(groups: readonly Group[]): number {
  let [sum, rows] = [0, 0];
  for (const { labels, scores } of groups) {
    const value = auc(labels, scores);
    if (!Number.isFinite(value)) continue;
    sum += value * labels.length;
    rows += labels.length;
  }
  return sum / rows;
}
