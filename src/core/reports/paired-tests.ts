import { bootstrapIntervals, resampleMeans } from '../evaluation/bootstrap.ts';
import { mean } from '../evaluation/metrics.ts';
import { effectSize, pairedT, wilcoxon } from '../evaluation/significance.ts';
import type { MetricColumn, PairedTest } from './types.ts';

export interface BootstrapOptions {
  resamples: number;
  seed: number;
}

/** What paired differences, row minus baseline, are of. */
export interface PairedValues {
  differences: Float64Array;
  unit: PairedTest['unit'];
  column: MetricColumn;
}

/** The tests of paired values; `means` are those of the differences' bootstrap resamples. Holm comes later, over all rows. */
export function significanceOf({ differences, unit, column }: PairedValues, means: Float64Array): PairedTest {
  const { bca, p: bootstrapP } = bootstrapIntervals(differences, means);
  const { p } = pairedT(differences);
  const { method, p: wilcoxonP } = wilcoxon(differences);
  const { cohenDz, wins, ties, losses } = effectSize(differences);
  const lower = column.direction === 'lower';
  return {
    test: 't',
    unit,
    count: differences.length,
    difference: mean(differences),
    interval: bca,
    p,
    holm: Number.NaN,
    significant: false,
    bootstrapP,
    wilcoxon: { method, p: wilcoxonP, holm: Number.NaN },
    cohenDz,
    wins: lower ? losses : wins,
    ties,
    losses: lower ? wins : losses,
  };
}

/** The same with a bootstrap of its own. */
export function testPairs(values: PairedValues, bootstrap: BootstrapOptions): PairedTest {
  const [means] = resampleMeans([values.differences], bootstrap);
  return significanceOf(values, means);
}
