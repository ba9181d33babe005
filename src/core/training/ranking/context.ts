/** What models that rank items train and are evaluated on. */

import { categoriesOfDataset } from '../../content/categories.ts';
import { hideItems } from '../../data/hidden-items.ts';
import { openInteractions } from '../../data/read.ts';
import { type LeaveLastOut, leaveLastOut, trainedOn } from '../../data/split.ts';
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { CATEGORY_CUTOFFS } from '../../evaluation/beyond-accuracy.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { dataSchema, type ProtocolConfig, protocolSchema } from '../config.ts';
import type { RunContext } from '../run-context.ts';
import type { MetricValues } from '../step-loop.ts';

/** Length of the stored recommendation lists. */
export const LIST_LENGTH = 10;

/** How lists are made, and by what their items are distinguished. */
export interface Listing {
  /** Items of a list when it is measured; at most as many as there are. */
  listLength: number;
  /** [items] category of each, -1 for none; null where the data set has no categories. */
  categories: Int32Array | null;
}

/** Lists are longer than those that are stored where the diversity of their categories is measured, too. */
export function listingOf(items: number, categories: Int32Array | null): Listing {
  const longest = categories ? Math.max(LIST_LENGTH, ...CATEGORY_CUTOFFS) : LIST_LENGTH;
  return { listLength: Math.min(longest, items), categories };
}

/** The interactions with `items` counting every candidate: those with interactions, or the whole catalogue. */
export function candidatesOf(
  data: Interactions,
  { candidates }: Pick<ProtocolConfig, 'candidates'>,
): Interactions {
  return candidates === 'catalogue' ? { ...data, items: data.catalogueItems } : data;
}

/** What every training of a model that ranks items works on. */
export interface RankingContext extends Listing, Omit<RunContext, 'config' | 'summary'> {
  protocol: ProtocolConfig;
  /** As candidatesOf gives them. */
  data: Interactions;
  split: LeaveLastOut;
  /** End (exclusive) of every user's training part, [users]. */
  trainEnd: Int32Array;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
}

/** What a training or evaluation found; metrics and protocol follow from it. */
export interface RankingOutcome {
  status: 'completed' | 'cancelled';
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  ranks: UserRanks[];
  /** Metrics that do not follow from the ranks. */
  measures?: MetricValues;
  /** As the protocol names it. */
  selection: NextItemProtocol['selection'];
}

/**
 * The interactions as the config's protocol divides them.
 * Throws UserError where the data set has nothing to test.
 */
export async function rankingContext(run: RunContext): Promise<RankingContext> {
  const { config, summary, ...others } = run;
  const protocol = protocolSchema.parse(config);
  const validation = protocol.protocol === 'validated';
  const { datasetDir } = run.spec;
  const { data, hidden } = await rankedInteractions(datasetDir, protocol);
  const split = leaveLastOut(data, { validation });
  if (split.evaluatedUsers === 0) {
    throw new UserError(
      `data set "${summary.name}" has no user with ${validation ? 3 : 2} or more interactions; nothing could be tested`,
    );
  }
  const trainEnd = trainedOn(split, dataSchema.parse(config).trainUsers);
  const categories = await categoriesOfDataset(datasetDir);
  const listing = listingOf(data.items, categories?.labels ?? null);
  return { ...others, ...listing, protocol, data, split, trainEnd, hidden };
}

/** The interactions with the candidates counted and new items hidden, as the config has it. */
export async function rankedInteractions(
  datasetDir: string,
  config: ProtocolConfig,
): Promise<Pick<RankingContext, 'data' | 'hidden'>> {
  const data = candidatesOf(await openInteractions(datasetDir), config);
  const { coldItems, coldSeed, protocol } = config;
  if (coldItems === 0) return { data, hidden: null };
  return hideItems(data, coldItems, coldSeed, protocol === 'validated' ? 2 : 1);
}
