import { UserError } from '../errors.ts';
import { metricDirection } from '../evaluation/metrics.ts';
import { parseClickMetric } from '../evaluation/predictions.ts';
import type { ComparedRun, MetricColumn } from './types.ts';

/** What the tables of the field show; the last epoch beside one that was selected on the test items. */
const usual = [
  ...['test/ndcg@10', 'test/ndcg@50', 'test/hr@10', 'test/hr@50', 'test/mrr', 'final/ndcg@10'],
  ...['test/auc', 'test/gauc', 'test/logloss', 'test/ne', 'test/ece', 'test/accuracy'],
];

const titles: Record<string, string> = {
  hr: 'HR',
  ndcg: 'NDCG',
  mrr: 'MRR',
  auc: 'AUC',
  gauc: 'User AUC',
  logloss: 'Log-loss',
  ne: 'NE',
  ece: 'ECE',
  mce: 'MCE',
  gini: 'Gini',
  brier: 'Brier',
};

/** "test/ndcg@10" → "NDCG@10", "test/like/auc" → "AUC (like)"; the split is named where it is not the test split. */
export function metricLabel(name: string): string {
  const click = parseClickMetric(name);
  if (click?.task) return `${metricLabel(`${click.split}/${click.metric}`)} (${click.task})`;
  const [, split, base, cutoff] = /^(?:([^/]+)\/)?([^@]*)(@\d+)?$/.exec(name) ?? [];
  if (base === undefined) return name;
  const words = base.replaceAll('-', ' ');
  const title = titles[base] ?? words.charAt(0).toUpperCase() + words.slice(1);
  return `${split && split !== 'test' ? `${split} ` : ''}${title}${cutoff ?? ''}`;
}

/** How a metric is shown. Metrics have four decimals; counts and averages of counts have one. */
export function metricColumn(name: string): MetricColumn {
  const decimals = /mean-rank|average-popularity|seconds/.test(name) ? 1 : 4;
  return { name, label: metricLabel(name), direction: metricDirection(name), decimals };
}

/** Names in the order of a table: as in `usual`, then by kind and cut-off. */
function sorted(names: Iterable<string>): string[] {
  const cutoff = (name: string) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0);
  const base = (name: string) => name.replace(/@\d+$/, '');
  return [...names].sort((a, b) => base(a).localeCompare(base(b)) || cutoff(a) - cutoff(b));
}

/**
 * The columns of a comparison and the metrics left over. Throws UserError for a metric that no run has.
 */
export function chooseColumns(
  runs: readonly ComparedRun[],
  asked: readonly string[] | undefined,
): { columns: MetricColumn[]; others: MetricColumn[] } {
  const known = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  const chosen =
    asked && asked.length > 0 ? asked.map((name) => resolve(name, known)) : defaultColumns(known);
  const unique = [...new Set(chosen)];
  const others = sorted([...known].filter((name) => /^(test|final)\//.test(name) && !unique.includes(name)));
  return { columns: unique.map(metricColumn), others: others.map(metricColumn) };
}

function defaultColumns(known: Set<string>): string[] {
  const found = usual.filter((name) => known.has(name));
  if (found.length > 0) return found;
  const tests = sorted([...known].filter((name) => name.startsWith('test/')));
  return tests.length > 0 ? tests : sorted(known);
}

function resolve(name: string, known: Set<string>): string {
  const wanted = name.trim().toLowerCase();
  const match =
    [wanted, `test/${wanted}`].find((candidate) => known.has(candidate)) ?? (known.has(name) ? name : null);
  if (match) return match;
  const available = sorted(known).join(', ') || 'none';
  throw new UserError(`no run has the metric "${name}"; there are: ${available}`);
}
