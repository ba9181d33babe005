/**
 * The Bayesian signed-rank test with a region of practical equivalence (Benavoli et al. 2014, "A Bayesian Wilcoxon signed-rank test based on the
 * Dirichlet process"; Benavoli et al. 2017): how probable it is that most pairs of users have a mean difference below, within or above it.
 */
import { drawGamma } from '../../math/gamma.ts';
import { Random } from '../../math/random.ts';
import { countsIn, type Sample, sizeOf, valuesIn } from '../tally.ts';

/** Probabilities that add up to 1. */
export interface SignedRank {
  smaller: number;
  within: number;
  larger: number;
  /** Draws of the posterior, and the standard error that they leave in the most uncertain of the three. */
  draws: number;
  error: number;
}

/** Pseudo-observation of no difference. */
const PRIOR = 0.5;
/** Draws where they are no more work than that, and at least. */
const MOST_DRAWS = 20_000;
const FEWEST_DRAWS = 1000;
const WORK = 2e6;
/** Beyond so many different values, neighbours are drawn as one until at most twice as many are left. */
const MOST_VALUES = 1024;

/**
 * The posterior is a Dirichlet distribution over the users and a pseudo-user without a difference, whose weight is 0.5. Users of equal differences
 * are drawn as one, which is the same. Deterministic for a seed. NaN where a difference is no number.
 */
export function bayesianSignedRank(
  differences: Sample,
  { rope, seed }: { rope: number; seed: number },
): SignedRank {
  if (!Array.from(valuesIn(differences)).every(Number.isFinite))
    return { smaller: Number.NaN, within: Number.NaN, larger: Number.NaN, draws: 0, error: Number.NaN };
  const groups = groupsOf(differences);
  const values = Float64Array.from(groups, ({ value }) => value);
  const shapes = Float64Array.from(groups, ({ weight }) => weight);
  const sharesOf = pairShares(values, rope);
  const draws = Math.round(Math.min(MOST_DRAWS, Math.max(FEWEST_DRAWS, WORK / values.length)));
  const random = new Random(seed, 0, 'bayesian signed rank');
  const drawn = new Float64Array(values.length);
  const won = [0, 0, 0];
  for (let draw = 0; draw < draws; draw++) {
    for (let at = 0; at < shapes.length; at++) drawn[at] = drawGamma(random, shapes[at]);
    const shares = sharesOf(drawn);
    const most = Math.max(...shares);
    // With nothing but ties below and above are one.
    const winners = [0, 1, 2].filter((place) => shares[place] === most);
    for (const place of winners) won[place] += 1 / winners.length;
  }
  const [smaller, within, larger] = won.map((times) => times / draws);
  const variances = [smaller, within, larger].map((p) => p * (1 - p));
  return { smaller, within, larger, draws, error: Math.sqrt(Math.max(...variances) / draws) };
}

interface Group {
  value: number;
  /** Users who have it. */
  weight: number;
}

/** The different values, ascending; the pseudo-user has no difference. */
function groupsOf(differences: Sample): Group[] {
  const [values, counts] = [valuesIn(differences), countsIn(differences)];
  const weights = new Map([[0, PRIOR]]);
  for (let at = 0; at < values.length; at++)
    weights.set(values[at], (weights.get(values[at]) ?? 0) + (counts === null ? 1 : counts[at]));
  const groups = Array.from(weights, ([value, weight]) => ({ value, weight })).sort(
    (a, b) => a.value - b.value,
  );
  return groups.length > MOST_VALUES ? joined(groups, sizeOf(differences) / MOST_VALUES) : groups;
}

/** Neighbours of few users as one group of their mean, of no more than `most`; what many users have stays by itself. */
function joined(groups: readonly Group[], most: number): Group[] {
  const found: Group[] = [];
  for (const group of groups) {
    const last = found.at(-1);
    if (last && last.weight + group.weight <= most) {
      const weight = last.weight + group.weight;
      last.value += ((group.value - last.value) * group.weight) / weight;
      last.weight = weight;
    } else found.push({ ...group });
  }
  return found;
}

/**
 * For weights of these values, ascending: the shares of pairs, a value with itself included, whose mean is below −rope, within, and above rope; one
 * that is exactly at an end counts half. Weights need not add up to 1.
 */
export function pairShares(
  values: Float64Array,
  rope: number,
): (weights: Float64Array) => [smaller: number, within: number, larger: number] {
  const count = values.length;
  /** [values] How many of the values make a sum with each that is less than a bar, and at most that. */
  const upTo = (bar: number) => {
    const [less, most] = [new Int32Array(count), new Int32Array(count)];
    for (let at = 0, low = count, high = count; at < count; at++) {
      while (low > 0 && values[at] + values[low - 1] >= bar) low--;
      while (high > 0 && values[at] + values[high - 1] > bar) high--;
      less[at] = low;
      most[at] = high;
    }
    return { less, most };
  };
  const [below, above] = [upTo(-2 * rope), upTo(2 * rope)];
  const sums = new Float64Array(count + 1);
  return (weights) => {
    for (let at = 0; at < count; at++) sums[at + 1] = sums[at] + weights[at];
    const total = sums[count];
    let [smaller, larger] = [0, 0];
    for (let at = 0; at < count; at++) {
      smaller += (weights[at] * (sums[below.less[at]] + sums[below.most[at]])) / 2;
      larger += weights[at] * (total - (sums[above.less[at]] + sums[above.most[at]]) / 2);
    }
    const scale = total * total;
    return [smaller / scale, Math.max(0, scale - smaller - larger) / scale, larger / scale];
  };
}
