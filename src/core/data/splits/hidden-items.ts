/** Items that training never sees, to measure what a model makes of new ones. */
import { Random } from '../../math/random.ts';
import { keptRows } from '../side/types.ts';
import type { Interactions } from '../types.ts';
import { leaveLastOut } from './leave-last-out.ts';

/** The interactions whose index `keeps` accepts, in their order. */
export function keepInteractions(data: Interactions, keeps: (index: number) => boolean): Interactions {
  const { itemIds, times, ratings, actions, side } = data;
  const indices = new Int32Array(itemIds.length);
  let count = 0;
  const offsets = new Int32Array(data.users + 1);
  for (let user = 0; user < data.users; user++) {
    for (let at = data.offsets[user]; at < data.offsets[user + 1]; at++) if (keeps(at)) indices[count++] = at;
    offsets[user + 1] = count;
  }
  const kept = indices.subarray(0, count);
  return {
    ...data,
    offsets,
    itemIds: Int32Array.from(kept, (at) => itemIds[at]),
    times: times && Float64Array.from(kept, (at) => times[at]),
    ratings: ratings && Float32Array.from(kept, (at) => ratings[at]),
    ...(actions ? { actions: Int32Array.from(kept, (at) => actions[at]) } : {}),
    ...(side
      ? { side: side.map((column) => (column.of === 'event' ? keptRows(column, kept) : column)) }
      : {}),
  };
}

export interface HiddenItems {
  /** Without the interactions with hidden items, but for those that are test targets. */
  data: Interactions;
  /** [items] 1 where an item is hidden. */
  hidden: Uint8Array;
}

/**
 * Hides a share of the items that are test targets, drawn by the seed (Rajput et al. 2023, section 5: 5 % of them).
 * `heldOut`: interactions of a user that are held out, so that a user with no more than these only trains.
 */
export function hideItems(data: Interactions, share: number, seed: number, heldOut: 1 | 2): HiddenItems {
  const hidden = new Uint8Array(data.items);
  const split = leaveLastOut(data, { validation: heldOut === 2 });
  const targets = new Set(
    Array.from(split.usersWithTargets(), (user) => data.itemIds[split.testIndex(user)]),
  );
  const drawn = new Random(seed, 0, 'cold-items').shuffle([...targets].sort((a, b) => a - b));
  for (const item of drawn.slice(0, Math.round(share * drawn.length))) hidden[item] = 1;
  const seen = (at: number) => hidden[data.itemIds[at]] === 0;
  const last = new Set<number>();
  for (let user = 0; user < data.users; user++) {
    const [start, end] = [data.offsets[user], data.offsets[user + 1]];
    let others = 0;
    for (let at = start; at < end - 1; at++) if (seen(at)) others++;
    if (others >= heldOut) last.add(end - 1);
  }
  return { data: keepInteractions(data, (at) => seen(at) || last.has(at)), hidden };
}
