/** Parameters and arithmetic of a training, counted from the model itself. */
import type { Interactions } from '../data/types.ts';
import { countParameters } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import type { DefinitionOf, ModelDefinition } from '../families/model.ts';

export interface SizeCounts {
  /** Trained numbers, tables included. */
  parameters: number;
  /** Without tables of items, positions and users: the N of the scaling laws. */
  nonEmbedding: number;
}

const isTable = (name: string) => /^((item|position|user)-embedding|item-bias)$/.test(name);

/** Throws UserError for a model that is not trained by steps on interactions. */
export function requireScalable(model: ModelDefinition): DefinitionOf<'trained'> {
  if (model.kind === 'trained') return model;
  throw new UserError(
    `${model.id} is not trained by steps on interactions, so that there is nothing to scale`,
  );
}

export function countSizes(
  model: DefinitionOf<'trained'>,
  config: Record<string, unknown>,
  sizes: { users: number; items: number },
): SizeCounts {
  const { parameters, hostTables } = model.build(config, sizes);
  const others = Object.fromEntries(Object.entries(parameters).filter(([name]) => !isTable(name)));
  return {
    parameters: countParameters({ parameters, hostTables }),
    nonEmbedding: countParameters({ parameters: others }),
  };
}

const FLOAT_BYTES = 4;
/** Parameters, gradients and the optimiser's two moments; all but the gradients are double-buffered. */
const STATE_COPIES = 7;

/** Bytes that a training keeps of so many parameters, with an optimiser of two moments. */
export function stateBytes(parameters: number): number {
  return parameters * FLOAT_BYTES * STATE_COPIES;
}

/** Positions that predict in one epoch, and the mean length of what the model sees at once. */
export interface DataCounts {
  positions: number;
  meanLength: number;
}

/** trainEnd [users] as the training has it. */
export function countData(
  { offsets, users }: Interactions,
  trainEnd: Int32Array,
  maxLength: number,
): DataCounts {
  let [positions, squares] = [0, 0];
  for (let user = 0; user < users; user++) {
    const length = Math.min(maxLength, Math.max(0, trainEnd[user] - offsets[user] - 1));
    positions += length;
    squares += length * length;
  }
  return { positions, meanLength: positions > 0 ? squares / positions : 0 };
}

/**
 * Floating-point operations of one epoch, forward and backward: 6 a parameter and position (Kaplan et al. 2020, §2.1),
 * causal attention's two products over half the length, and the product with the candidates of the loss. Padding and
 * lookups are not counted.
 */
export function epochFlops(
  config: Record<string, unknown>,
  { nonEmbedding }: SizeCounts,
  { positions, meanLength }: DataCounts,
  items: number,
): number {
  const number = numbersOf(config);
  const dim = number('dim', 0);
  const attention = config.heads === undefined ? 0 : 6 * number('blocks', 0) * dim * meanLength;
  const candidates = config.loss === 'sampled-softmax' ? number('negatives', 0) + 1 : items;
  return positions * (6 * nonEmbedding + attention + 6 * dim * candidates);
}

/** Numbers of width `dim` that a block keeps of a position until its backward pass: projections, norms, residuals. */
const KEPT_WIDTHS = 16;
/** Scores, weights and their gradients, for each head and earlier position. */
const KEPT_SCORES = 3;
/** Logits, probabilities and their gradient for each candidate of the loss. */
const KEPT_LOGITS = 3;

/**
 * Bytes that the intermediate values of one optimiser step take: an estimate in the manner of Korthikanti et al. 2022,
 * §4.1, for 32-bit numbers, of as many positions as are computed at once. Sampled negatives of their own bring their
 * vectors to every position.
 */
export function activationBytes(config: Record<string, unknown>, items: number): number {
  const number = numbersOf(config);
  const [dim, length] = [number('dim', number('hidden', 0)), number('maxLength', 1)];
  const positions = Math.min(number('microBatchTokens', 8192), number('batchSize', 1) * length);
  const blocks =
    number('blocks', number('layers', 1)) * (KEPT_WIDTHS * dim + KEPT_SCORES * number('heads', 0) * length);
  const sampled = config.loss === 'sampled-softmax';
  const candidates = sampled ? number('negatives', 0) + 1 : config.loss === 'bce' ? 2 : items;
  const vectors = sampled && config.negativeSharing !== 'batch' ? 2 * candidates * dim : 0;
  return FLOAT_BYTES * positions * (blocks + KEPT_LOGITS * candidates + vectors);
}

const numbersOf = (config: Record<string, unknown>) => (key: string, fallback: number) => {
  const value = config[key];
  return typeof value === 'number' ? value : fallback;
};
