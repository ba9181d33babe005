import type { SliceComparison } from '../../../core/api/compare.ts';

export type SliceKindName = SliceComparison['slices'][number]['by'];

/** The slices of one kind of a row. */
export function slicesOf(
  rows: readonly SliceComparison[],
  id: string,
  kind: SliceKindName,
): SliceComparison['slices'] {
  return (rows.find((row) => row.id === id)?.slices ?? []).filter(({ by }) => by === kind);
}
