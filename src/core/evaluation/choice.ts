/** How the best of several results is chosen: by their validation, never by the test that is then shown. */
import { metricDirection, signOf } from './metrics-table.ts';
import type { Protocol } from './types.ts';

export interface Choosable {
  model: string;
  /** Runs that the row is the mean of. */
  seeds: number;
  /** Of the metric on the validation items, mean over seeds; null where the row must not be chosen. */
  valid: number | null;
}

/** What a leaderboard ranks by: on the validation items it chooses, on the test items it shows. */
export const LEADERBOARD_METRIC = 'test/ndcg@10';

/** The first one ranks, the others stand beside it. */
export const leaderboardMetrics = (clicks: boolean): [string, ...string[]] =>
  clicks ? ['test/auc', 'test/logloss'] : [LEADERBOARD_METRIC, 'test/hr@10', 'test/mrr'];

/** "test/ndcg@10" → "valid/ndcg@10" */
export function validationOf(metric: string): string {
  return metric.replace(/^test\//, 'valid/');
}

/**
 * Whether results say nothing of the test items before the test: not selected on them, and no source has seen them or may have; `unknown`:
 * what nobody has said of a result of another program.
 */
export function mayBeChosen(
  protocol: Protocol | null | undefined,
  {
    seenHeldOut,
    unknownSources,
    unknown,
  }: { seenHeldOut?: string | null; unknownSources?: readonly string[]; unknown?: readonly string[] },
): boolean {
  const selection = protocol && 'selection' in protocol ? protocol.selection : null;
  return (
    Boolean(protocol) && selection !== 'test' && !seenHeldOut && !unknownSources?.length && !unknown?.length
  );
}

export interface MeasuredTrial {
  mean: number;
  seconds: number | null;
  /** Place in the order in which the trials were made. */
  size: number;
  /** Of a later stage are chosen before those of an earlier one, whatever their mean. Default: all of the same. */
  stage?: number;
}

/** What trials are ranked by; the `direction` of a metric that another program has named is its own. */
export interface TrialRule {
  metric: string;
  incomparable?: string;
  found?: { direction: 'higher' | 'lower' };
}

export const trialDirection = ({ metric, found }: TrialRule) => found?.direction ?? metricDirection(metric);

/**
 * The trials of a sweep, those that all their seeds have a finite validation metric of: the best first, of equals the fastest,
 * then the first. Null where they were not `measuredAlike` (a key each), or vary what changes the evaluation: none of them can
 * be called the best then.
 */
export function rankedTrials<T extends MeasuredTrial>(
  rule: TrialRule,
  trials: readonly T[],
  measuredAlike: Iterable<string | null>,
): T[] | null {
  if (rule.incomparable !== undefined || new Set(measuredAlike).size > 1) return null;
  const sign = signOf(trialDirection(rule));
  const slow = Number.POSITIVE_INFINITY;
  return trials.toSorted(
    (a, b) =>
      (b.stage ?? 0) - (a.stage ?? 0) ||
      sign * (b.mean - a.mean) ||
      (a.seconds ?? slow) - (b.seconds ?? slow) ||
      a.size - b.size,
  );
}

/**
 * Rows that were measured alike: the `best` one of each model, best first, and the `others` in the same order, those that
 * must not be chosen last. Of one model, rows of several seeds come before single runs.
 */
export function byValidation<T extends Choosable>(
  rows: readonly T[],
  metric: string,
): { best: T[]; others: T[] } {
  const sign = signOf(metricDirection(metric));
  const score = ({ valid }: T) => (valid === null || Number.isNaN(valid) ? -Infinity : sign * valid);
  const ordered = rows.toSorted((a, b) => (score(a) === score(b) ? 0 : score(b) - score(a)));
  const choosable = ordered.filter((row) => score(row) > -Infinity);
  const best = new Set(
    [...Map.groupBy(choosable, ({ model }) => model).values()].map(
      (sameModel) => sameModel.find(({ seeds }) => seeds > 1) ?? sameModel[0],
    ),
  );
  return {
    best: ordered.filter((row) => best.has(row)),
    others: ordered.filter((row) => !best.has(row)),
  };
}
