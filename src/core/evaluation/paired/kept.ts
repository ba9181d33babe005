/** What a run keeps of a split; null where it keeps nothing. */
export function ofSplit<T extends { split: string }>(
  kept: Iterable<T> | null | undefined,
  split: string,
): T | null {
  for (const one of kept ?? []) if (one.split === split) return one;
  return null;
}
