/** Reasons why a data set does not suit a model that several families share; each completes "it …". */
import type { Config } from '../training/config.ts';
import type { TrainingData } from './model.ts';

export function historiesObstacle({ summary }: TrainingData): string | null {
  return summary.clicks
    ? "needs users' histories, and a click log has rows with labels; train dlrm, or import the files as interactions (--kind interactions)"
    : null;
}

/** Of models that read vectors made from what a data set tells of its items. */
export function itemVectorsObstacle({ describesItems }: TrainingData, config?: Config): string | null {
  const fromText = config?.content === 'text' || config?.content === 'sentence';
  if (!fromText || describesItems) return null;
  return 'needs item vectors, and the data set says nothing of its items; import it with an items file, or set content=vectors or content=run';
}
