/** The runs that models need, such as a tokeniser: which is chosen, and why. */
import type { ModelInfo, SourceChoice } from '../../core/api/models.ts';
import type { Config, RunDraft } from './draft.ts';

/** The draft with the runs that its models need and have not been given: the only one that fits, or of several the newest. */
export function withSources(
  draft: RunDraft,
  models: readonly ModelInfo[],
  sources: readonly Readonly<Record<string, readonly SourceChoice[]>>[],
): RunDraft {
  return {
    ...draft,
    models: draft.models.map((one, at) => {
      const needs = models.find(({ id }) => id === one.model)?.sources ?? {};
      const chosen = Object.entries(needs).flatMap(([key, need]) => {
        const [first] = sources[at]?.[key] ?? [];
        return need === 'required' && !one.overrides[key] && first ? [[key, first.id]] : [];
      });
      return { ...one, overrides: { ...one.overrides, ...Object.fromEntries(chosen) } };
    }),
  };
}

/** Why a run was chosen for a model that needs one; null for a choice of the user's. */
export function sourceNote(own: Config, key: string, runs: readonly SourceChoice[]): string | null {
  if (own[key] || runs.length === 0) return null;
  return runs.length === 1
    ? 'Chosen: the only one on this data set'
    : `Chosen: the newest of ${runs.length} on this data set`;
}
