/** What a table said when it was made, tested again: of each two neighbours in its order, which one is above. */
import { metricDirection, signOf } from '../evaluation/metrics-table.ts';

export interface StatementRun {
  /** Of then. */
  name: string;
  metric: string | null;
  before: number | null;
  after: number | null;
}

export interface Statement {
  /** Names of then; `above` had the higher value. */
  above: string;
  below: string;
  metric: string;
  /** `above` minus `below`, then and now. */
  before: number;
  after: number;
  /** Of the paired test over users of now; null where there is none. */
  p: number | null;
  /** holds: still above, and told apart; fails: told apart the other way round; open: neither. */
  state: 'holds' | 'fails' | 'open';
}

/** `test`: p of the difference of two runs as they are now, by their places. Of a metric whose smaller values are better the smaller one is above. */
export function statementsOf(
  runs: readonly StatementRun[],
  test: (one: number, other: number) => number | null,
): Statement[] {
  const metric = runs.find((run) => run.metric !== null)?.metric;
  if (metric == null) return [];
  const sign = signOf(metricDirection(metric));
  const known = runs
    .flatMap(({ name, metric: own, before, after }, at) =>
      own === metric && before !== null && after !== null ? [{ name, before, after, at }] : [],
    )
    .sort((one, other) => sign * (other.before - one.before));
  return known.slice(1).flatMap((below, place): Statement[] => {
    const above = known[place];
    // Of equal values nothing was said.
    if (above.before === below.before) return [];
    const after = above.after - below.after;
    const p = test(above.at, below.at);
    const isTold = p !== null && p < 0.05;
    return [
      {
        ...{ above: above.name, below: below.name, metric, after, p },
        before: above.before - below.before,
        state: isTold ? (sign * after > 0 ? 'holds' : 'fails') : 'open',
      },
    ];
  });
}
