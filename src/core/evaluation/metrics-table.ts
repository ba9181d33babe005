/** Every metric that a run can have, and what is known of it. docs/metrics.md is made from this table. */
import * as lists from './list-values.ts';

export type Direction = 'higher' | 'lower' | 'none';

export interface Metric {
  /** The part of the name after the split; "@k" stands for a cut-off, level or depth. */
  name: string;
  title: string;
  /** Whether a larger value is better, a smaller one, or neither. */
  direction: Direction;
  decimals: number;
  /** Empty for a pure number. */
  unit: string;
  formula: string;
  /** In a few words, for a reader who does not know the formula. */
  meaning: string;
  /**
   * What a target at a 1-based rank contributes at a cut-off, which is infinite where the name has none: the metric is the mean over
   * users, exists for every run whose ranks are kept, and is tested. Absent where it does not follow from one rank.
   */
  ofRank?(rank: number, cutoff: number): number;
  /**
   * The same of a user's several targets in one list, by their ranks in ascending order. Default: that of the first one. Alone, it
   * makes a metric that only evaluations of several targets have.
   */
  ofRanks?(ranks: ArrayLike<number>, cutoff: number): number;
  /**
   * What the first places of a user's list come to, as many as the name says: the mean over users is tested where lists are kept. Users for
   * whom it is not a number are left out. Only for metrics with a cut-off.
   */
  ofList?: lists.ListValue;
  /** Its mean over the same users is what the values are divided by. */
  over?: lists.ListValue;
  /** What both read of items and users besides popularity: without it there is no such metric. */
  reads?: readonly (keyof lists.ItemDetails)[];
  /** Cut-offs at which it is shown where nobody asks for others; `true` for a metric without one. */
  uses?: Partial<Record<Use, readonly number[] | true>>;
  /** Given where other programs have it, too: what they call it besides, in small letters. */
  aliases?: readonly string[];
}

/** Says how good a run is; a usual column; shown while a model trains; may select a checkpoint. */
export type Use = 'main' | 'column' | 'live' | 'selects';

export interface MetricGroup {
  /** What stands before the name: a split of an evaluation, "train" or "ids". */
  prefixes: readonly string[];
  title: string;
  note: string;
  /** Whether names may carry a task, as in "test/like/auc". */
  tasks?: boolean;
  metrics: readonly Metric[];
}

/** Held-out parts of a data set; "final" is the last epoch, tested beside one that was selected on the test items. */
const EVALUATIONS = ['test', 'final', 'valid'];

type Row = [
  name: string,
  title: string,
  direction: Direction,
  decimals: number,
  unit: string,
  formula: string,
  meaning: string,
  more?: Pick<Metric, 'ofRank' | 'ofRanks' | 'ofList' | 'over' | 'reads' | 'uses' | 'aliases'>,
];

const rows = (...all: Row[]): Metric[] =>
  all.map(([name, title, direction, decimals, unit, formula, meaning, more]) => ({
    ...{ name, title, direction, decimals, unit, formula, meaning },
    ...more,
  }));

const EVERYWHERE = { main: [10], column: [10, 50], live: [10], selects: [10] };
const MAIN = { main: true, column: true } as const;
const COLUMN = { column: true } as const;

const gain = (rank: number, cutoff: number) => (rank <= cutoff ? 1 / Math.log2(rank + 1) : 0);

/** Sum over a user's targets of what each adds, by its rank and its place among them, from 1 on. */
function sumOf(ranks: ArrayLike<number>, value: (rank: number, place: number) => number): number {
  let sum = 0;
  for (let at = 0; at < ranks.length; at++) sum += value(ranks[at], at + 1);
  return sum;
}

const hits = (ranks: ArrayLike<number>, cutoff: number) => sumOf(ranks, (rank) => (rank <= cutoff ? 1 : 0));

// biome-ignore format: a table, one metric a line
const RANKS = rows(
  ['ndcg@k', 'NDCG', 'higher', 4, '', '1 / log₂(r + 1) if r ≤ k, else 0', 'hits, with less for lower places', { ofRank: gain, ofRanks: (ranks, k) => sumOf(ranks, (r) => gain(r, k)) / sumOf(ranks, (_, place) => gain(place, k)), uses: EVERYWHERE, aliases: [] }],
  ['hr@k', 'HR', 'higher', 4, 'share', '1 if r ≤ k, else 0', 'users whose target is among the first k places', { ofRank: (r, k) => (r <= k ? 1 : 0), uses: EVERYWHERE, aliases: ['hit', 'hits', 'hitrate', 'hitratio'] }],
  ['mrr', 'MRR', 'higher', 4, '', '1 / r, without a cut-off', 'mean of the reciprocal rank', { ofRank: (r) => 1 / r, uses: { ...MAIN, live: true, selects: true }, aliases: [] }],
  ['mrr@k', 'MRR', 'higher', 4, '', '1 / r if r ≤ k, else 0', 'the same of the first k places alone', { ofRank: (r, k) => (r <= k ? 1 / r : 0) }],
  ['mean-rank', 'Mean rank', 'lower', 1, 'rank', 'r', 'place of the target among all candidates', { ofRank: (r) => r, ofRanks: (ranks) => sumOf(ranks, (r) => r) / ranks.length }],
  ['recall@k', 'Recall', 'higher', 4, 'share', 'targets with r ≤ k, divided by n', "share of a user's targets among the first k places", { ofRanks: (ranks, k) => hits(ranks, k) / ranks.length, uses: { column: [10] } }],
  ['precision@k', 'Precision', 'higher', 4, 'share', 'targets with r ≤ k, divided by k', 'share of the first k places that are targets', { ofRanks: (ranks, k) => hits(ranks, k) / k }],
  ['map@k', 'MAP', 'higher', 4, '', 'Σ i / rᵢ over targets with rᵢ ≤ k, divided by n', 'mean over the targets of the precision at the place of each', { ofRanks: (ranks, k) => sumOf(ranks, (r, i) => (r <= k ? i / r : 0)) / ranks.length }],
  ['r-precision', 'R-precision', 'higher', 4, 'share', 'targets with r ≤ n, divided by n', 'share of the first n places that are targets', { ofRanks: (ranks) => hits(ranks, ranks.length) / ranks.length }],
  ['cross-entropy', 'Cross entropy', 'lower', 4, 'nats', '−log softmax of the target among all candidates', 'what scaling laws are fitted to; only of models trained on a softmax over items', { uses: { live: true } }],
);

/** The same of the users whose target was hidden from training. */
const COLD = RANKS.filter(({ ofRank, ofRanks }) => ofRank ?? ofRanks).map(
  ({ name, title, meaning, ofRank: _, ofRanks: __, uses: ___, aliases: ____, ...row }): Metric => ({
    ...row,
    name: `cold-${name}`,
    title: `Cold ${inSentence(title)}`,
    formula: `as ${name}, of these users`,
    meaning,
  }),
);

export const METRIC_GROUPS: readonly MetricGroup[] = [
  {
    prefixes: EVALUATIONS,
    title: 'Ranks',
    note:
      'One target per user, at rank r among the candidates; means over users. Of several targets ranked in one list (`targets=all`), n of them at ranks ' +
      'r₁ < r₂ < …, r is that of the first one, `ndcg@k` is divided by that of the best list, the sum over the first min(k, n) places, and `mean-rank` is the mean of all; ' +
      'recall, precision, MAP and R-precision exist for these alone. Of several targets, each with its own history (`targets=successive`), a user counts with the mean over them.',
    metrics: RANKS,
  },
  {
    prefixes: EVALUATIONS,
    title: 'Recommended lists',
    note: "Over the first k places of all users' lists; I items in the catalogue, n_i recommendations and p_i training interactions of item i.",
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['coverage@k', 'Coverage', 'higher', 4, 'share', 'items with n_i > 0, divided by I', 'how much of the catalogue is ever recommended', { aliases: ['itemcoverage', 'catalogcoverage', 'cataloguecoverage'] }],
      ['gini@k', 'Gini', 'lower', 4, '', 'Σ (2j − I − 1) n₍ⱼ₎ / (I Σ n), n in ascending order, j from 1; never recommended items count', 'concentration of the recommendations; 0 where all items get as many', { aliases: ['giniindex'] }],
      ['entropy@k', 'Entropy', 'none', 4, 'nats', '−Σ q_i ln q_i with q_i = n_i / Σ n', 'spread of the recommendations over items'],
      ['novelty@k', 'Novelty', 'none', 4, 'bits', 'mean over recommendations of −log₂((p_i + 1) / (Σ p + I))', 'how little known the recommended items are', { ofList: lists.noveltyOf, aliases: [] }],
      ['average-popularity@k', 'Average popularity', 'none', 1, 'interactions', 'mean of p_i over recommendations', 'how well known the recommended items are', { ofList: lists.popularityOf }],
      ['long-tail-share@k', 'Long tail share', 'none', 4, 'share', 'share of recommendations outside the smallest set of most popular items that holds 80 % of interactions', 'room that lists give to rarely used items', { ofList: lists.longTailOf }],
      ['category-entropy@k', 'Category entropy', 'none', 4, 'bits', '−Σ q_c log₂ q_c with q_c the share of category c among the first k items of a list, mean over lists', 'diversity within a list', { ofList: lists.categoryEntropyOf, reads: ['categories'] }],
      ['diversity@k', 'Diversity', 'none', 4, '', "1 − cosine of two items' TF-IDF vectors of words and categories, mean over the pairs of a list's first k items, then over lists", 'how different the items of a list are; where the data set describes its items', { ofList: lists.distanceOf, reads: ['content'] }],
      ['serendipity@k', 'Serendipity', 'higher', 4, '', 'mean over the list of max(p − p′, 0) of items that were to be found, else 0; p = (I + 1 − place) / I, p′ the same at the place by popularity (equal counts share one; 0 without an interaction)', 'hits that popularity alone would not have given', { ofList: lists.serendipityOf }],
      ['miscalibration@k', 'Miscalibration', 'lower', 4, 'nats', 'Σ p_g ln(p_g / (0.99 q_g + 0.01 p_g)), p_g the share of genre g in the history, q_g in the list (Steck 2018); an item counts equally for each of its genres', 'how far the genres of a list are from those that its user had; 0 where shares are equal', { ofList: lists.miscalibrationOf, reads: ['histories', 'genres'] }],
      ['popularity-lift@k', 'Popularity lift', 'none', 4, '', "mean over users of mean p_i of the list, over that of the mean p_i of the history, − 1 (Abdollahpouri et al. 2020)", 'how much more popular lists are than what their users had; 0 where they are as popular', { ofList: lists.liftOf, over: lists.historyPopularity, reads: ['histories'] }],
    ),
  },
  {
    prefixes: EVALUATIONS,
    title: 'Models that generate',
    note: 'Of lists that are generated from Semantic IDs.',
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['id-hr@k', 'ID HR', 'higher', 4, 'share', "as hr, of the first item in the list that has the target's whole ID", 'hits where items of one ID, which nothing distinguishes, count as one; hr counts the last of them'],
      ['id-ndcg@k', 'ID NDCG', 'higher', 4, '', 'as ndcg, of the same item', 'the same with less for lower places'],
      ['semantic-hr@k', 'Semantic HR', 'higher', 4, 'share', "as hr, of the first item in the list that has the target's codes, whatever the token that tells equal codes apart", 'hits of what the ID means; never to be read as hr'],
      ['semantic-ndcg@k', 'Semantic NDCG', 'higher', 4, '', 'as ndcg, of the same item', 'never to be read as ndcg'],
      ['prefix-hr@k', 'Prefix HR', 'higher', 4, 'share', "as hr, of the first item in the list that has the target's tokens but the last", 'hits as some published code counts them; never to be read as hr'],
      ['prefix-ndcg@k', 'Prefix NDCG', 'higher', 4, '', 'as ndcg, of the same item', 'never to be read as ndcg'],
      ['first-divergence@k', 'First divergence', 'none', 4, 'share', "share of the users, of those whose target has an ID, whose target's prefix is among the kept sequences up to level k − 1 and not at k", 'where the search loses the target'],
      ['level-accuracy@k', 'Level accuracy', 'higher', 4, 'share', "share of the targets whose token at level k is the most probable one given the true tokens before it, among the codes that training's softmax is over", 'how well a level is predicted by itself'],
      ['invalid@k', 'Invalid', 'lower', 4, 'share', "share of the first k sequences of each user that are no candidate's ID, before they are dropped", 'what free decoding wastes'],
    ),
  },
  {
    prefixes: EVALUATIONS,
    title: 'Items hidden from training',
    note: 'Of the users whose target was hidden from training.',
    // biome-ignore format: a table, one metric a line
    metrics: [
      ...rows(['cold-users', 'Cold users', 'none', 0, 'users', 'users whose target is hidden', 'how many the other figures are of']),
      ...COLD,
      ...rows(
        ['hr-by-share@k', 'HR by share', 'higher', 4, 'share', 'hr@10 of all users, if hidden items may have k % of a list (`coldShare`)', 'what room for hidden items costs the others; of models that generate within a share'],
        ['cold-hr-by-share@k', 'Cold HR by share', 'higher', 4, 'share', 'cold-hr@10, if hidden items may have k % of a list (`coldShare`)', 'what that room gives'],
        ['cold-share@k', 'Cold share', 'none', 4, 'share', "share of the first k places of all users' lists that hidden items have", 'room that lists give to hidden items'],
      ),
    ],
  },
  {
    prefixes: EVALUATIONS,
    title: 'Click predictions and answers',
    note: 'Labels y in {0, 1}, probabilities p; further tasks carry their name, as in `test/like/auc`.',
    tasks: true,
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['auc', 'AUC', 'higher', 4, '', 'share of positive–negative pairs in order; a tie counts half', 'chance that a positive stands above a negative', { uses: MAIN, aliases: [] }],
      ['gauc', 'User AUC', 'higher', 4, '', "mean of users' AUC, weighted by rows; users with one class are left out", "order within a user's own rows", { uses: COLUMN, aliases: [] }],
      ['logloss', 'Log-loss', 'lower', 4, 'nats', 'mean of −ln p(y), p kept 10⁻¹⁵ away from 0 and 1', 'order and calibration together', { uses: MAIN, aliases: ['bce'] }],
      ['ne', 'NE', 'lower', 4, '', 'log-loss / entropy of the observed positive rate', 'log-loss against guessing the mean; below 1 is better than that', { uses: COLUMN }],
      ['ece', 'ECE', 'lower', 4, '', 'Σ over 10 bins of equal width of (share of rows) × |mean p − mean y|', 'how far probabilities are off', { uses: COLUMN, aliases: [] }],
      ['accuracy', 'Accuracy', 'higher', 4, 'share', 'share of [p ≥ 0.5] = y', 'rows on the right side of one half', { uses: MAIN, aliases: ['acc'] }],
      ['brier', 'Brier', 'lower', 4, '', 'mean of (p − y)²', 'squared error of the probabilities', { aliases: [] }],
    ),
  },
  {
    prefixes: EVALUATIONS,
    title: 'Language models',
    note: 'Besides the metrics of answers above.',
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['loss', 'Loss', 'lower', 4, 'nats', 'mean cross-entropy of a held-out token or answer', 'what the training lowers, on held-out text', { aliases: [] }],
      ['auc of popularity', 'AUC of popularity', 'none', 4, '', "AUC of the item's training interactions on the same questions", 'what popularity alone answers'],
      ['auc of item likes', 'AUC of item likes', 'none', 4, '', "AUC of the item's share of likes on the same questions", 'what the item alone answers'],
    ),
  },
  {
    prefixes: ['train'],
    title: 'Training',
    note: 'Of one step.',
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['loss', 'Loss', 'lower', 4, '', "the model's own loss of the batch", 'what the optimiser lowers'],
      ['reconstruction', 'Reconstruction', 'lower', 4, '', 'mean squared error of the decoded vectors', "the reconstruction's part of a tokeniser's loss"],
      ['commitment', 'Commitment', 'lower', 4, '', "distance of the encoder's output to its codes, with the loss's weight", "the quantisation's part of a tokeniser's loss"],
      ['gradient-norm', 'Gradient norm', 'none', 4, '', 'length of the gradient of all parameters on the device, before it is clipped; of more than a million only where it is', 'whether steps blow up or fade'],
      ['update-ratio', 'Update ratio', 'none', 5, '', 'length of the change of a step over that of what it changes, without embedding tables', 'whether the learning rate is too high (above 0.01) or too low (below 0.0001)'],
      ['loss-scale', 'Loss scale', 'none', 0, '', 'what the loss is multiplied by, so that its small gradients are numbers of float16', 'how large the gradients of a training with float16 products are'],
      ['left-out-steps', 'Left-out steps', 'none', 0, 'steps', 'steps so far whose gradients were not finite and changed nothing', 'whether float16 suits a training: a few at its start and one in two thousand are usual'],
      ['positions-per-second', 'Positions a second', 'higher', 0, '', 'real positions (or rows) of ten steps over the time in them', 'the speed of training'],
      ['codes-reset', 'Codes reset', 'none', 0, 'codes', 'codes that were replaced', 'unused codes given new places'],
      ['reward', 'Reward', 'higher', 4, 'share', 'share of the drawn IDs that are of the item that came next, as mean of the groups', 'what a training by reward raises, before others lose by their rank'],
      ['gain', 'Gain of the drawn', 'higher', 4, '', '1 / log2(ρ + 1), ρ the rank of the first hit among the drawn IDs; 0 without one', 'how high the item that came next stands among the drawn'],
      ['kl', 'Divergence from the start', 'none', 4, 'nats', 'mean of π_start/π − ln(π_start/π) − 1 of a drawn code', 'how far a rewarded model has moved from its start'],
      ['entropy', 'Entropy', 'none', 4, 'nats', 'mean entropy of a code over those that continue its prefix to an item', 'how undecided the model still is'],
      ['distinct', 'Distinct IDs', 'higher', 4, 'share', 'distinct IDs of a group over all of it', 'whether what is drawn grows alike'],
      ['clipped', 'Clipped ratios', 'none', 4, 'share', 'drawn codes whose ratio the last step on them clips', 'how far the steps on one drawing go'],
      ['preferred', 'Preferred', 'higher', 4, 'share', 'targets whose log-probability ratio to the start is above that of all their negatives', 'whether preferences are learnt'],
    ),
  },
  {
    prefixes: ['ids'],
    title: 'Semantic IDs',
    note: 'Of the N items with an ID; probabilities p are shares of items, K the codes of a level, cˡ the code at level l, L the levels. The number after @ is a level (l) or the depth of a prefix (d).',
    // biome-ignore format: a table, one metric a line
    metrics: rows(
      ['collision-rate', 'Collision rate', 'lower', 4, 'share', '1 − distinct IDs / N', 'items that cannot be told apart'],
      ['items', 'Items', 'none', 0, 'items', 'N', 'items with an ID'],
      ['missing-items', 'Missing items', 'lower', 0, 'items', 'catalogue items without an ID', 'items that cannot be generated'],
      ['items-in-collisions', 'Items in collisions', 'lower', 0, 'items', 'items that share their ID', 'items with a twin'],
      ['largest-bucket', 'Largest bucket', 'lower', 0, 'items', 'most items on one ID', 'the worst collision'],
      ['expected-bucket', 'Expected bucket', 'lower', 4, 'items', 'Σ n² / N over IDs of n items', 'the bucket of a random item'],
      ['capacity-ratio', 'Capacity ratio', 'none', 1, '', 'Kᴸ / N', 'IDs there could be for each item'],
      ['effective-capacity', 'Effective capacity', 'higher', 4, 'share', 'exp(entropy of the IDs in nats) / N', '1 without collisions'],
      ['usage@k', 'Usage', 'higher', 4, 'share', 'share of codes with items, by level', 'how much of a codebook is used'],
      ['dead-codes@k', 'Dead codes', 'lower', 0, 'codes', 'codes without items, by level', 'how much of a codebook is idle'],
      ['perplexity@k', 'Perplexity', 'higher', 1, 'codes', 'exp(−Σ p ln p) of the codes, by level', 'codes that are evenly used'],
      ['perplexity-share@k', 'Perplexity share', 'higher', 4, 'share', 'perplexity / K, by level', 'the same, of all codes'],
      ['gini@k', 'Gini', 'lower', 4, '', 'Gini coefficient of items by code, unused codes included, by level', 'unevenness of the codes'],
      ['max-share@k', 'Max share', 'lower', 4, 'share', 'share of items on the most used code, by level', 'whether one code takes all'],
      ['conditional-entropy@k', 'Conditional entropy', 'higher', 4, 'bits', 'H(cˡ | c¹…cˡ⁻¹), by level', 'what the level adds to those above'],
      ['redundancy@k', 'Redundancy', 'lower', 4, 'bits', 'the largest I(cˡ; cᵐ) with a level m < l, by level', 'what the level repeats'],
      ['prefixes@k', 'Prefixes', 'none', 0, 'prefixes', 'distinct prefixes, by depth', 'how far IDs have branched'],
      ['mean-children@k', 'Mean children', 'none', 4, 'prefixes', 'distinct prefixes for each of the depth above, by depth', 'how much they branch at a level'],
      ['category-information@k', 'Category information', 'higher', 4, 'bits', 'I(cˡ; category), by level', 'what a code says of the category'],
      ['category-nmi@k', 'Category NMI', 'higher', 4, '', 'mutual information of prefix and category over the mean of both entropies, by depth', 'agreement of prefixes and categories'],
      ['category-ami@k', 'Category AMI', 'higher', 4, '', 'the same adjusted for chance, (I − E[I]) / (mean entropy − E[I]) (Vinh, Epps and Bailey 2010), by depth', 'agreement beyond chance'],
      ['residual-norm@k', 'Residual norm', 'lower', 4, '', 'mean length of z − Σ codebook vectors of the first d codes (d from 0), z being what the codebooks quantise, by depth', 'what is left to encode'],
      ['reconstruction-mse@k', 'Reconstruction MSE', 'lower', 4, '', 'mean squared element of the same, by depth', 'error of the codes'],
      ['reconstruction-cosine@k', 'Reconstruction cosine', 'higher', 4, '', 'mean cosine of z and the sum, by depth', 'direction kept by the codes'],
      ['content-spread@k', 'Content spread', 'lower', 4, 'share', 'Σ |x − mean of its prefix|² / Σ |x − mean|² of content vectors x, by depth', 'how alike items of a prefix are; comparable between all tokenisers'],
      ['neighbour-recall@k', 'Neighbour recall', 'higher', 4, 'share', "share of an item's 10 nearest items by content that share its prefix; 500 random items, among at most 50,000, by depth", 'whether similar items share prefixes'],
      ['tree-correlation', 'Tree correlation', 'higher', 4, '', "Spearman's correlation of content distance and L − shared depth, over 40 random partners of each of these items", 'whether the tree keeps distances'],
      ['collaborative-lift@k', 'Collaborative lift', 'higher', 4, '', 'share of successive training interactions of a user whose items share the prefix, over what independent draws from all training interactions (all but the last two of each user; of IDs from the vectors of a run with another split than leave-last-out, those that it was trained on) would give; pairs of an item with itself left out on both sides, by depth', 'whether items used together share prefixes'],
      ['max-interaction-share@k', 'Max interaction share', 'none', 4, 'share', 'share of training interactions (all but the last two of each user; of IDs from the vectors of a run with another split than leave-last-out, those that it was trained on) on the code that has most, by level', 'load on the busiest code'],
    ),
  },
];

const added: Metric[] = [];
const ADDED: MetricGroup = { prefixes: EVALUATIONS, title: 'Plug-ins', note: '', metrics: added };

/** Those of plug-ins, in place of the ones that were added before. */
export function setAddedMetrics(metrics: readonly Metric[]): void {
  added.splice(0, added.length, ...metrics);
}

/** Every metric, with those of plug-ins. */
export function allMetrics(): Metric[] {
  return [...METRIC_GROUPS, ADDED].flatMap(({ metrics }) => metrics);
}

/** A metric's name taken apart: "test/like/auc" → the AUC of "like" on the test rows. */
export interface NamedMetric {
  metric: Metric;
  group: MetricGroup;
  /** Null where the name has none, as in "ndcg@10". */
  prefix: string | null;
  /** Null for the main one, and where metrics have no tasks. */
  task: string | null;
  /** The number after "@". */
  parameter: number | null;
}

const PARTS = /^(?:([^/]+)\/)?(?:(.+)\/)?([^/@]+)(?:@(\d+))?$/;

/** Finds a name such as "test/ndcg@10", "ndcg@10", "ndcg" or "test/like/auc"; null where the table does not have it. */
export function findMetric(name: string): NamedMetric | null {
  const [, prefix = null, task = null, base, number] = PARTS.exec(name) ?? [];
  if (base === undefined) return null;
  const names = number === undefined ? [base, `${base}@k`] : [`${base}@k`];
  for (const group of [...METRIC_GROUPS, ADDED]) {
    if (prefix !== null && !group.prefixes.includes(prefix)) continue;
    if (task !== null && !group.tasks) continue;
    const metric = group.metrics.find((one) => names.includes(one.name));
    if (metric)
      return { metric, group, prefix, task, parameter: number === undefined ? null : Number(number) };
  }
  return null;
}

/** Throws for a name that cannot be stored: the program has to say in the table what its metrics are. */
export function checkMetricNames(names: Iterable<string>): void {
  for (const name of names) {
    const found = findMetric(name);
    if (found?.prefix && (found.parameter !== null) === found.metric.name.endsWith('@k')) continue;
    throw new Error(`the metric "${name}" is not in src/core/evaluation/metrics-table.ts`);
  }
}

/** Whether a larger value of this metric is better, a smaller one, or neither; neither for an unknown name. */
export function metricDirection(name: string): Direction {
  return findMetric(name)?.metric.direction ?? 'none';
}

/** −1 where a smaller value is better, else 1. */
export function signOf(direction: Direction): 1 | -1 {
  return direction === 'lower' ? -1 : 1;
}

/** Digits after the point in tables. Default: 4. */
export function metricDecimals(name: string): number {
  return findMetric(name)?.metric.decimals ?? 4;
}

/** Metrics of the test items need no word in front, nor those of Semantic IDs, which have no other. */
const UNNAMED = ['test', 'ids'];
const SPLITS: Record<string, string> = { train: 'Training', valid: 'Validation' };

/**
 * "test/ndcg@10" → "NDCG@10", "ids/usage@1" → "Usage@1", "test/like/auc" → "AUC (like)", "valid/logloss" →
 * "Validation log-loss"; an unknown name as it is.
 */
export function metricLabel(name: string): string {
  const found = findMetric(name);
  if (!found) return name;
  const { metric, prefix, task, parameter } = found;
  const named = prefix !== null && !UNNAMED.includes(prefix);
  const title = named ? inSentence(metric.title) : metric.title;
  const number = parameter === null ? '' : `@${parameter}`;
  return `${named ? `${SPLITS[prefix] ?? prefix} ` : ''}${title}${number}${task === null ? '' : ` (${task})`}`;
}

/** The same within a sentence: "validation NDCG@10". */
export function metricPhrase(name: string): string {
  const prefix = findMetric(name)?.prefix ?? '';
  return prefix in SPLITS ? lowerFirst(metricLabel(name)) : metricLabel(name);
}

/** Names of curves: the metric that selects the epoch first, then losses, then the rest. */
export function mostTellingFirst(names: Iterable<string>): string[] {
  const weight = (name: string) => {
    if (name === 'valid/ndcg@10' || name === 'valid/auc') return 0;
    if (/loss$/.test(name)) return 1;
    return /^(valid|test)\//.test(name) ? 2 : 3;
  };
  return [...names].sort((a, b) => weight(a) - weight(b) || a.localeCompare(b));
}

/** Abbreviations keep their letters. */
function inSentence(title: string): string {
  return /^[A-Z][A-Z-]/.test(title) ? title : lowerFirst(title);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** "ndcg@10", "ndcg@50", "hr@10" …: what is used so, in the order of the table. */
export function metricsUsed(use: Use): string[] {
  return METRIC_GROUPS.flatMap(({ metrics }) => metrics).flatMap(({ name, uses }) => {
    const cutoffs = uses?.[use] ?? [];
    return cutoffs === true ? [name] : cutoffs.map((cutoff) => name.replace('@k', `@${cutoff}`));
  });
}
