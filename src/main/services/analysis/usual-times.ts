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
  /** The run whose model is trained on, where its config names one. */
  policy?: { model: string; config: Config };
}

interface Usual {
  /** Whether it encodes the text of items before its first step. */
  isOfText?: boolean;
  /** Seconds of an epoch, or of a fit in one go. */
  epoch: number;
  /** And of every second that a model's own count gives a fit: for ratios alone, as it says. */
  perFitSecond?: number;
  evaluation: number;
}

/** Of the sample: 3,000 users, 1,168 items. */
const USUAL: Record<string, Usual> = {
  popularity: { epoch: 0, evaluation: 0.057 },
  itemknn: { epoch: 0.047, perFitSecond: 0.57, evaluation: 0.066 },
  'content-knn': { isOfText: true, epoch: 0.094, evaluation: 0.75 },
  ease: { epoch: 0.28, perFitSecond: 0.27, evaluation: 0.094 },
  bprmf: { epoch: 0.17, evaluation: 0.032 },
  gru4rec: { epoch: 1.2, evaluation: 0.099 },
  narm: { epoch: 2.3, evaluation: 0.19 },
  sasrec: { epoch: 1.2, evaluation: 0.2 },
  bert4rec: { epoch: 1.5, evaluation: 0.3 },
  esasrec: { epoch: 1.7, evaluation: 0.3 },
  llama: { epoch: 1.3, evaluation: 0.23 },
  hstu: { epoch: 1.1, evaluation: 0.2 },
  'fuxi-alpha': { epoch: 1.6, evaluation: 0.27 },
  'fuxi-beta': { epoch: 1.1, evaluation: 0.19 },
  'fuxi-linear': { epoch: 2.7, evaluation: 0.58 },
  'residual-kmeans': { isOfText: true, epoch: 2, evaluation: 0 },
  'rq-vae': { isOfText: true, epoch: 0.38, evaluation: 0.13 },
  'click-rates': { epoch: 0, evaluation: 0.14 },
  logistic: { epoch: 1.5, evaluation: 0.057 },
  dlrm: { epoch: 0.88, evaluation: 0.032 },
  'hstu-ranking': { epoch: 2.3, evaluation: 0.15 },
  opq: { isOfText: true, epoch: 11, evaluation: 0 },
  brew: { epoch: 68, evaluation: 8.2 },
  tiger: { epoch: 70, evaluation: 4.3 },
  liger: { epoch: 107, evaluation: 3.1 },
  rpg: { epoch: 22, evaluation: 2.3 },
  'lc-rec': { epoch: 27, evaluation: 19 },
  rewarded: { epoch: 530, evaluation: 7 },
};
const SAMPLE = { users: 3000, items: 1168, interactions: 49_853, mean: 16.6 };
/** From the command to the first step, and from the last word to its end; where steps are traced they are built, too. */
const [START_AND_END, BUILDING] = [1, 0.5];
/** Until texts are encoded: the encoder is read, and the texts of as many items as the sample has. */
const TEXTS = { encoder: 2, encoding: 1.9 };
/** The best epoch is validated again, and tested with lists, which takes as long as so many validations. */
const TEST = 3;
/** Of the time of a step on the sample: the part that grows with the parameters and not with the rows. */
const UPDATE_SHARE = 0.2;
/** Of an evaluation on the sample: the part that grows with the items; where histories are encoded for it, they take nearly all. */
const RANKING_SHARE = { sequences: 0.05, others: 0.3 };

/** Of a whole run with all its epochs; null where the model was not measured. */
export function usualSeconds(work: Work): number | null {
  const usual = USUAL[work.model.id];
  if (!usual) return null;
  const { config, statistics } = work;
  const { isOfText, epoch, perFitSecond, evaluation } = usual;
  const items = statistics.items / SAMPLE.items;
  const evaluating = evaluation * evaluationRatio(work);
  const fixed = START_AND_END + (isOfText ? TEXTS.encoder + TEXTS.encoding * items : 0);
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
  const tested = Number(config.testUsers) > 0 ? Math.min(1, Number(config.testUsers) / statistics.users) : 1;
  const validations = Math.floor(epochs / evaluateEvery) + 1 + TEST * tested;
  const training = epochs * passes * epoch * epochRatio(work, positions);
  return fixed + BUILDING + training + validations * evaluating;
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
  const defaults = defaultsOf(model, config);
  const perPosition = costOf(work) / costOf({ model, config: defaults, statistics });
  const parameters = parametersOf(model, config, statistics) / parametersOf(model, defaults, SAMPLE);
  const moved = Math.max(1, Number(defaults.batchSize) / Number(config.batchSize)) * parameters;
  return (positions / usual) * ((1 - UPDATE_SHARE) * perPosition + UPDATE_SHARE * moved);
}

/** Where they suffice: a model that builds on a run must be told which. */
const defaultsOf = (model: Model, config: Config): Config => model.configSchema.safeParse({}).data ?? config;

/** Good for ratios; of click models, whose tables are as long as what their columns hold, users and items stand for all. */
function parametersOf(model: Model, config: Config, counts: typeof SAMPLE | Work['statistics']): number {
  const tables = typeof config.dim === 'number' ? config.dim * (counts.users + counts.items) : 1;
  return model.parameterCount(config, counts) ?? tables;
}

/** Operations at a position, good for ratios on the same data: large products are quicker than small ones. */
function costOf(work: Work): number {
  const { model, config, statistics } = work;
  const meanLength = Math.min(Number(config.maxLength ?? 1), statistics.sequenceLength.mean);
  const counted = model.scaling?.(config, statistics).epochFlops({ positions: 1, meanLength });
  return (counted ?? positionWork(work)) || 1;
}

/** The same by a model's own count, with the settings of the run that is trained on; null where it has none. */
export function positionWork({ model, config, policy }: Work): number | null {
  const whole = policy ? { ...policy.config, ...config, policyModel: policy.model } : config;
  return model.positionWork?.(whole) ?? null;
}

function evaluationRatio(work: Work): number {
  const { model, config, statistics } = work;
  const { users, items } = statistics;
  if (model.group === 'tokeniser') return items / SAMPLE.items;
  if (model.group === 'ranking') return statistics.interactions / SAMPLE.interactions;
  const most =
    typeof config.validationUsers === 'number' && config.validationUsers > 0 ? config.validationUsers : users;
  const isBySequence = typeof config.maxLength === 'number';
  const usual = Math.min(Number(defaultsOf(model, config).maxLength), SAMPLE.mean);
  const mean = Math.min(Number(config.maxLength), statistics.sequenceLength.mean);
  const length = isBySequence ? mean / usual : 1;
  const ranked =
    model.group === 'generative' ? 0 : isBySequence ? RANKING_SHARE.sequences : RANKING_SHARE.others;
  // Sequences are read for it as in training.
  const perPosition =
    model.positionWork === null
      ? 1
      : costOf(work) / costOf({ model, config: defaultsOf(model, config), statistics });
  return (
    (Math.min(users, most) / SAMPLE.users) *
    ((1 - ranked) * length * perPosition + ranked * (items / SAMPLE.items))
  );
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
