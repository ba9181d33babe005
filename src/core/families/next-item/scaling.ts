/** What a scaling study needs of a model that scores items: its sizes, its arithmetic and its memory. */
import type { DataCounts } from '../../data/batches/position-counts.ts';
import { countParameters } from '../../engine/index.ts';
import { type TrainingConfig, trainingSchema } from '../../training/config.ts';
import type { PositionCost, Scaling } from '../model.ts';
import type { TrainedDefinition } from './next-item-model.ts';

const FLOAT_BYTES = 4;

export function scalingOf(definition: TrainedDefinition): Scaling {
  return (config, data) => {
    const { parameters, hostTables, cost } = definition.build(config, data);
    const others = Object.fromEntries(Object.entries(parameters).filter(([, { embedding }]) => !embedding));
    const nonEmbedding = countParameters({ parameters: others });
    return {
      parameters: countParameters({ parameters, hostTables }),
      nonEmbedding,
      epochFlops: (counts) => epochFlops(nonEmbedding, cost, counts),
      activationBytes: activationBytes(trainingSchema.parse(config), cost),
    };
  };
}

/**
 * Floating-point operations of one epoch, forward and backward: 6 a parameter and position (Kaplan et al. 2020, §2.1),
 * attention's two products over the length, or half of it where it is causal, and the product with the candidates of the
 * loss. Padding and lookups are not counted.
 */
function epochFlops(
  nonEmbedding: number,
  { width, blocks, blockWidth, heads, causal, candidates }: PositionCost,
  { positions, meanLength }: DataCounts,
): number {
  const attention = heads === 0 ? 0 : (causal ? 6 : 12) * blocks * blockWidth * meanLength;
  return positions * (6 * nonEmbedding + attention + 6 * width * candidates);
}

/** Numbers as wide as a block that it keeps of a position until its backward pass: projections, norms, residuals. */
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
function activationBytes(
  { microBatchTokens, batchSize }: TrainingConfig,
  { width, blocks, blockWidth, heads, candidates, ownNegatives, length }: PositionCost,
): number {
  const positions = Math.min(microBatchTokens, batchSize * length);
  const kept = blocks * (KEPT_WIDTHS * blockWidth + KEPT_SCORES * heads * length);
  const vectors = ownNegatives ? 2 * candidates * width : 0;
  return FLOAT_BYTES * positions * (kept + KEPT_LOGITS * candidates + vectors);
}
