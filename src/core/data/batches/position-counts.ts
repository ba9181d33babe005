import type { Interactions } from '../types.ts';

/** Positions that predict in one epoch, and the mean length of what the model sees at once. */
export interface DataCounts {
  positions: number;
  meanLength: number;
}

/** trainEnd [users] as the training has it. */
export function countData(
  { data: { offsets, users }, trainEnd }: { data: Interactions; trainEnd: Int32Array },
  maxLength: number,
): DataCounts {
  let [positions, squares] = [0, 0];
  for (let user = 0; user < users; user++) {
    const length = Math.min(maxLength, Math.max(0, trainEnd[user] - offsets[user] - 1));
    positions += length;
    squares += length * length;
  }
  return { positions, meanLength: positions > 0 ? squares / positions : 0 };
}
