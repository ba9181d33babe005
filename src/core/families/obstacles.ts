/** Reasons why a data set does not suit a model that several families share. */
import type { Obstacle } from '../data/obstacle.ts';
import { splitOf } from '../data/splits/index.ts';
import { shellQuote } from '../names.ts';
import type { Config } from '../training/config.ts';
import type { TrainingData } from './model.ts';

export function historiesObstacle({ summary }: TrainingData, config?: Config): Obstacle | null {
  const split = splitOf(config ?? {});
  if (split.needsTimes && summary.statistics.timeSpan === null) {
    return {
      missing: 'needs times',
      detail: `for split=${split.id}, and the data set has only an order`,
      fix: 'set split=leave-last-out',
    };
  }
  if (!summary.clicks) return null;
  return {
    missing: "needs users' histories",
    detail: 'and a click log has rows with labels',
    fix: {
      cli: 'train dlrm, or import the files as interactions (--kind interactions)',
      window: 'train dlrm, or import the files as interactions',
    },
  };
}

/** Of models that read vectors made from what a data set tells of its items. */
export function itemVectorsObstacle(
  { describesItems, summary }: TrainingData,
  config?: Config,
): Obstacle | null {
  const { content } = config ?? {};
  const fromText = typeof content === 'string' && !['vectors', 'run', 'none'].includes(content);
  if (!fromText || describesItems) return null;
  return {
    missing: 'needs item vectors',
    detail: 'and the data set has no columns that describe items',
    fix:
      content === 'auto'
        ? {
            cli: `train a SASRec first, whose item embeddings are then taken: tessera train --dataset ${shellQuote(summary.name)} --model sasrec`,
            window: 'train SASRec on it first, whose item embeddings are then taken',
          }
        : 'import it with an items file, or set content=auto, vectors or run',
  };
}
