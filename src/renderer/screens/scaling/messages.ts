import type { StudyAxis, StudyEntry, StudyMetric } from '../../../core/api/studies.ts';

export const metricTitles: Record<StudyMetric, string> = {
  'cross-entropy': 'Cross-entropy (nats)',
  'ndcg@10': '1 − NDCG@10',
};

export function axisTitle(axis: StudyAxis): string {
  return axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
}

/** Ids of a study's models. */
export function studyModels({ model, sizes }: StudyEntry['spec']): string[] {
  return [...new Set(sizes.map(({ variant }) => variant?.model ?? model))];
}

/** "16x2, 32x2", or "base, Large". */
export function sizesText({ kind, sizes }: StudyEntry['spec']): string {
  return kind === 'base-large' ? 'base, Large' : sizes.map(({ label }) => label).join(', ');
}
