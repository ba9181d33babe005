/** Fixtures of SciPy, statsmodels, scikit-learn and own formulas: our numbers by the names that they have there. */
import { z } from 'zod';
import { beyondAccuracy, diversity, headItems } from '../../evaluation/beyond-accuracy.ts';
import { bootstrapIntervals } from '../../evaluation/bootstrap.ts';
import * as clicks from '../../evaluation/classification.ts';
import { mean } from '../../evaluation/metrics.ts';
import { rankBlock } from '../../evaluation/ranking.ts';
import { effectSize, holm, pairedDifferences, pairedT, wilcoxon } from '../../evaluation/significance.ts';
import type { SparseMatrix } from '../../math/sparse.ts';
import { type Golden, matrixSchema, type Tensor, tensorSchema } from '../tensor-compare.ts';
import { compareRanking } from './ranking.ts';

const pairs = z.object({ x: tensorSchema, y: tensorSchema });
const scored = z.object({ labels: tensorSchema, scores: tensorSchema });
const BINS = 'equal_width_bins_[index,count,mean_p,mean_label]';
const form = z.object({
  inputs: pairs,
  small: pairs.optional(),
  bootstrap: z.object({ indices: matrixSchema }).optional(),
  multiple_comparisons: z
    .object({
      p: tensorSchema,
      alpha: z.number().default(0.05),
      holm: z.object({ reject: z.array(z.boolean()).optional() }).optional(),
    })
    .optional(),
  calibration: z
    .object({
      labels: tensorSchema,
      probabilities: tensorSchema,
      bins: z.int().positive().default(10),
      [BINS]: z.array(z.array(z.number()).length(4)).optional(),
    })
    .optional(),
  beyond_accuracy: z
    .object({
      k: z.int(),
      lists: matrixSchema,
      'popularity_of_item_1..I': tensorSchema,
      item_vectors: matrixSchema.optional(),
    })
    .optional(),
  gauc: z.object({ users: z.array(scored) }).optional(),
  ranking: z
    .record(
      z.string(),
      z.object({ scores: matrixSchema, targets: tensorSchema, mean: z.record(z.string(), z.number()) }),
    )
    .default({}),
});

type Fixture = z.output<typeof form>;

export function checkStatistics(golden: Golden): void {
  const fixture = golden.read(form);
  const differences = differencesOf(fixture.inputs);
  checkTests(golden, [], 'paired_t', differences);
  if (fixture.small) checkTests(golden, ['small'], 't', differencesOf(fixture.small));
  const { cohenDz: cohen_dz, wins, ties, losses } = effectSize(differences);
  golden.compareNumbers(['effect_sizes_own'], { cohen_dz, wins, ties, losses });
  checkBootstrap(golden, differences, fixture);
  checkCorrections(golden, fixture);
  checkCalibration(golden, fixture);
  checkLists(golden, fixture);
  const users = fixture.gauc?.users.map(({ labels, scores }) => ({
    labels: labels.data,
    scores: scores.data,
  }));
  if (users) golden.compareBlock(['gauc'], { weighted_by_impressions: clicks.groupedAuc(users) });
  for (const [name, { scores, targets, mean }] of Object.entries(fixture.ranking)) {
    const request = { scores: Float64Array.from(scores.data), items: scores.shape[1], targets: targets.data };
    compareRanking(golden, `ranking.${name}`, rankBlock(request).ranks, { mean });
  }
}

function differencesOf({ x, y }: z.output<typeof pairs>): Float64Array {
  return pairedDifferences(x.data, y.data);
}

function checkTests(golden: Golden, at: string[], tTest: string, differences: Float64Array): void {
  const { t, p, df } = pairedT(differences);
  golden.compareBlock([...at, tTest], { t, p, df, mean_difference_y_minus_x: mean(differences) });
  for (const method of ['exact', 'normal'] as const) {
    const { statistic, p } = wilcoxon(differences, method);
    golden.compareBlock([...at, 'wilcoxon', method], { statistic, p });
  }
}

/** The bootstrap of the differences, and of their negatives: those of the runs exchanged. */
function checkBootstrap(golden: Golden, differences: Float64Array, { bootstrap }: Fixture): void {
  if (!bootstrap) return;
  const { shape, data } = bootstrap.indices;
  const [resamples, users] = shape;
  const means = Array.from({ length: resamples }, (_, row) =>
    mean(data.slice(row * users, (row + 1) * users).map((user) => differences[user])),
  );
  const { bca, bias, acceleration, p } = bootstrapIntervals(differences, means);
  const negative = (value: number) => -value;
  golden.compareBlock(['bootstrap'], {
    resample_means: means,
    bca95: bca,
    bca95_exchanged: bootstrapIntervals(differences.map(negative), means.map(negative)).bca,
    bca_z0: bias,
    bca_a: acceleration,
    p_two_sided: p,
  });
}

function checkCorrections(golden: Golden, { multiple_comparisons: given }: Fixture): void {
  if (!given) return;
  const adjusted = holm(given.p.data);
  const reject = Array.from(adjusted, (p) => Number(p <= given.alpha));
  golden.compareBlock(['multiple_comparisons', 'holm'], { adjusted });
  golden.compare('output', 'multiple_comparisons.holm.reject', reject, given.holm?.reject?.map(Number));
}

function checkCalibration(golden: Golden, { calibration }: Fixture): void {
  if (!calibration) return;
  const [labels, probabilities] = [calibration.labels.data, calibration.probabilities.data];
  const bins = clicks.equalWidthBins(labels, probabilities, calibration.bins);
  const rows = bins.flatMap((bin) => [bin.index, bin.count, bin.meanProbability, bin.meanLabel]);
  const filled = calibration[BINS]?.filter(([, count]) => count > 0).flat();
  golden.compare('output', 'calibration.equal_width_bins', rows, filled);
  const { expected, maximum } = clicks.calibrationErrors(bins);
  const logits = probabilities.map(clicks.logit);
  const ours = {
    ece_equal_width: expected,
    mce_equal_width: maximum,
    auc: clicks.auc(labels, probabilities),
    brier: clicks.brier(labels, probabilities),
    log_loss: clicks.logLoss(labels, logits),
    normalised_entropy: clicks.normalisedEntropy(labels, logits),
    accuracy: clicks.accuracy(labels, probabilities),
  };
  golden.compareBlock(['calibration'], ours);
}

function checkLists(golden: Golden, { beyond_accuracy: given }: Fixture): void {
  if (!given) return;
  const popularity = given['popularity_of_item_1..I'].data;
  const lists = given.lists.data.map((item) => item - 1);
  const request = { lists, length: given.lists.shape[1], cutoff: given.k, popularity };
  const metrics = beyondAccuracy(request);
  const at = ['beyond_accuracy', 'own'];
  golden.compareNumbers(at, {
    coverage: metrics.coverage,
    gini_over_all_items: metrics.gini,
    entropy_nats: metrics.entropy,
    'novelty_mean_minus_log2_(pop+1)/(sum+I)': metrics.novelty,
    average_recommendation_popularity: metrics.averagePopularity,
    long_tail_share_outside_80pct_head: metrics.longTailShare,
    ...(given.item_vectors && {
      intra_list_distance_1_minus_cosine: diversity(request, sparseRows(given.item_vectors)),
    }),
  });
  const head = headItems(popularity).flatMap((inHead, index) => (inHead ? [index + 1] : []));
  golden.compareBlock(at, { head_items: head });
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
