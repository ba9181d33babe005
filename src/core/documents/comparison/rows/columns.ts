import { UserError } from '../../../errors.ts';
import {
  metricDecimals,
  metricDirection,
  metricLabel,
  metricsUsed,
} from '../../../evaluation/metrics-table.ts';
import { plainName } from '../../../plugins/ids.ts';
import type { ComparedRun, MetricColumn } from '../../types.ts';

/** The metrics that papers of the field report, and the first of the last epoch for runs selected on test items. */
const usual = [...metricsUsed('column').map((name) => `test/${name}`), `final/${metricsUsed('main')[0]}`];

/** What tells Semantic IDs apart at a glance; by level or depth where a number follows. */
const usualIds = [
  'collision-rate',
  'usage@1',
  'usage@2',
  'usage@3',
  'perplexity@1',
  'perplexity@2',
  'perplexity@3',
  'category-ami@1',
  'content-spread@1',
  'content-spread@2',
  'neighbour-recall@1',
  'collaborative-lift@1',
].map((name) => `ids/${name}`);

export function metricColumn(name: string): MetricColumn {
  return {
    name,
    label: metricLabel(name),
    direction: metricDirection(name),
    decimals: metricDecimals(name),
  };
}

/** Names in the order of a table: as in `usual`, then by kind and cut-off. */
export function sortedMetrics(names: Iterable<string>): string[] {
  const cutoff = (name: string) => Number(/@(\d+)$/.exec(name)?.[1] ?? 0);
  const base = (name: string) => name.replace(/@\d+$/, '');
  return [...names].sort((a, b) => base(a).localeCompare(base(b)) || cutoff(a) - cutoff(b));
}

/**
 * The columns of a comparison and the metrics left over. Throws UserError for a metric that no run has.
 */
export function chooseColumns(
  runs: readonly ComparedRun[],
  requested: readonly string[] | undefined,
): { columns: MetricColumn[]; others: MetricColumn[] } {
  const known = new Set(runs.flatMap((run) => Object.keys(run.metrics)));
  // Of what other programs state, nobody knows which are usual.
  const areStated = runs.every(({ program, protocol }) => program && !protocol);
  const shown = areStated ? sortedMetrics(known) : defaultColumns(known);
  const chosen = requested && requested.length > 0 ? requested.map((name) => resolve(name, known)) : shown;
  const unique = [...new Set(chosen)];
  const others = sortedMetrics(
    [...known].filter((name) => /^(test|final|ids)\//.test(name) && !unique.includes(name)),
  );
  return { columns: unique.map(metricColumn), others: others.map(metricColumn) };
}

/** What a table or a summary shows of these metrics where nobody asks for others. */
export function defaultColumns(known: Set<string>): string[] {
  const found = [...usual, ...usualIds].filter((name) => known.has(name));
  if (found.length > 0) return found;
  const tests = sortedMetrics([...known].filter((name) => name.startsWith('test/')));
  return tests.length > 0 ? tests : sortedMetrics(known);
}

function resolve(name: string, known: Set<string>): string {
  const wanted = name.trim().toLowerCase();
  const match =
    [wanted, `test/${wanted}`, `ids/${wanted}`].find((candidate) => known.has(candidate)) ??
    (known.has(name) ? name : null) ??
    // One of a plug-in, by its name alone.
    [...known].findLast((one) => plainName(one) === `test/${wanted}`);
  if (match) return match;
  const available = sortedMetrics(known).join(', ') || 'none';
  throw new UserError(`no run has the metric "${name}"; there are: ${available}`);
}
