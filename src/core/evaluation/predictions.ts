import {
  accuracy,
  auc,
  brier,
  expectedCalibrationError,
  groupedAuc,
  logLoss,
  normalisedEntropy,
} from './classification.ts';
import { findMetric } from './metrics-table.ts';

/** What a ranking model said of the rows of one split; all arrays are [rows] unless said. */
export interface ClickPredictions {
  split: 'valid' | 'test';
  /** Names of the labels, the main one first. */
  tasks: readonly string[];
  /** Numbers of the rows among those of the data, ascending. */
  rows: Int32Array;
  /** 0 or 1, [tasks][rows] */
  labels: readonly Uint8Array[];
  /** Log-odds, [tasks][rows] */
  logits: readonly Float32Array[];
  /** Dense user and item; -1 where unknown. */
  users: Int32Array;
  items: Int32Array;
  /** Training rows of the row's item and of its user; -1 where unknown. */
  itemCounts: Int32Array;
  userCounts: Int32Array;
}

/** The probability of log-odds. */
export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

/** Rows of each known user, in ascending order of users. */
export function rowsByUser(users: Int32Array): Int32Array[] {
  const rows = new Map<number, number[]>();
  users.forEach((user, row) => {
    if (user < 0) return;
    const userRows = rows.get(user);
    if (userRows) userRows.push(row);
    else rows.set(user, [row]);
  });
  return [...rows.keys()].sort((a, b) => a - b).map((user) => Int32Array.from(rows.get(user) ?? []));
}

/** Name of a metric: "test/auc" for the main task, "test/like/auc" for another. */
export function clickMetricName(
  split: string,
  task: number,
  tasks: readonly string[],
  metric: string,
): string {
  return task === 0 ? `${split}/${metric}` : `${split}/${tasks[task]}/${metric}`;
}

export interface ClickMetric {
  split: string;
  /** Null for the main one. */
  task: string | null;
  metric: 'auc' | 'gauc' | 'logloss' | 'ne' | 'ece' | 'accuracy' | 'brier';
}

/** Reads a name such as "test/auc" or "valid/like/logloss"; null where it is no metric of clicks. */
export function parseClickMetric(name: string): ClickMetric | null {
  const found = findMetric(name);
  if (!found?.group.tasks || found.prefix === null) return null;
  return { split: found.prefix, task: found.task, metric: found.metric.name as ClickMetric['metric'] };
}

/**
 * AUC, log-loss, normalised entropy, ECE (ten bins of equal width), accuracy at 0.5 and the Brier score of every task, and
 * where there are users the AUC within users weighted by their rows (gauc). What a single class leaves undefined is left out.
 */
export function clickMetrics(predictions: ClickPredictions): Record<string, number> {
  const { split, tasks, labels, logits, users } = predictions;
  const byUser = rowsByUser(users);
  const metrics: Record<string, number> = {};
  tasks.forEach((_, task) => {
    const probabilities = Float64Array.from(logits[task], sigmoid);
    const values = {
      auc: auc(labels[task], logits[task]),
      logloss: logLoss(labels[task], logits[task]),
      ne: normalisedEntropy(labels[task], logits[task]),
      ece: expectedCalibrationError(labels[task], probabilities),
      accuracy: accuracy(labels[task], probabilities),
      brier: brier(labels[task], probabilities),
      gauc: withinUsers(byUser, labels[task], logits[task]),
    };
    for (const [metric, value] of Object.entries(values)) {
      if (Number.isFinite(value)) metrics[clickMetricName(split, task, tasks, metric)] = value;
    }
  });
  return metrics;
}

function withinUsers(byUser: readonly Int32Array[], labels: Uint8Array, logits: Float32Array): number {
  const groups = byUser.map((rows) => ({
    labels: Uint8Array.from(rows, (row) => labels[row]),
    scores: Float32Array.from(rows, (row) => logits[row]),
  }));
  return groupedAuc(groups);
}
