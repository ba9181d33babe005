/** What to change where a step, or a batch of the ranking, does not fit into memory. */
import type { RunMemory } from '../engine/index.ts';
import type { BatchShape } from './step-model.ts';

/** Says how many rows to compute at once, if memory has room for a share of these; `keepsBlocks`: recomputing blocks would help, too. */
export function fewerRows(shapes: readonly BatchShape[], keepsBlocks = false): (share: number) => string {
  return (share) => {
    const { rows, length } = shapes.reduce((most, shape) => (shape.length > most.length ? shape : most));
    const all = shapes.reduce((sum, shape) => sum + shape.rows * shape.length, 0) / length;
    const fit = Math.floor(share * all);
    const places = length === 1 ? '' : ` of ${length.toLocaleString('en')}`;
    if (fit < 1)
      return `a single row${places} does not fit: ${keepsBlocks ? 'set recomputeBlocks=true, ' : ''}make the rows shorter, or the model narrower or shallower`;
    const most = Math.max(rows, Math.round(all)).toLocaleString('en');
    const fewer = `set a lower microBatchTokens: ${fit.toLocaleString('en')} rows${places} fit, not ${most}`;
    return keepsBlocks ? `${fewer}; or set recomputeBlocks=true` : fewer;
  };
}

/** `Program.memory` for a program that ranks a batch of this shape. */
export function rankingMemory(shape: BatchShape): RunMemory {
  return { of: 'a batch of the ranking', toFit: fewerRows([shape]) };
}
