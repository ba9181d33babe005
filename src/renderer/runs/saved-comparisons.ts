/** Comparisons under names of the user's own, with what was concluded. */
import { z } from 'zod';
import { useView } from '../state/view.ts';

const savedComparison = z.object({
  name: z.string(),
  /** What was concluded; it goes into reports. */
  notes: z.string(),
  runs: z.array(z.string()).min(1),
  /** Undefined for the usual one, null for none. */
  baseline: z.string().nullable().optional(),
  metrics: z.array(z.string()).optional(),
  /** Id of the project that it belongs to; undefined for none. */
  project: z.string().optional(),
  /** Unix milliseconds. */
  savedAt: z.number(),
});
export type SavedComparison = z.output<typeof savedComparison>;

const savedComparisons = z.array(savedComparison);
const NONE: SavedComparison[] = [];
const check = (stored: unknown) => savedComparisons.safeParse(stored).data ?? null;

/** All of them, and how to change them. */
export function useSavedComparisons() {
  return useView('compare:saved', NONE, check);
}

/** The saved comparison of the same runs, in whatever order. */
export function savedOf(
  all: readonly SavedComparison[],
  runs: readonly string[],
): SavedComparison | undefined {
  const key = (ids: readonly string[]) => [...ids].sort().join(',');
  return all.find((one) => key(one.runs) === key(runs));
}
