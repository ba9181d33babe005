import { resampleMeans } from '../evaluation/bootstrap.ts';
import { meanColumns, parseRankMetric, perUserMetric } from '../evaluation/metrics.ts';
import { findMetric } from '../evaluation/metrics-table.ts';
import { holm, pairedDifferences } from '../evaluation/significance.ts';
import type { UserRanks } from '../evaluation/types.ts';
import { testClicks } from './click-pairing.ts';
import { type BootstrapOptions, significanceOf } from './paired-tests.ts';
import type { ComparedRun, MetricColumn, Significance } from './types.ts';

/** Holm-adjusted p below which a difference is marked. */
export const ALPHA = 0.05;

/** Two rows on the users they share: for every metric the mean over the row's seeds, user by user. */
interface PairedRows {
  /** Users that only one of the two rows evaluated. */
  unpaired: number;
  /** [metrics][users] */
  baseline: Float64Array[];
  row: Float64Array[];
}

/** The per-user results of a metric's split, one a run; null unless every run has them. */
function ranksOf(runs: readonly ComparedRun[], split: string): UserRanks[] | null {
  const found = runs.map((run) => run.ranks?.find((ranks) => ranks.split === split));
  return found.every((ranks) => ranks !== undefined) ? found : null;
}

/** The ranks of one seed, with the place of every user in them. */
interface IndexedRanks {
  ranks: UserRanks;
  index: Map<number, number>;
}

function indexByUser(ranks: UserRanks): IndexedRanks {
  return { ranks, index: new Map(Array.from(ranks.users, (user, index) => [user, index])) };
}

/** Mean over seeds of each metric of each listed user, [metrics][users]. */
function meansOverSeeds(
  seeds: readonly IndexedRanks[],
  users: Int32Array,
  metrics: readonly string[],
): Float64Array[] {
  const chosen = seeds.map(({ ranks, index }) => users.map((user) => ranks.ranks[index.get(user) ?? 0]));
  return metrics.map((metric) => meanColumns(chosen.map((ranks) => perUserMetric(ranks, metric))));
}

/** Null when there is nothing to pair, or when a user's target differs between the runs. */
function pairRows(
  baseline: readonly ComparedRun[],
  row: readonly ComparedRun[],
  split: string,
  metrics: readonly string[],
): PairedRows | null {
  const [left, right] = [ranksOf(baseline, split)?.map(indexByUser), ranksOf(row, split)?.map(indexByUser)];
  if (!left || !right) return null;
  const indexes = [...left, ...right];
  const everyone = new Set(indexes.flatMap(({ ranks }) => [...ranks.users]));
  const users = left[0].ranks.users.filter((user) => indexes.every(({ index }) => index.has(user)));
  const sameTargets = users.every((user) => {
    const targets = indexes.map(({ ranks, index }) => ranks.targets[index.get(user) ?? 0]);
    return targets.every((target) => target === targets[0]);
  });
  if (users.length < 2 || !sameTargets) return null;
  return {
    unpaired: everyone.size - users.length,
    baseline: meansOverSeeds(left, users, metrics),
    row: meansOverSeeds(right, users, metrics),
  };
}

export interface PairedTests {
  /** Aligned with the columns; null where a metric is not one of ranks or the runs have no per-user results. */
  cells: (Significance | null)[];
  unpaired: number;
}

/** Tests a row against the baseline in every column; the Holm fields are filled in later, over all rows. */
export function testAgainst(
  baseline: readonly ComparedRun[],
  row: readonly ComparedRun[],
  columns: readonly MetricColumn[],
  bootstrap: BootstrapOptions,
): PairedTests {
  const cells = testClicks(baseline, row, columns, bootstrap);
  let unpaired = 0;
  for (const split of ['test', 'final', 'valid']) {
    const places = columns.flatMap(({ name }, at) =>
      parseRankMetric(name) && (findMetric(name)?.prefix ?? 'test') === split ? [at] : [],
    );
    const paired =
      places.length > 0
        ? pairRows(
            baseline,
            row,
            split,
            places.map((at) => columns[at].name),
          )
        : null;
    if (!paired) continue;
    unpaired = Math.max(unpaired, paired.unpaired);
    const differences = places.map((_, at) => pairedDifferences(paired.baseline[at], paired.row[at]));
    const means = resampleMeans(differences, bootstrap);
    places.forEach((place, at) => {
      const values = { differences: differences[at], unit: 'users', column: columns[place] } as const;
      cells[place] = significanceOf(values, means[at]);
    });
  }
  return { cells, unpaired };
}

/** Adjusts the p-values of one metric over all rows that were tested, after Holm, and marks what stays below 0.05. */
export function adjustColumn(cells: readonly (Significance | null)[]): void {
  const tested = cells.filter((cell) => cell !== null);
  holm(tested.map(({ p }) => p)).forEach((adjusted, at) => {
    tested[at].holm = adjusted;
    tested[at].significant = adjusted < ALPHA;
  });
  const ranked = tested.flatMap((cell) => (cell.test === 't' ? [cell.wilcoxon] : []));
  holm(ranked.map(({ p }) => p)).forEach((adjusted, at) => {
    ranked[at].holm = adjusted;
  });
}
