/** What models that rank items train and are evaluated on. */

import { categoriesOfDataset } from '../../content/categories.ts';
import { openInteractions } from '../../data/read.ts';
import { UserError } from '../../errors.ts';
import { CATEGORY_CUTOFFS } from '../../evaluation/beyond-accuracy.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { type ProtocolConfig, protocolSchema } from '../config.ts';
import type { RunContext } from '../run-context.ts';
import type { MetricValues } from '../step-loop.ts';
import { type TrainingPart, trainingPart } from './training-part.ts';

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

/** What every training of a model that ranks items works on. */
export interface RankingContext extends Listing, TrainingPart, Omit<RunContext, 'config' | 'summary'> {
  protocol: ProtocolConfig;
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
  const { datasetDir } = run.spec;
  const part = trainingPart(await openInteractions(datasetDir), config);
  const { data, split } = part;
  if (split.evaluatedUsers === 0) {
    throw new UserError(
      `data set "${summary.name}" has no user with ${split.validation ? 3 : 2} or more interactions; nothing could be tested`,
    );
  }
  const categories = await categoriesOfDataset(datasetDir);
  const listing = listingOf(data.items, categories?.labels ?? null);
  return { ...others, ...listing, ...part, protocol: protocolSchema.parse(config) };
}
