/** What models that rank items train and are evaluated on. */
import { z } from 'zod';
import { categoriesOfDataset } from '../../content/categories.ts';
import { openInteractions } from '../../data/read.ts';
import { codedSide } from '../../data/side/coding.ts';
import { readSideColumns } from '../../data/side/read.ts';
import { sideNames } from '../../data/side/types.ts';
import { hideItems } from '../../data/splits/hidden-items.ts';
import { splitFields, splitOf, splitWords } from '../../data/splits/index.ts';
import { type Split, trainedOn } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { CATEGORY_CUTOFFS } from '../../evaluation/beyond-accuracy.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { type Config, dataFields, protocolFields, type RankedConfig, rankedSchema } from '../config.ts';
import type { RunContext } from '../run-context.ts';
import type { MetricValues } from '../step-loop.ts';

/** Which interactions a run is trained on: `trainingPart` alone decides it. */
export interface TrainingPart {
  /** With `items` counting every candidate, and without what is hidden. */
  data: Interactions;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
  split: Split;
  /** End (exclusive) of every user's training part, [users]; empty for users that are not trained on. */
  trainEnd: Int32Array;
}

const { protocol, candidates, coldItems, coldSeed } = protocolFields;
const partSchema = z.object({ protocol, ...splitFields, candidates, coldItems, coldSeed, ...dataFields });

/** Equal for runs on one data set that are trained on the same interactions and rank the same candidates. */
export function trainingPartKey(config: Config): string {
  return JSON.stringify(partSchema.parse(config));
}

/** Divides the interactions as the config of a ranking model says. */
export function trainingPart(interactions: Interactions, config: Config): TrainingPart {
  const part = partSchema.parse(config);
  const validation = part.protocol === 'validated';
  const { catalogueItems } = interactions;
  const all = part.candidates === 'catalogue' ? { ...interactions, items: catalogueItems } : interactions;
  const { data, hidden } =
    part.coldItems === 0
      ? { data: all, hidden: null }
      : hideItems(all, part.coldItems, part.coldSeed, validation ? 2 : 1);
  const split = splitOf(part).part(data, validation);
  return { data, hidden, split, trainEnd: trainedOn(split, part.trainUsers) };
}

/**
 * The interactions of a data set, divided, with the side features that the config names.
 * @throws UserError where the data set has no such column
 */
export async function openTrainingPart(datasetDir: string, config: Config): Promise<TrainingPart> {
  const interactions = await openInteractions(datasetDir);
  const names = sideNames(config.sideFeatures);
  if (names.length === 0) return trainingPart(interactions, config);
  const side = await readSideColumns(datasetDir, names);
  const part = trainingPart({ ...interactions, side }, config);
  return { ...part, data: { ...part.data, side: codedSide(part.data, part.trainEnd) } };
}

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
export interface RankingContext extends Listing, TrainingPart, RunContext<RankedConfig> {}

/** What a training or evaluation found; metrics and protocol follow from it. */
export interface RankingOutcome {
  status: 'completed' | 'cancelled';
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  /** Of ranking all candidates for one user, in the batches of the test. */
  listSeconds?: number | null;
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
  const { summary } = run;
  const { datasetDir } = run.spec;
  const config = rankedSchema.parse(run.config);
  const part = await openTrainingPart(datasetDir, config);
  const { data, split } = part;
  const nobody = (['test', ...(split.validation ? ['valid' as const] : [])] as const).some(
    (which) => split.usersWithTargets(which).length === 0,
  );
  const untrained = split.trainEnds().every((end, user) => end === split.start(user));
  const rule = splitOf(config);
  if (nobody || untrained) {
    const left = part.hidden ? `, without the items that coldItems=${config.coldItems} hides,` : '';
    throw new UserError(`data set "${summary.name}"${left} ${rule.nobody(split.validation)}`);
  }
  const tested = rule.tested(split);
  if (tested !== null) run.emit({ type: 'log', level: 'info', message: `${splitWords(rule)}: ${tested}` });
  const categories = await categoriesOfDataset(datasetDir);
  const listing = listingOf(data.items, categories?.labels ?? null);
  return { ...run, ...listing, ...part, config };
}
