/** What a scaling study needs of a model of sequences: its sizes, its arithmetic and its memory. */
import type { DataCounts } from '../../data/position-counts.ts';
import { countParameters } from '../../engine/index.ts';
import type { Config } from '../../training/config.ts';
import type { Scaling, SizeCounts } from '../model.ts';
import type { TrainedDefinition } from './next-item-model.ts';

const FLOAT_BYTES = 4;

export function scalingOf(model: TrainedDefinition): Scaling {
  return {
    sizes: (config, data) => {
      const { parameters, hostTables } = model.build(config, data);
      const others = Object.fromEntries(Object.entries(parameters).filter(([, { embedding }]) => !embedding));
      return {
        parameters: countParameters({ parameters, hostTables }),
        nonEmbedding: countParameters({ parameters: others }),
      };
    },
    epochFlops,
    activationBytes,
  };
}

/**
 * Floating-point operations of one epoch, forward and backward: 6 a parameter and position (Kaplan et al. 2020, §2.1),
 * causal attention's two products over half the length, and the product with the candidates of the loss. Padding and
 * lookups are not counted.
 */
function epochFlops(
  config: Config,
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
function activationBytes(config: Config, items: number): number {
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

const numbersOf = (config: Config) => (key: string, fallback: number) => {
  const value = config[key];
  return typeof value === 'number' ? value : fallback;
};
