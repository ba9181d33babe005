import { bootstrapIntervals, drawSeeds, resampleMeans, type SeedMeans } from '../bootstrap.ts';
import { mean } from '../metrics.ts';
import { metricDirection } from '../metrics-table.ts';
import { type PracticalRequest, practicalTest } from '../practical/index.ts';
import { type EffectSize, effectSize, haveOneSize, meanTest } from '../significance.ts';
import { type Sample, sizeOf } from '../tally.ts';
import type { PairedTest } from './types.ts';

export interface BootstrapOptions {
  resamples: number;
  seed: number;
  /** What is asked of a difference besides. */
  practical?: PracticalRequest;
}

/** What paired differences, row minus baseline, are of. */
export interface PairedValues {
  differences: Sample;
  unit: PairedTest['unit'];
  metric: string;
  seeds: SeedMeans;
}

/** The tests of paired values; `means` are those of the differences' bootstrap resamples. Holm comes later, over all rows. */
export function significanceOf(
  { differences, unit, metric, seeds }: PairedValues,
  means: Float64Array,
  { seed, practical }: Pick<BootstrapOptions, 'seed' | 'practical'>,
): PairedTest {
  const { bca, p: bootstrapP } = bootstrapIntervals(differences, drawSeeds(means, seeds, seed));
  const { p, exact, t, wilcoxon } = meanTest(differences);
  return {
    test: 't',
    unit,
    count: sizeOf(differences),
    difference: mean(differences),
    interval: bca,
    p,
    exact,
    holm: Number.NaN,
    significant: false,
    bootstrapP,
    t: { p: t.p, holm: Number.NaN },
    wilcoxon: {
      ...{ method: wilcoxon.method, isSignTest: haveOneSize(differences) },
      ...{ p: wilcoxon.p, holm: Number.NaN },
    },
    ...winsOf(differences, metric),
    ...(practical && { practical: practicalTest({ differences, seeds }, practical, seed) }),
  };
}

/** Cohen's d_z, and how often the row is better, equal and worse, whichever way is better. */
export function winsOf(differences: Sample, metric: string): EffectSize {
  const effect = effectSize(differences);
  return metricDirection(metric) === 'lower'
    ? { ...effect, wins: effect.losses, losses: effect.wins }
    : effect;
}

/** The same with a bootstrap of its own. */
export function testPairs(values: PairedValues, bootstrap: BootstrapOptions): PairedTest {
  const [means] = resampleMeans([values.differences], bootstrap);
  return significanceOf(values, means, bootstrap);
}
