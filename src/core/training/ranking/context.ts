import type { LeaveLastOut } from '../../data/split.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import { CATEGORY_CUTOFFS } from '../../evaluation/beyond-accuracy.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';
import type { TrainerEvent, TrainSpec } from '../events.ts';

/** Length of the stored recommendation lists. */
export const LIST_LENGTH = 10;

/** How lists are made and what their items are told apart by. */
export interface Listing {
  /** Items of a list when it is measured; at most as many as there are. */
  listLength: number;
  /** [items] category of each, -1 for none; null where the data set has no categories. */
  categories: Int32Array | null;
}

/** Lists are longer than those that are stored where the diversity of their categories is measured, too. */
export function listingOf(items: number, categories: Int32Array | null): Listing {
  const wanted = categories ? Math.max(LIST_LENGTH, ...CATEGORY_CUTOFFS) : LIST_LENGTH;
  return { listLength: Math.min(wanted, items), categories };
}

/** The interactions with `items` counting every candidate: those with interactions, or the whole catalogue. */
export function candidatesOf(
  data: Interactions,
  { candidates }: Pick<ProtocolConfig, 'candidates'>,
): Interactions {
  return candidates === 'catalogue' ? { ...data, items: data.catalogueItems } : data;
}

/** What every kind of training works on. */
export interface TrainingContext extends Listing {
  spec: TrainSpec;
  /** As candidatesOf gives them. */
  data: Interactions;
  split: LeaveLastOut;
  /** End (exclusive) of every user's training part, [users]. */
  trainEnd: Int32Array;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
  device: DeviceContext;
  emit(event: TrainerEvent): void;
  signal?: AbortSignal;
}

/** What a kind of training hands back; metrics and protocol follow from it. */
export interface TrainingOutcome {
  status: 'completed' | 'cancelled';
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  ranks: UserRanks[];
  /** Metrics that do not follow from the ranks. */
  measures?: Record<string, number>;
  /** As the protocol names it. */
  selection: NextItemProtocol['selection'];
}
