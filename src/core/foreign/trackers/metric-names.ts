/** What other programs call the metrics of the table. */
import { findMetric, METRIC_GROUPS } from '../../evaluation/metrics-table.ts';
import type { MetricMap } from './summary.ts';

/** By each of the words that mean it. */
const byWord = (meanings: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(meanings).flatMap(([ours, words]) => words.split(' ').map((word) => [word, ours])),
  );

/** Words for the part of the data, as they stand in names. */
const SPLITS = byWord({
  test: 'test testing',
  valid: 'val valid validation validate eval evaluation dev',
  train: 'train training tr',
});

/** Our metrics by their names elsewhere. Recall is none: it is the share of hits only where a user has one held-out item. */
const METRICS = byWord(
  Object.fromEntries(
    METRIC_GROUPS.flatMap(({ prefixes, metrics }) => (prefixes.includes('test') ? metrics : [])).flatMap(
      ({ name, aliases }) => {
        const base = name.replace('@k', '');
        return aliases ? [[base, [base, ...aliases].join(' ')]] : [];
      },
    ),
  ),
);

/** Metrics that Tessera does not have. */
const OTHERS = ['recall', 'precision', 'map', 'f1', 'rmse', 'mae', 'mse', 'perplexity'];

/** Words that say nothing of a metric. */
const EMPTY = ['', 'at', 'metric', 'metrics', 'hparam', 'hparams', 'hp'];

/**
 * Our name of a metric, such as "valid/ndcg@10" of "val/NDCG@10", "val_ndcg_10" or "ndcg@10"; null where it is none of ours. `split`
 * is taken where the name has none: what is logged along the way is of validation items, and a loss of the training.
 */
export function ourMetric(theirs: string, split: 'valid' | 'test' = 'valid'): string | null {
  const { named, letters, cutOff } = partsOf(theirs);
  const metric = METRICS[letters];
  if (metric === undefined) return null;
  const ours = `${named ?? (metric === 'loss' ? 'train' : split)}/${metric}${cutOff === undefined ? '' : `@${Number(cutOff)}`}`;
  return isOurs(ours) ? ours : null;
}

/** Whether a name is one of a metric, of ours or another one. */
export function isMetricName(theirs: string): boolean {
  return ourMetric(theirs) !== null || OTHERS.includes(partsOf(theirs).letters);
}

/** The part of the data that a name says, its letters, and where it cuts. */
function partsOf(theirs: string): { named?: string; letters: string; cutOff?: string } {
  const words = theirs
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => !EMPTY.includes(word));
  const named = words.map((word) => SPLITS[word]).find((found) => found !== undefined);
  const rest = words.filter((word) => !(word in SPLITS)).join(' ');
  const [, letters = '', cutOff] = /^([a-z]+(?: [a-z]+)*?)(?: ?(\d+))?$/.exec(rest) ?? [];
  return { named, letters: letters.replaceAll(' ', ''), cutOff };
}

/** Whether a run of ours could have a metric of this name. */
export function isOurs(name: string): boolean {
  const found = findMetric(name);
  return found?.prefix != null && (found.parameter !== null) === found.metric.name.endsWith('@k');
}

/** What a metric is kept as. */
export function keptName(theirs: string, map: MetricMap, split?: 'valid' | 'test'): string {
  return (Object.hasOwn(map, theirs) ? map[theirs] : ourMetric(theirs, split)) || theirs;
}
