/** Whether the metrics of a plan are measured at all, before days are trained for them. */
import { UserError } from '../errors.ts';
import { CUTOFFS } from '../evaluation/metrics.ts';
import { allMetrics, findMetric } from '../evaluation/metrics-table.ts';
import { plainName } from '../plugins/ids.ts';

/** Throws UserError for a metric that no run can have: one that there is not, or with a cut-off that is not measured. */
export function requireMeasured(name: string): void {
  const wanted = name.trim().toLowerCase();
  // "like/auc" is of the test, too.
  const found = findMetric(wanted) ?? findMetric(`test/${wanted}`);
  if (!found) {
    // One of a plug-in may be named without its file.
    const base = name.replace(/^.*\//, '').replace(/@\d+$/, '@k');
    if (allMetrics().some((metric) => [metric.name, plainName(metric.name)].includes(base))) return;
    throw new UserError(
      `there is no metric "${name}"; there are ndcg@10, hr@10, mrr and others of docs/metrics.md`,
    );
  }
  const { metric, parameter } = found;
  const isRank = metric.ofRank !== undefined || metric.ofRanks !== undefined;
  if (metric.name.endsWith('@k') && parameter === null)
    throw new UserError(`"${name}" needs a cut-off, such as ${name}@10`);
  if (isRank && parameter !== null && !CUTOFFS.includes(parameter))
    throw new UserError(`"${name}" is not measured; its cut-offs are ${CUTOFFS.join(', ')}`);
}
