/** Comparisons under names of the user's own, with what was concluded. */
import { useQuery } from '@tanstack/react-query';
import type { SavedComparison } from '../../core/api/comparisons.ts';
import { api } from '../state/api.ts';

const NONE: SavedComparison[] = [];

/** By name; none until they are known. */
export function useSavedComparisons(): SavedComparison[] {
  return useQuery(api.comparisons.list.queryOptions()).data ?? NONE;
}

/** The saved comparison of the same runs, in whatever order. */
export function savedOf(
  all: readonly SavedComparison[],
  runs: readonly string[],
): SavedComparison | undefined {
  const key = (ids: readonly string[]) => [...ids].sort().join(',');
  return all.find((one) => key(one.runs) === key(runs));
}
