import { UserError } from '../errors.ts';
import { beyondAccuracy, headItems, intraListDiversity } from '../evaluation/beyond-accuracy.ts';
import { bootstrapIntervals } from '../evaluation/bootstrap.ts';
import {
  accuracy,
  auc,
  averagePrecision,
  brier,
  calibrationErrors,
  equalMassBins,
  equalWidthBins,
  groupedAuc,
  logit,
  logLoss,
  normalisedEntropy,
} from '../evaluation/classification.ts';
import { mean } from '../evaluation/metrics.ts';
import {
  adjustPValues,
  type Correction,
  effectSize,
  pairedDifferences,
  pairedT,
  signFlipExact,
  wilcoxon,
  wilcoxonExact,
  type ZeroMethod,
} from '../evaluation/significance.ts';
import type { StatsFixture } from './evaluation-schema.ts';
import { recBoleMetrics } from './recbole.ts';
import type { GoldenCheck } from './tensor-compare.ts';

/** Compares every block of a stats fixture with our own numbers. */
export function checkStatsFixture(check: GoldenCheck, fixture: StatsFixture): void {
  const differences = pairedDifferences(fixture.inputs.x.data, fixture.inputs.y.data);
  checkPairedT(check, 'paired_t', differences, fixture.paired_t);
  checkWilcoxon(check, differences, fixture.wilcoxon ?? {});
  checkSmall(check, fixture.small);
  checkBootstrap(check, differences, fixture.bootstrap_own);
  checkCorrections(check, fixture.multiple_comparisons);
  checkEffects(check, fixture);
  checkCalibration(check, fixture.calibration);
  checkLists(check, fixture.beyond_accuracy);
  checkGroupedAuc(check, fixture.gauc);
}

/** Compares the numbers whose names the fixture has; a name of the fixture that we lack is an error of ours. */
function compareNamed(
  check: GoldenCheck,
  path: string,
  ours: Record<string, number>,
  reference: Record<string, number> | undefined,
): void {
  for (const [name, value] of Object.entries(reference ?? {})) {
    check.compare('output', `${path}.${name}`, ours[name] ?? Number.NaN, value);
  }
}

function checkPairedT(
  check: GoldenCheck,
  path: string,
  differences: Float64Array,
  reference: StatsFixture['paired_t'],
): void {
  if (!reference) return;
  const { t, p, df, difference, interval } = pairedT(differences);
  check.compare('output', `${path}.t`, t, reference.t);
  check.compare('output', `${path}.p`, p, reference.p);
  check.compare('output', `${path}.df`, df, reference.df);
  check.compare('output', `${path}.mean_difference`, difference, reference.mean_difference_y_minus_x);
  check.compare('output', `${path}.ci95`, interval, reference.ci95);
}

function checkWilcoxon(
  check: GoldenCheck,
  differences: Float64Array,
  reference: NonNullable<StatsFixture['wilcoxon']>,
): void {
  for (const [name, expected] of Object.entries(reference)) {
    const match = /^(wilcox|pratt|zsplit)_correction([01])_(asymptotic|exact)$/.exec(name);
    if (!match) throw new UserError(`this is no stats fixture: unknown test wilcoxon.${name}`);
    const options = { zeroMethod: match[1] as ZeroMethod, continuity: match[2] === '1' };
    const result = match[3] === 'exact' ? wilcoxonExact(differences) : wilcoxon(differences, options);
    check.compare('output', `wilcoxon.${name}.statistic`, result.statistic, expected.statistic);
    check.compare('output', `wilcoxon.${name}.p`, result.p, expected.p);
    if (match[3] === 'asymptotic') check.compare('output', `wilcoxon.${name}.z`, result.z, expected.z);
  }
}

function checkSmall(check: GoldenCheck, small: StatsFixture['small']): void {
  if (!small) return;
  const differences = pairedDifferences(small.x.data, small.y.data);
  const exact = wilcoxonExact(differences);
  check.compare('output', 'small.wilcoxon_exact.statistic', exact.statistic, small.wilcoxon_exact?.statistic);
  check.compare('output', 'small.wilcoxon_exact.p', exact.p, small.wilcoxon_exact?.p);
  check.compare('output', 'small.sign_flip', signFlipExact(differences), small.sign_flip_exact_p_two_sided);
  checkPairedT(check, 'small.t', differences, small.t);
}

function checkBootstrap(
  check: GoldenCheck,
  differences: Float64Array,
  reference: StatsFixture['bootstrap_own'],
): void {
  if (!reference) return;
  const [resamples, users] = reference.indices.shape;
  const means = Array.from({ length: resamples }, (_, row) =>
    mean(reference.indices.data.slice(row * users, (row + 1) * users).map((user) => differences[user])),
  );
  const result = bootstrapIntervals(differences, means);
  check.compare('output', 'bootstrap_own.mean_difference', result.difference, reference.mean_difference);
  check.compare('output', 'bootstrap_own.resample_means', means, reference.resample_means?.data);
  check.compare('output', 'bootstrap_own.percentile95', result.percentile, reference.percentile95);
  check.compare('output', 'bootstrap_own.basic95', result.basic, reference.basic95);
  check.compare('output', 'bootstrap_own.bca95', result.bca, reference.bca95);
  check.compare('output', 'bootstrap_own.std_error', result.standardError, reference.std_error);
  check.compare('output', 'bootstrap_own.bca_z0', result.bias, reference.bca_z0);
  check.compare('output', 'bootstrap_own.bca_a', result.acceleration, reference.bca_a);
  check.compare('output', 'bootstrap_own.p_two_sided', result.p, reference.p_two_sided);
}

function checkCorrections(check: GoldenCheck, reference: StatsFixture['multiple_comparisons']): void {
  if (!reference) return;
  const methods: [Correction, 'holm' | 'benjamini_hochberg' | 'bonferroni' | 'benjamini_yekutieli'][] = [
    ['holm', 'holm'],
    ['benjamini-hochberg', 'benjamini_hochberg'],
    ['bonferroni', 'bonferroni'],
    ['benjamini-yekutieli', 'benjamini_yekutieli'],
  ];
  for (const [method, name] of methods) {
    const adjusted = adjustPValues(reference.p.data, method);
    const reject = Array.from(adjusted, (p) => Number(p <= reference.alpha));
    check.compare(
      'output',
      `multiple_comparisons.${name}.adjusted`,
      adjusted,
      reference[name]?.adjusted.data,
    );
    check.compare(
      'output',
      `multiple_comparisons.${name}.reject`,
      reject,
      reference[name]?.reject?.map(Number),
    );
  }
}

function checkEffects(check: GoldenCheck, fixture: StatsFixture): void {
  const effect = effectSize(fixture.inputs.x.data, fixture.inputs.y.data);
  const ours = {
    cohen_dz: effect.cohenDz,
    relative_gain_of_means: effect.relativeGain,
    wins: effect.wins,
    ties: effect.ties,
    losses: effect.losses,
  };
  compareNamed(check, 'effect_sizes_own', ours, fixture.effect_sizes_own);
}

function checkCalibration(check: GoldenCheck, reference: StatsFixture['calibration']): void {
  if (!reference) return;
  const [labels, probabilities] = [reference.labels.data, reference.probabilities.data];
  const bins = equalWidthBins(labels, probabilities, reference.bins);
  const width = calibrationErrors(bins);
  const mass = calibrationErrors(equalMassBins(labels, probabilities, reference.bins));
  const rows = bins.flatMap((bin) => [bin.index, bin.count, bin.meanProbability, bin.meanLabel]);
  const listed = reference['equal_width_bins_[index,count,mean_p,mean_label]'];
  const filled = listed?.filter(([, count]) => count > 0).flat();
  check.compare('output', 'calibration.equal_width_bins', rows, filled);
  const ours: Record<string, number> = {
    ece_equal_width: width.expected,
    mce_equal_width: width.maximum,
    ece_equal_mass_stable_sort_array_split: mass.expected,
    auc: auc(labels, probabilities),
    brier: brier(labels, probabilities),
    average_precision: averagePrecision(labels, probabilities),
    log_loss: logLoss(labels, probabilities.map(logit)),
    normalised_entropy: normalisedEntropy(labels, probabilities.map(logit)),
    accuracy: accuracy(labels, probabilities),
  };
  const { labels: _labels, probabilities: _probabilities, bins: _bins, ...rest } = reference;
  const scalars = Object.entries(rest).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  compareNamed(check, 'calibration', ours, Object.fromEntries(scalars));
}

function checkLists(check: GoldenCheck, reference: StatsFixture['beyond_accuracy']): void {
  if (!reference) return;
  const popularity = reference['popularity_of_item_1..I'].data;
  const request = {
    lists: reference.lists.data.map((item) => item - 1),
    length: reference.lists.shape[1],
    cutoff: reference.k,
    popularity,
  };
  const metrics = beyondAccuracy(request);
  const vectors = reference.item_vectors;
  const ours: Record<string, number> = {
    coverage: metrics.coverage,
    gini_over_all_items: metrics.gini,
    entropy_nats: metrics.entropy,
    entropy_normalised_by_ln_items: metrics.normalisedEntropy,
    effective_items_exp_entropy: metrics.effectiveItems,
    'novelty_mean_minus_log2_(pop+1)/(sum+I)': metrics.novelty,
    average_recommendation_popularity: metrics.averagePopularity,
    long_tail_share_outside_80pct_head: metrics.longTailShare,
  };
  if (vectors) {
    ours.intra_list_distance_1_minus_cosine = intraListDiversity(request, vectors.data, vectors.shape[1]);
  }
  const { head_items: head, ...own } = reference.own ?? {};
  if (Array.isArray(head)) {
    const ourHead = headItems(popularity).flatMap((inHead, index) => (inHead ? [index + 1] : []));
    check.compare('output', 'beyond_accuracy.own.head_items', ourHead, head);
  }
  const scalars = Object.entries(own).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  compareNamed(check, 'beyond_accuracy.own', ours, Object.fromEntries(scalars));
  checkRecBole(check, reference, popularity);
}

function checkRecBole(
  check: GoldenCheck,
  reference: NonNullable<StatsFixture['beyond_accuracy']>,
  popularity: number[],
): void {
  const inputs = reference.recbole_inputs;
  if (!inputs) return;
  const request = {
    hits: inputs.hits.data,
    positives: inputs.num_positives.data,
    lists: reference.lists.data,
    length: reference.lists.shape[1],
    items: inputs.num_items_passed,
    popularity,
    tailRatio: inputs.tail_ratio,
  };
  compareNamed(check, 'beyond_accuracy.recbole', recBoleMetrics(request, inputs.topk), reference.recbole);
}

function checkGroupedAuc(check: GoldenCheck, reference: StatsFixture['gauc']): void {
  if (!reference) return;
  const users = reference.users.map(({ labels, scores }) => ({ labels: labels.data, scores: scores.data }));
  const value = groupedAuc(users);
  check.compare(
    'output',
    'gauc.weighted_by_impressions',
    value.byImpressions,
    reference.weighted_by_impressions,
  );
  check.compare(
    'output',
    'gauc.weighted_by_positives',
    value.byPositives,
    reference.weighted_by_positives_recbole,
  );
  check.compare('output', 'gauc.unweighted', value.unweighted, reference.unweighted);
}
