import { beyondAccuracy, diversity, headItems } from '../evaluation/beyond-accuracy.ts';
import { bootstrapIntervals } from '../evaluation/bootstrap.ts';
import {
  accuracy,
  auc,
  brier,
  calibrationErrors,
  equalWidthBins,
  groupedAuc,
  logit,
  logLoss,
  normalisedEntropy,
} from '../evaluation/classification.ts';
import { mean } from '../evaluation/metrics.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import { effectSize, holm, pairedDifferences, pairedT, wilcoxon } from '../evaluation/significance.ts';
import type { SparseMatrix } from '../math/sparse.ts';
import type { StatsFixture } from './evaluation-schema.ts';
import { compareRanking } from './rank-metrics.ts';
import { recBoleMetrics } from './recbole.ts';
import type { GoldenCheck, Tensor } from './tensor-compare.ts';

/** Compares every block of a stats fixture with our own numbers. */
export function checkStatsFixture(check: GoldenCheck, fixture: StatsFixture): void {
  const differences = pairedDifferences(fixture.inputs.x.data, fixture.inputs.y.data);
  checkPairedT(check, 'paired_t', differences, fixture.paired_t);
  checkWilcoxon(check, 'wilcoxon', differences, fixture.wilcoxon);
  checkSmall(check, fixture.small);
  checkBootstrap(check, 'bootstrap', differences, fixture.bootstrap);
  checkCorrections(check, fixture.multiple_comparisons);
  checkEffects(check, fixture);
  checkCalibration(check, fixture.calibration);
  checkLists(check, fixture.beyond_accuracy);
  checkGroupedAuc(check, fixture.gauc);
  checkRanking(check, fixture.ranking);
}

/** Compares the numbers whose names the fixture has; a name of the fixture that we lack is an error of ours. */
function compareAll(
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
  const { t, p, df } = pairedT(differences);
  check.compareNamed('output', path, reference, { t, p, df });
  check.compare('output', `${path}.mean_difference`, mean(differences), reference.mean_difference_y_minus_x);
}

function checkWilcoxon(
  check: GoldenCheck,
  path: string,
  differences: Float64Array,
  reference: StatsFixture['wilcoxon'],
): void {
  for (const method of ['exact', 'normal'] as const) {
    const { statistic, p } = wilcoxon(differences, method);
    check.compareNamed('output', `${path}.${method}`, reference?.[method] ?? {}, { statistic, p });
  }
}

function checkSmall(check: GoldenCheck, small: StatsFixture['small']): void {
  if (!small) return;
  const differences = pairedDifferences(small.x.data, small.y.data);
  checkWilcoxon(check, 'small.wilcoxon', differences, small.wilcoxon);
  checkPairedT(check, 'small.t', differences, small.t);
}

/** The bootstrap of the differences, and of their negatives where the fixture has it: those of the runs exchanged. */
function checkBootstrap(
  check: GoldenCheck,
  path: string,
  differences: Float64Array,
  reference: StatsFixture['bootstrap'],
): void {
  if (!reference) return;
  const [resamples, users] = reference.indices.shape;
  const means = Array.from({ length: resamples }, (_, row) =>
    mean(reference.indices.data.slice(row * users, (row + 1) * users).map((user) => differences[user])),
  );
  const { bca, bias, acceleration, p } = bootstrapIntervals(differences, means);
  const mirrored = bootstrapIntervals(
    differences.map((value) => -value),
    means.map((value) => -value),
  );
  check.compareNamed('output', path, reference, {
    resample_means: means,
    bca95: bca,
    bca95_exchanged: mirrored.bca,
    bca_z0: bias,
    bca_a: acceleration,
    p_two_sided: p,
  });
}

function checkCorrections(check: GoldenCheck, reference: StatsFixture['multiple_comparisons']): void {
  if (!reference) return;
  const adjusted = holm(reference.p.data);
  const reject = Array.from(adjusted, (p) => Number(p <= reference.alpha));
  check.compare('output', 'multiple_comparisons.holm.adjusted', adjusted, reference.holm?.adjusted);
  check.compare('output', 'multiple_comparisons.holm.reject', reject, reference.holm?.reject?.map(Number));
}

function checkEffects(check: GoldenCheck, fixture: StatsFixture): void {
  const effect = effectSize(pairedDifferences(fixture.inputs.x.data, fixture.inputs.y.data));
  const ours = {
    cohen_dz: effect.cohenDz,
    wins: effect.wins,
    ties: effect.ties,
    losses: effect.losses,
  };
  compareAll(check, 'effect_sizes_own', ours, fixture.effect_sizes_own);
}

function checkCalibration(check: GoldenCheck, reference: StatsFixture['calibration']): void {
  if (!reference) return;
  const [labels, probabilities] = [reference.labels.data, reference.probabilities.data];
  const bins = equalWidthBins(labels, probabilities, reference.bins);
  const width = calibrationErrors(bins);
  const rows = bins.flatMap((bin) => [bin.index, bin.count, bin.meanProbability, bin.meanLabel]);
  const listed = reference['equal_width_bins_[index,count,mean_p,mean_label]'];
  const filled = listed?.filter(([, count]) => count > 0).flat();
  check.compare('output', 'calibration.equal_width_bins', rows, filled);
  const ours: Record<string, number> = {
    ece_equal_width: width.expected,
    mce_equal_width: width.maximum,
    auc: auc(labels, probabilities),
    brier: brier(labels, probabilities),
    log_loss: logLoss(labels, probabilities.map(logit)),
    normalised_entropy: normalisedEntropy(labels, probabilities.map(logit)),
    accuracy: accuracy(labels, probabilities),
  };
  const { labels: _labels, probabilities: _probabilities, bins: _bins, ...rest } = reference;
  const scalars = Object.entries(rest).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  compareAll(check, 'calibration', ours, Object.fromEntries(scalars));
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
    'novelty_mean_minus_log2_(pop+1)/(sum+I)': metrics.novelty,
    average_recommendation_popularity: metrics.averagePopularity,
    long_tail_share_outside_80pct_head: metrics.longTailShare,
  };
  if (vectors) {
    ours.intra_list_distance_1_minus_cosine = diversity(request, sparseRows(vectors));
  }
  const { head_items: head, ...own } = reference.own ?? {};
  if (Array.isArray(head)) {
    const ourHead = headItems(popularity).flatMap((inHead, index) => (inHead ? [index + 1] : []));
    check.compare('output', 'beyond_accuracy.own.head_items', ourHead, head);
  }
  const scalars = Object.entries(own).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  compareAll(check, 'beyond_accuracy.own', ours, Object.fromEntries(scalars));
  checkRecBole(check, reference, popularity);
}

function sparseRows({ shape: [rows, width], data }: Tensor): SparseMatrix {
  const kept = data.flatMap((value, at) => (value === 0 ? [] : [at]));
  const before = (row: number) => kept.filter((at) => at < row * width).length;
  return {
    rows,
    width,
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => before(row)),
    columns: Int32Array.from(kept, (at) => at % width),
    values: Float32Array.from(kept, (at) => data[at]),
  };
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
  compareAll(check, 'beyond_accuracy.recbole', recBoleMetrics(request, inputs.topk), reference.recbole);
}

function checkGroupedAuc(check: GoldenCheck, reference: StatsFixture['gauc']): void {
  if (!reference) return;
  const users = reference.users.map(({ labels, scores }) => ({ labels: labels.data, scores: scores.data }));
  check.compare(
    'output',
    'gauc.weighted_by_impressions',
    groupedAuc(users),
    reference.weighted_by_impressions,
  );
}

/** Metrics of the ranks of targets among all scores. */
function checkRanking(check: GoldenCheck, reference: StatsFixture['ranking']): void {
  for (const [name, { scores, targets, mean: expected }] of Object.entries(reference ?? {})) {
    const { ranks } = rankBlock({
      scores: Float64Array.from(scores.data),
      items: scores.shape[1],
      targets: targets.data,
    });
    compareRanking(check, `ranking.${name}`, ranks, { mean: expected });
  }
}
