import type { LeaveLastOut } from '../data/split.ts';
import type { Interactions } from '../data/types.ts';
import type { DeviceContext } from '../engine/index.ts';
import type { NextItemProtocol, UserRanks } from '../evaluation/types.ts';
import type { ProtocolConfig } from '../models/config.ts';
import type { TrainerEvent, TrainSpec } from './events.ts';

/** Length of the stored recommendation lists. */
export const LIST_LENGTH = 10;

/** The interactions with `items` counting every candidate: those with interactions, or the whole catalogue. */
export function candidatesOf(
  data: Interactions,
  { candidates }: Pick<ProtocolConfig, 'candidates'>,
): Interactions {
  return candidates === 'catalogue' ? { ...data, items: data.catalogueItems } : data;
}

/** What every kind of training works on. */
export interface TrainingContext {
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
