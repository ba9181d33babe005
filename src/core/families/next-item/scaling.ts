/** What a scaling study needs of a model that scores items: its sizes and its arithmetic. */
import type { DataCounts } from '../../data/batches/position-counts.ts';
import { countParameters } from '../../engine/index.ts';
import type { PositionCost, Scaling } from '../model.ts';
import type { TrainedDefinition } from './next-item-model.ts';

export function scalingOf(definition: TrainedDefinition): Scaling {
  return (config, data) => {
    const { parameters, hostTables, cost } = definition.build(config, data);
    const others = Object.fromEntries(Object.entries(parameters).filter(([, { embedding }]) => !embedding));
    const nonEmbedding = countParameters({ parameters: others });
    return {
      parameters: countParameters({ parameters, hostTables }),
      nonEmbedding,
      epochFlops: (counts) => epochFlops(nonEmbedding, cost, counts),
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
