/** What to change where a step, or a batch of the ranking, does not fit into memory. */
import type { RunMemory } from '../engine/index.ts';
import type { BatchShape } from './step-model.ts';

/** Says how many rows to compute at once where a share of these fits, and what else helps where blocks are kept. */
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

/** As `Program.memory` of what ranks rows of a shape. */
export function rankingMemory(shape: BatchShape): RunMemory {
  return { of: 'a batch of the ranking', toFit: fewerRows([shape]) };
}
