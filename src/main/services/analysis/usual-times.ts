/**
 * What trainings take on a usual machine: good for ratios, and for a first guess. Every model was measured once with its
 * defaults, on the sample data set and one thread; what it takes elsewhere follows from how much more there is to do.
 */
import type { DatasetSummary } from '../../../core/data/types.ts';
import type { Model } from '../../../core/families/model.ts';
import type { Config } from '../../../core/training/config.ts';
import { trainingLength } from '../../../core/training/length.ts';

export interface Work {
  model: Model;
  config: Config;
  statistics: DatasetSummary['statistics'];
}

interface Usual {
  /** Seconds before the first step, where content is encoded. */
  prepare?: number;
  /** Of an epoch, or of a fit in one go. */
  epoch: number;
  /** And of every second that a model's own count gives a fit: for ratios alone, as it says. */
  perFitSecond?: number;
  evaluation: number;
}

/** Of the sample: 3,000 users, 1,168 items. */
const USUAL: Record<string, Usual> = {
  popularity: { epoch: 0, evaluation: 0.3 },
  itemknn: { epoch: 0.1, perFitSecond: 9, evaluation: 0.3 },
  'content-knn': { prepare: 11, epoch: 0.1, evaluation: 1.1 },
  ease: { epoch: 0.9, perFitSecond: 0.4, evaluation: 0.6 },
  bprmf: { epoch: 0.95, evaluation: 0.12 },
  gru4rec: { epoch: 5, evaluation: 1 },
  narm: { epoch: 6.5, evaluation: 0.7 },
  sasrec: { epoch: 4, evaluation: 0.8 },
  bert4rec: { epoch: 3.4, evaluation: 1.2 },
  esasrec: { epoch: 4, evaluation: 0.75 },
  llama: { epoch: 3.1, evaluation: 0.7 },
  hstu: { epoch: 3.5, evaluation: 0.75 },
  'fuxi-alpha': { epoch: 2.9, evaluation: 0.7 },
  'fuxi-beta': { epoch: 2.4, evaluation: 0.45 },
  'fuxi-linear': { epoch: 4, evaluation: 1.1 },
  'residual-kmeans': { prepare: 15, epoch: 6.5, evaluation: 0 },
  'rq-vae': { prepare: 25, epoch: 0.23, evaluation: 0.11 },
  'click-rates': { epoch: 0, evaluation: 0.09 },
  logistic: { epoch: 1.8, evaluation: 0.07 },
  dlrm: { epoch: 1.6, evaluation: 0.07 },
  'hstu-ranking': { epoch: 4.2, evaluation: 0.8 },
  opq: { prepare: 14, epoch: 33, evaluation: 0 },
  brew: { epoch: 70, evaluation: 15 },
  tiger: { epoch: 245, evaluation: 12 },
  liger: { epoch: 310, evaluation: 15 },
  rpg: { epoch: 54, evaluation: 4.5 },
  'lc-rec': { epoch: 94, evaluation: 67 },
  rewarded: { epoch: 1834, evaluation: 25 },
};
const SAMPLE = { users: 3000, items: 1168, interactions: 49_853, mean: 16.6 };
/** Until its first step, and from its last word to its end. */
const START_AND_END = 3;
/** The best epoch is validated again and tested, with lists. */
const FINAL_EVALUATIONS = 4;
/** Of the time of a step on the sample: the part that grows with the parameters and not with the rows. */
const UPDATE_SHARE = 0.2;
/** Of an evaluation on the sample: the part that grows with the items. */
const RANKING_SHARE = 0.3;

/** Of a whole run with all its epochs; null where the model was not measured. */
export function usualSeconds(work: Work): number | null {
  const usual = USUAL[work.model.id];
  if (!usual) return null;
  const { config, statistics } = work;
  const { prepare = 0, epoch, perFitSecond, evaluation } = usual;
  const items = statistics.items / SAMPLE.items;
  const evaluating = evaluation * evaluationRatio(work);
  const fixed = START_AND_END + prepare * items;
  if (typeof config.epochs !== 'number') {
    const own = perFitSecond && work.model.fitSeconds?.(statistics);
    return fixed + (own ? epoch + perFitSecond * own : epoch * items) + 2 * evaluating;
  }
  const { rows, positions } = rowsOf(work);
  const batch = typeof config.batchSize === 'number' ? config.batchSize : 1;
  const { stepsPerEpoch, epochs, evaluateEvery } = trainingLength(
    { patience: 0, ...config, epochs: config.epochs },
    Math.ceil(rows / batch),
  );
  const passes = stepsPerEpoch / Math.max(1, Math.ceil(rows / batch));
  const validations = Math.floor(epochs / evaluateEvery) + FINAL_EVALUATIONS;
  return fixed + epochs * passes * epoch * epochRatio(work, positions) + validations * evaluating;
}

/** Rows and what is computed at each, in a pass over the data. */
function rowsOf({ model, config, statistics }: Work): { rows: number; positions: number } {
  const { users, items, interactions, sequenceLength } = statistics;
  if (model.group === 'tokeniser') return { rows: items, positions: items };
  const byPrefix = config.encoding === 'prefixes' || config.policy !== undefined;
  const isBySequence = typeof config.maxLength === 'number' && !byPrefix;
  if (!isBySequence) return { rows: interactions, positions: interactions };
  return { rows: users, positions: users * Math.min(Number(config.maxLength), sequenceLength.mean) };
}

/** How many times as much an epoch is as one of the defaults on the sample. */
function epochRatio(work: Work, positions: number): number {
  const { model, config, statistics } = work;
  if (model.epochWork !== null)
    return model.epochWork(config) / model.epochWork(model.configSchema.parse({}));
  const usual = model.group === 'tokeniser' ? SAMPLE.items : SAMPLE.interactions;
  const defaults = model.configSchema.safeParse({}).data ?? config;
  const perPosition = costOf(model, config, statistics) / costOf(model, defaults, statistics);
  const parameters = model.parameterCount(config, statistics) ?? 1;
  const usually = model.parameterCount(defaults, SAMPLE) ?? 1;
  const moved = Math.max(1, Number(defaults.batchSize) / Number(config.batchSize)) * (parameters / usually);
  return (positions / usual) * ((1 - UPDATE_SHARE) * perPosition + UPDATE_SHARE * moved);
}

/** Operations at a position, good for ratios on the same data: large products are quicker than small ones. */
function costOf(model: Model, config: Config, statistics: Work['statistics']): number {
  const meanLength = Math.min(Number(config.maxLength ?? 1), statistics.sequenceLength.mean);
  return model.scaling?.(config, statistics).epochFlops({ positions: 1, meanLength }) || 1;
}

function evaluationRatio({ model, config, statistics }: Work): number {
  const { users, items } = statistics;
  if (model.group === 'tokeniser') return items / SAMPLE.items;
  if (model.group === 'ranking') return statistics.interactions / SAMPLE.interactions;
  const most =
    typeof config.validationUsers === 'number' && config.validationUsers > 0 ? config.validationUsers : users;
  const ranked = model.group === 'generative' ? 0 : RANKING_SHARE;
  return (Math.min(users, most) / SAMPLE.users) * (1 - ranked + ranked * (items / SAMPLE.items));
}

const ROUNDS = 20;
const SIZE = 96;
/** Seconds of the product below on the machine that the times are of. */
const USUAL_PRODUCT = 0.0012;

let measured: number | null = null;

/** How many times as long as usual this machine takes for a small product, the best of some: what else it does at the moment is left out. */
export function machineFactor(): number {
  measured ??= Math.min(...Array.from({ length: ROUNDS }, productSeconds)) / USUAL_PRODUCT;
  return measured;
}

function productSeconds(): number {
  const [a, b, out] = Array.from({ length: 3 }, () => new Float32Array(SIZE * SIZE).fill(0.5));
  const begun = performance.now();
  for (let row = 0; row < SIZE; row++) {
    for (let inner = 0; inner < SIZE; inner++) {
      const factor = a[row * SIZE + inner];
      for (let column = 0; column < SIZE; column++)
        out[row * SIZE + column] += factor * b[inner * SIZE + column];
    }
  }
  return (performance.now() - begun) / 1000;
}
