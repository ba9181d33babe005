import type { StudyAxis, StudyMetric } from '../../../core/api/studies.ts';

export const metricTitles: Record<StudyMetric, string> = {
  'cross-entropy': 'Cross-entropy (nats)',
  'ndcg@10': '1 − NDCG@10',
};

export function axisTitle(axis: StudyAxis): string {
  return axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
}
