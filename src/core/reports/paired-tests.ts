import { bootstrapIntervals, resampleMeans } from '../evaluation/bootstrap.ts';
import { mean } from '../evaluation/metrics.ts';
import { effectSize, pairedDifferences, pairedT, wilcoxon } from '../evaluation/significance.ts';
import type { MetricColumn, Significance } from './types.ts';

export interface BootstrapOptions {
  resamples: number;
  seed: number;
}

/** The tests of paired values, row against baseline; `means` are those of the differences' bootstrap resamples. */
export function significanceOf(
  baseline: Float64Array,
  row: Float64Array,
  means: Float64Array,
  column: MetricColumn,
): Significance {
  const differences = pairedDifferences(baseline, row);
  const bootstrap = bootstrapIntervals(differences, means);
  const { p: tP } = pairedT(differences);
  const effect = effectSize(baseline, row);
  const lower = column.direction === 'lower';
  return {
    users: differences.length,
    difference: mean(differences),
    interval: bootstrap.bca,
    bootstrapP: bootstrap.p,
    wilcoxonP: wilcoxon(differences).p,
    tP,
    wilcoxonHolm: Number.NaN,
    tHolm: Number.NaN,
    cohenDz: effect.cohenDz,
    wins: lower ? effect.losses : effect.wins,
    ties: effect.ties,
    losses: lower ? effect.wins : effect.losses,
    significant: false,
  };
}

/** The same with a bootstrap of its own. */
export function significanceOfPairs(
  baseline: Float64Array,
  row: Float64Array,
  column: MetricColumn,
  bootstrap: BootstrapOptions,
): Significance {
  const [means] = resampleMeans([pairedDifferences(baseline, row)], bootstrap);
  return significanceOf(baseline, row, means, column);
}
