import { modelTitle } from '../../../core/api/models.ts';
import type { StudyEntry } from '../../../core/api/studies.ts';

/** A study's models, by their titles. */
export function studyModels({ model, sizes }: StudyEntry['spec']): string {
  const models = new Set(sizes.map(({ variant }) => variant?.model ?? model));
  return [...models].map(modelTitle).join(', ');
}

/** "16x2, 32x2", or "base, Large". */
export function sizesText({ kind, sizes }: StudyEntry['spec']): string {
  return kind === 'base-large' ? 'base, Large' : sizes.map(({ label }) => label).join(', ');
}
