/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"). The trials so far
 * are split into the best γ and the rest; a mixture of kernels is laid over each, l(x) over the good and g(x) over the others, and of
 * some candidates drawn from l the one with the largest l(x) / g(x) is proposed, which is the one of the largest expected
 * improvement. The kernels are joint over all keys ("multivariate": Falkner et al. 2018, BOHB), truncated normals where a key is a
 * range; a kernel is as wide as its farther neighbour is away, within limits (Bergstra et al. 2013). Trials that still train, and those
 * that failed, count as bad (a constant liar: Ginsbourger et al. 2010), so that parallel trials keep apart.
 *
 * γ, the numbers of candidates and of first random trials, the prior and the weights are what Optuna 5 begins with.
 */
import { normalCdf } from '../../evaluation/distributions.ts';
import type { Random } from '../../math/random.ts';
import { bounds, type Dimension, fromScale, isActive, type Settings, toScale } from './space.ts';

/** Trials drawn at random before any is proposed. */
export const FIRST_TRIALS = 10;
const CANDIDATES = 24;
const MOST_GOOD = 25;
/** Older trials than the last so many weigh less, the oldest least. */
const FULL_WEIGHT = 25;

export interface TpeTrial {
  settings: Settings;
  /** Loss, lower being better; null for one that trains or failed. */
  loss: number | null;
  /** What it was measured after: more training comes before a lower loss. */
  epochs: number;
}

/** How many trials are good. */
const goodCount = (measured: number) => Math.min(Math.ceil(0.1 * measured), MOST_GOOD);

/** l and g of keys that are proposed together. */
interface Densities {
  group: readonly Dimension[];
  l: Mixture;
  g: Mixture;
}

function densitiesOf(space: readonly Dimension[], trials: readonly TpeTrial[]): Densities[] {
  const measured = trials.filter(({ loss }) => loss !== null);
  const best = measured
    .toSorted((a, b) => b.epochs - a.epochs || Number(a.loss) - Number(b.loss))
    .slice(0, goodCount(measured.length));
  const good = trials.filter((trial) => best.includes(trial)).map(({ settings }) => settings);
  const bad = trials.filter((trial) => !best.includes(trial)).map(({ settings }) => settings);
  return groupsOf(space).map((group) => ({ group, l: mixtureOf(group, good), g: mixtureOf(group, bad) }));
}

/** Proposes settings; `trials` in the order in which they began. */
export function proposeTpe(
  space: readonly Dimension[],
  trials: readonly TpeTrial[],
  random: Random,
): Settings {
  const settings: Settings = {};
  for (const { group, l, g } of densitiesOf(space, trials)) {
    if (!isActive(group[0], settings)) continue;
    const candidates = Array.from({ length: CANDIDATES }, () => l.draw(random));
    const gains = candidates.map((candidate) => l.logDensity(candidate) - g.logDensity(candidate));
    Object.assign(settings, candidates[gains.indexOf(Math.max(...gains))]);
  }
  return settings;
}

/** The log of l / g of given settings, for whoever has a list to choose from. */
export function tpeGain(
  space: readonly Dimension[],
  trials: readonly TpeTrial[],
): (settings: Settings) => number {
  const densities = densitiesOf(space, trials);
  return (settings) =>
    densities
      .filter(({ group: [first] }) => isActive(first, settings))
      .reduce((sum, { l, g }) => sum + l.logDensity(settings) - g.logDensity(settings), 0);
}

/** Keys of one condition are proposed together; those of another one behind what it names. */
function groupsOf(space: readonly Dimension[]): Dimension[][] {
  return [...Map.groupBy(space, ({ when }) => JSON.stringify(when)).values()];
}

interface Mixture {
  draw(random: Random): Settings;
  logDensity(settings: Settings): number;
}

/** A kernel of one key, the same numbers as that of the other keys of a trial. */
interface Kernels {
  draw(kernel: number, random: Random): unknown;
  logDensity(kernel: number, value: unknown): number;
}

/** A kernel for each trial that has these keys, and a last one as wide as the space. */
function mixtureOf(group: readonly Dimension[], trials: readonly Settings[]): Mixture {
  const seen = trials.filter((settings) => group.every(({ key }) => key in settings));
  const weights = kernelWeights(seen.length);
  const kernels = group.map((dimension) => {
    const values = seen.map((settings) => settings[dimension.key]);
    return {
      key: dimension.key,
      ...(dimension.kind === 'list'
        ? listKernels(dimension.values, values)
        : rangeKernels(dimension, values)),
    };
  });
  return {
    draw(random) {
      const kernel = drawIndex(weights, random);
      return Object.fromEntries(kernels.map(({ key, draw }) => [key, draw(kernel, random)]));
    },
    logDensity(settings) {
      const terms = weights.map((weight, kernel) =>
        kernels.reduce(
          (sum, { key, logDensity }) => sum + logDensity(kernel, settings[key]),
          Math.log(weight),
        ),
      );
      const highest = Math.max(...terms);
      return highest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - highest), 0));
    },
  };
}

/** Sums to 1; the last is the prior's. */
function kernelWeights(trials: number): number[] {
  const ramp = trials - FULL_WEIGHT;
  const weights = Array.from({ length: trials }, (_, at) =>
    at >= ramp ? 1 : 1 / trials + (ramp > 1 ? (at / (ramp - 1)) * (1 - 1 / trials) : 0),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  return [...weights, 1].map((weight) => weight / total);
}

function drawIndex(weights: readonly number[], random: Random): number {
  let left = random.uniform();
  const at = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return at < 0 ? weights.length - 1 : at;
}

function listKernels(values: readonly unknown[], seen: readonly unknown[]): Kernels {
  const texts = values.map((value) => JSON.stringify(value));
  // One trial's worth is spread over all values.
  const spread = 1 / (seen.length + 1);
  const rows = seen.map((value) => {
    const own = texts.indexOf(JSON.stringify(value));
    return values.map((_, at) => (spread + (at === own ? 1 : 0)) / (1 + values.length * spread));
  });
  rows.push(values.map(() => 1 / values.length));
  return {
    draw: (kernel, random) => values[drawIndex(rows[kernel], random)],
    logDensity: (kernel, value) => Math.log(rows[kernel][texts.indexOf(JSON.stringify(value))]),
  };
}

function rangeKernels(range: Dimension & { kind: 'range' }, seen: readonly unknown[]): Kernels {
  const [low, high] = bounds(range);
  const centres = seen.map((value) => toScale(range, Number(value)));
  const widths = kernelWidths(centres, low, high);
  centres.push((low + high) / 2);
  widths.push(high - low);
  const within = centres.map((centre, at) => mass((low - centre) / widths[at], (high - centre) / widths[at]));
  return {
    draw(kernel, random) {
      // A centre lies within the ends and no kernel is wider than they are apart: a third of the draws is taken at least.
      for (;;) {
        const at = centres[kernel] + widths[kernel] * random.normal();
        if (at >= low && at <= high) return fromScale(range, at);
      }
    },
    logDensity(kernel, value) {
      const number = Number(value);
      const standard = (at: number) => (at - centres[kernel]) / widths[kernel];
      if (range.whole) {
        const [from, to] = [toScale(range, number - 0.5), toScale(range, number + 0.5)];
        return Math.log(mass(standard(from), standard(to)) / within[kernel]);
      }
      const z = standard(toScale(range, number));
      return -0.5 * z * z - Math.log(widths[kernel] * Math.sqrt(2 * Math.PI) * within[kernel]);
    },
  };
}

/** The farther of the neighbours, at the ends the only one; no narrower than the space shared among the kernels, or a hundredth of it. */
function kernelWidths(centres: readonly number[], low: number, high: number): number[] {
  const narrowest = (high - low) / Math.min(100, centres.length + 2);
  const order = centres.map((_, at) => at).sort((a, b) => centres[a] - centres[b]);
  const widths = new Array<number>(centres.length);
  order.forEach((own, place) => {
    const alone = centres.length === 1;
    const below = place === 0 ? (alone ? low : null) : centres[order[place - 1]];
    const above = place === order.length - 1 ? (alone ? high : null) : centres[order[place + 1]];
    const gap = Math.max(
      below === null ? 0 : centres[own] - below,
      above === null ? 0 : above - centres[own],
    );
    widths[own] = Math.min(high - low, Math.max(narrowest, gap));
  });
  return widths;
}

/** P(a ≤ Z ≤ b) of the standard normal, from the tail that is nearer. */
const mass = (a: number, b: number) => (a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a));
