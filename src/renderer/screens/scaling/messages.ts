import { modelTitle } from '../../../core/api/models.ts';
import type { StudyAxis, StudyEntry, StudyMetric } from '../../../core/api/studies.ts';

export const metricTitles: Record<StudyMetric, string> = {
  'cross-entropy': 'Cross-entropy (nats)',
  'ndcg@10': '1 − NDCG@10',
};

export function axisTitle(axis: StudyAxis): string {
  return axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
}

/** A study's models, by their titles. */
export function studyModels({ model, sizes }: StudyEntry['spec']): string {
  const models = new Set(sizes.map(({ variant }) => variant?.model ?? model));
  return [...models].map(modelTitle).join(', ');
}

/** "16x2, 32x2", or "base, Large". */
export function sizesText({ kind, sizes }: StudyEntry['spec']): string {
  return kind === 'base-large' ? 'base, Large' : sizes.map(({ label }) => label).join(', ');
}
