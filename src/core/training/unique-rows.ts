/** Batches that name rows of a host table, as steps get them: with the distinct rows of the batch, and places among them. */
import { type HostArrays, type HostLookup, RowSlots } from '../engine/index.ts';
import type { BatchShape, StepModel } from './step-model.ts';

/** Numbers of rows that a step is compiled for, as shares of the most that its inputs can name. */
const CAPACITIES = [1 / 3, 2 / 3, 1];

export interface UniqueRowsBatch {
  shape: BatchShape;
  inputs: HostArrays;
  lookups?: readonly HostLookup[];
}

/** The batch as it is where the model reads no host table by row. `inputs` are left alone. */
export function remapToUniqueRows(
  { tableIds, hostTables = {} }: StepModel,
  batch: UniqueRowsBatch,
): UniqueRowsBatch {
  if (!tableIds) return batch;
  const { table, ids } = tableIds;
  const { rows, dim } = hostTables[table];
  const slots = new RowSlots();
  const local: HostArrays = { ...batch.inputs };
  let most = 0;
  for (const [name, { first, weights }] of Object.entries(ids)) {
    const named = batch.inputs[name];
    if (!named) continue;
    most += named.length;
    const weighed = weights === undefined ? null : batch.inputs[weights];
    local[name] = (named as Int32Array).map((id, at) => {
      const row = id + first;
      return row === 0 || weighed?.[at] === 0 ? 0 : slots.slotOf(row) + 1 - first;
    });
  }
  const { count } = slots;
  const distinct = slots.ids.slice();
  const offsets = Int32Array.from({ length: count + 1 }, (_, row) => row);
  const placement = { offset: dim, stride: dim };
  return {
    shape: { ...batch.shape, tableRows: capacity(count, Math.min(most, rows)) },
    inputs: local,
    lookups: [...(batch.lookups ?? []), { table, input: table, bags: { ids: distinct, offsets }, placement }],
  };
}

/** Rows for `count` distinct ones and the padding; at least two, so that there is an item. */
function capacity(count: number, most: number): number {
  const fitting = CAPACITIES.map((share) => Math.ceil(share * most)).find((rows) => rows >= count);
  return 1 + Math.max(1, fitting ?? count);
}
