import type { StudyAxis, StudyEntry, StudyMetric } from '../../../core/api/studies.ts';

export const metricTitles: Record<StudyMetric, string> = {
  'cross-entropy': 'Cross-entropy (nats)',
  'ndcg@10': '1 − NDCG@10',
};

export function axisTitle(axis: StudyAxis): string {
  return axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
}

/** Colour-blind safe (Okabe and Ito 2008), readable on both backgrounds. */
export const LAW_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8c6d00', '#5b6cd6', '#7a7a7a'];

/** Ids of a study's models. */
export function studyModels({ model, sizes }: StudyEntry['spec']): string[] {
  return [...new Set(sizes.map(({ variant }) => variant?.model ?? model))];
}

/** "16x2, 32x2", or "base, Large". */
export function sizesText({ kind, sizes }: StudyEntry['spec']): string {
  return kind === 'base-large' ? 'base, Large' : sizes.map(({ label }) => label).join(', ');
}
